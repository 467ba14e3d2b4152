import type { Http2Session, ServerHttp2Stream } from 'node:http2'
import { setTimeout as wait } from 'node:timers/promises'
import type { Server, ServerReadableStream, sendUnaryData } from '@grpc/grpc-js'
import type { Outcome } from '../../record/outcome.ts'
import type { RowKey } from '../../record/row-key.ts'
import { type HttpAccessLogEntry, toOutcome } from '../to-outcome.ts'
import { type PutOff, toPutOff } from '../to-put-off.ts'
import { ACCESS_LOGS } from '../wire/access-log-codec.ts'
import type { AccessLogMessage } from '../wire/plain-log.ts'
import { type GrpcDoor, startGrpcServer, WINDOW_BYTES } from './grpc-server.ts'

/** Longer than Envoy collects what it has to tell: by then a worker that had no stream, and had not heard, has opened one. */
const QUIET_MS = 500
const LOOK_EVERY_MS = 50
const ANSWER = { ':status': 200, 'content-type': 'application/grpc+proto', 'grpc-status': '0' }

type LogCall = ServerReadableStream<AccessLogMessage, object>

export interface AccessLogHandlers {
  readonly onOutcome: (outcome: Outcome) => void
  /** A worker of Envoy hung up, though nobody asked it to, while these ran on it: its Envoy is gone, or it tells another tap. */
  readonly onGone: (keys: readonly RowKey[], at: number) => void
}

/** Of one stream, which is one worker of Envoy: a request stays with its worker. */
interface Listener {
  readonly onEntry: (entry: HttpAccessLogEntry) => void
  readonly onLost: () => void
}

/** The streams that are open. */
interface LogStreams {
  /** Ends them without loss; resolves when they stay away, or at the limit. */
  readonly end: (limitMs: number) => Promise<void>
}

export interface AccessLogServer {
  /** Nothing that Envoy tells is lost by it. */
  readonly stop: (limitMs: number) => Promise<void>
}

/**
 * Listens for Envoy's access log. Envoy delivers at most once: what it has written counts as delivered, whoever reads it, so a stop takes
 * its time. Each Envoy hears first that we leave; then its streams end, which it never does by itself; a worker that has heard hangs up then,
 * and as there is nobody to open another stream to, it keeps what comes.
 */
export async function startAccessLogServer(door: GrpcDoor, handlers: AccessLogHandlers): Promise<AccessLogServer> {
  const made: LogStreams[] = []
  const server = await startGrpcServer({ door, addServices: grpc => void made.push(addAccessLog(grpc, handlers)) })
  return {
    stop: async limitMs => {
      const late = performance.now() + limitMs
      server.leave()
      while (!server.isHeard() && performance.now() < late) await wait(LOOK_EVERY_MS)
      for (const streams of made) await streams.end(late - performance.now())
      await server.stop(0)
    },
  }
}

/** Serves Envoy's access log service. What is lost here shows as an unknown outcome. */
export function addAccessLog(server: Server, { onOutcome, onGone }: AccessLogHandlers): LogStreams {
  return serve(server, () => {
    const running = new Map<string, RowKey>()
    return {
      onEntry: entry => {
        const outcome = toOutcome(entry, Date.now())
        if (outcome.phase === 'end') running.delete(outcome.key?.auditId ?? '')
        else if (outcome.key !== null) running.set(outcome.key.auditId, outcome.key)
        onOutcome(outcome)
      },
      onLost: () => onGone([...running.values()], Date.now()),
    }
  })
}

/** The same for the few entries that Envoy sends the authorizer. What is lost leaves a yes used. */
export function addPutOffLog(server: Server, onPutOff: (putOff: PutOff) => void): void {
  const onEntry = (entry: HttpAccessLogEntry): void => {
    const putOff = toPutOff(entry)
    if (putOff !== null) onPutOff(putOff)
  }
  serve(server, () => ({ onEntry, onLost: () => undefined }))
}

function serve(server: Server, newListener: () => Listener): LogStreams {
  const open = new Set<LogCall>()
  /** Each of a worker of Envoy's. One without a stream stays while its worker has not heard, and could open another one. */
  const connections = new Set<Http2Session>()
  let isEnding = false
  let lastGoneAt = Number.NEGATIVE_INFINITY
  const note = (connection: Http2Session | undefined): void => {
    if (connection === undefined || connections.has(connection)) return
    connections.add(connection)
    // Of all its streams together; its settings have that of each.
    connection.setLocalWindowSize(WINDOW_BYTES)
    connection.once('close', () => {
      connections.delete(connection)
      lastGoneAt = performance.now()
    })
  }
  server.addService(ACCESS_LOGS, {
    StreamAccessLogs: (call: LogCall, respond: sendUnaryData<object>) => {
      const { onEntry, onLost } = newListener()
      open.add(call)
      // By whichever comes first: of an Envoy that is killed the stream may look like one that came to its end.
      const over = (): void => {
        if (!open.delete(call)) return
        lastGoneAt = performance.now()
        if (!isEnding) onLost()
      }
      note(streamOf(call).session)
      call.on('data', ({ http_logs }: AccessLogMessage) => {
        for (const entry of http_logs?.log_entry ?? []) onEntry(entry)
      })
      call.on('end', () => {
        over()
        respond(null, {})
      })
      call.on('cancelled', over)
      call.on('error', () => undefined)
      if (isEnding) sayEnd(call)
    },
  })
  return {
    end: async limitMs => {
      const late = performance.now() + limitMs
      isEnding = true
      for (const call of open) sayEnd(call)
      const isOver = () => open.size === 0 && connections.size === 0 && performance.now() - lastGoneAt >= QUIET_MS
      while (!isOver() && performance.now() < late) await wait(LOOK_EVERY_MS)
    },
  }
}

function streamOf(call: LogCall): ServerHttp2Stream {
  return (call as unknown as { readonly call: { readonly stream: ServerHttp2Stream } }).call.stream
}

/**
 * Answers the stream, and goes on reading until Envoy resets it: by then it has all that was on its way. The library would throw that
 * away, so its HTTP/2 stream is answered past it; see the test of a tap that is told to end.
 */
function sayEnd(call: LogCall): void {
  const stream = streamOf(call)
  if (!stream.headersSent && !stream.closed) stream.respond(ANSWER, { endStream: true })
}
