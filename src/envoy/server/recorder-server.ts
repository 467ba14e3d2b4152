import type { Server, ServerDuplexStream } from '@grpc/grpc-js'
import type { RecorderCut } from '../../session/recording/recorder-cut.ts'
import type { OnSession, SessionHandler } from '../../session/recording/session-handler.ts'
import { AnswerHeadReader } from '../../session/tunnel/answer-head.ts'
import type { Side } from '../../session/tunnel/tunnel.ts'
import { RECORDER_PART } from '../recorder-part.ts'
import { type ProcessingRequest, toAuditId, toProtocol, toSessionRequest } from '../to-session-request.ts'
import { serviceDefinition } from './protos.ts'

type Call = ServerDuplexStream<ProcessingRequest, object>
/** To go on; to go on with other bytes; why not. */
type Answer = null | Uint8Array | RecorderCut

/**
 * Serves Envoy's ext_proc, two side streams for each session: one at the boundary, by which a session may begin and is ended, with what
 * its client sends; and behind it that of the bytes which the API server answers. Envoy holds every piece back until it is answered here,
 * so what is answered is kept. Nothing but ends a session: the death of this process, an error, an ImmediateResponse. Ending a side stream
 * with OK would let its session go on unrecorded: only Envoy ends it.
 */
export function addRecorder(server: Server, onSession: OnSession): void {
  const sessions = new Map<string, Session>()
  server.addService(serviceDefinition('envoy.service.ext_proc.v3.ExternalProcessor'), {
    Process: (call: Call) => {
      const [part] = call.metadata.get(RECORDER_PART)
      if (part === 'session') serveSession(call, sessions, onSession)
      else serveAnswer(call, sessions)
    },
  })
}

/** What both side streams of a session have in common. */
interface Session {
  readonly handler: SessionHandler
  /** Only once: whoever came a second time with the same id would be another session. */
  hasAnswer: boolean
  /** Side streams that are open. */
  open: number
  readonly cut: (reason: RecorderCut) => void
}

function serveSession(call: Call, sessions: Map<string, Session>, onSession: OnSession): void {
  const answers = new Answers(call)
  let handler: SessionHandler | null = null
  let leave: () => void = () => undefined
  serve(call, {
    onMessage: message => {
      if (message.request === 'request_body') {
        if (handler === null) return answers.cut('recorder_not_a_session')
        return answers.put(message, passed(handler, 'client', message.request_body?.body))
      }
      if (message.request !== 'request_headers') return answers.put(message, null)
      const request = toSessionRequest(message)
      if (request === null || sessions.has(request.auditId)) return answers.put(message, 'recorder_not_a_session')
      handler = onSession(request, reason => answers.cut(reason))
      const session = { handler, hasAnswer: false, open: 0, cut: answers.cut }
      sessions.set(request.auditId, session)
      leave = entered(session, () => sessions.delete(request.auditId))
      answers.put(message, handler.opened)
    },
    onOver: () => {
      answers.close()
      leave()
    },
  })
}

function serveAnswer(call: Call, sessions: ReadonlyMap<string, Session>): void {
  const answers = new Answers(call)
  const head = new AnswerHeadReader()
  let isInHead = true
  let session: Session | null = null
  let leave: () => void = () => undefined
  // By the other side stream, for there the reason is heard. Here nothing is answered any more, so nothing passes.
  const answer = (message: ProcessingRequest, what: Answer | Promise<Answer>): void =>
    answers.put(message, what, reason => session?.cut(reason))
  const pass = (handler: SessionHandler, piece: Uint8Array): Answer | Promise<Answer> => {
    if (!isInHead) return passed(handler, 'server', piece)
    const read = head.push(piece)
    if (read.kind === 'partial') return null
    if (read.kind === 'unreadable') return 'recorder_unreadable'
    isInHead = false
    return handler.upgraded(toProtocol(read)) ?? behind(piece, read.rest, rest => passed(handler, 'server', rest))
  }
  serve(call, {
    onMessage: message => {
      if (message.request === 'request_headers') {
        const found = sessions.get(toAuditId(message) ?? '')
        if (found === undefined || found.hasAnswer || session !== null) return answers.cut('recorder_not_a_session')
        session = found
        session.hasAnswer = true
        leave = entered(session, () => undefined)
        return answer(message, null)
      }
      if (session === null) return answers.cut('recorder_not_a_session')
      const body = message.response_body?.body
      if (message.request !== 'response_body') answers.cut('recorder_failed')
      else answer(message, body === undefined || body.length === 0 ? null : pass(session.handler, body))
    },
    onOver: () => {
      answers.close()
      leave()
    },
  })
}

/** There are empty ones around the handshake. */
function passed(handler: SessionHandler, from: Side, body: Uint8Array = NOTHING): Answer | Promise<Answer> {
  return body.length === 0 ? null : handler.bytes(from, body)
}

const NOTHING = new Uint8Array()

/** What becomes of a piece whose first bytes go on as they are. */
async function behind(
  piece: Uint8Array,
  at: number,
  pass: (rest: Uint8Array) => Answer | Promise<Answer>,
): Promise<Answer> {
  const answer = await pass(piece.subarray(at))
  return answer === null || typeof answer === 'string' ? answer : Buffer.concat([piece.subarray(0, at), answer])
}

/** Counts a side stream of the session; what is returned counts it off. With the last one the session is over. */
function entered(session: Session, onLeave: () => void): () => void {
  session.open += 1
  return () => {
    onLeave()
    session.open -= 1
    if (session.open === 0) session.handler.over()
  }
}

interface Handlers {
  readonly onMessage: (message: ProcessingRequest) => void
  readonly onOver: () => void
}

function serve(call: Call, { onMessage, onOver }: Handlers): void {
  let isOver = false
  const over = (): void => {
    if (isOver) return
    isOver = true
    onOver()
  }
  call.on('data', (message: ProcessingRequest) => {
    if (!isOver) onMessage(message)
  })
  call.on('end', () => {
    over()
    call.end()
  })
  call.on('cancelled', over)
  call.on('error', over)
}

/** Goes out in the order in which pieces came. */
class Answers {
  readonly #call: Call
  #last: Promise<void> = Promise.resolve()
  #isClosed = false

  constructor(call: Call) {
    this.#call = call
  }

  /** Whatever it is when it comes; a reason ends, by `cut`. */
  put(
    { request = '' }: ProcessingRequest,
    answer: Answer | Promise<Answer>,
    cut: (reason: RecorderCut) => void = this.cut,
  ): void {
    this.#last = this.#last.then(async () => {
      const what = await settled(answer)
      if (this.#isClosed) return
      if (typeof what !== 'string') return void this.#call.write({ [request]: what === null ? {} : inPlaceOf(what) })
      this.#isClosed = true
      cut(what)
    })
  }

  /** `details` is what the access log shows as the reason of the end. */
  cut = (reason: RecorderCut): void => {
    this.#isClosed = true
    if (this.#call.writable && !this.#call.cancelled)
      this.#call.write({ immediate_response: { status: { code: 503 }, details: reason } })
  }

  close(): void {
    this.#isClosed = true
  }
}

/** envoy.service.ext_proc.v3.BodyResponse */
function inPlaceOf(body: Uint8Array): object {
  return { response: { body_mutation: { body } } }
}

async function settled(answer: Answer | Promise<Answer>): Promise<Answer> {
  try {
    return await answer
  } catch {
    return 'recorder_failed'
  }
}
