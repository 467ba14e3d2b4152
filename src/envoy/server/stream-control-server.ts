import type { Server, ServerDuplexStream } from '@grpc/grpc-js'
import type { CutReason, LiveStream } from '../../session/live-streams.ts'
import { fromMetadata, isWatchedIn, METADATA_NAMESPACE, secondsIn, timesNarrowedIn } from '../metadata.ts'
import type { Struct } from '../struct.ts'
import { serviceDefinition } from './protos.ts'

/** envoy.service.ext_proc.v3.ProcessingRequest, as far as it is read. */
interface ProcessingRequest {
  readonly request?: 'request_headers' | 'response_headers' | 'request_trailers' | 'response_trailers' | string
  readonly metadata_context?: { readonly filter_metadata?: Readonly<Record<string, Struct>> }
}

type Call = ServerDuplexStream<ProcessingRequest, object>

interface Handlers {
  readonly onOpen: (stream: LiveStream) => void
  readonly onClose: (stream: LiveStream) => void
}

const INVALID_ARGUMENT = 3

/**
 * Serves Envoy's ext_proc: one side stream for each watch, log and exec, open as long as that runs. An ImmediateResponse on it
 * ends the stream; so does an error or the death of this process. Ending it with OK would let the stream go on uncontrolled, so
 * only Envoy ends it.
 */
export function addStreamControl(server: Server, handlers: Handlers): void {
  server.addService(serviceDefinition('envoy.service.ext_proc.v3.ExternalProcessor'), {
    Process: (call: Call) => control(call, handlers),
  })
}

function control(call: Call, { onOpen, onClose }: Handlers): void {
  let stream: LiveStream | null = null
  let isOver = false
  const over = (): void => {
    if (isOver) return
    isOver = true
    if (stream !== null) onClose(stream)
  }
  call.on('data', (message: ProcessingRequest) => {
    if (message.request === 'request_headers' && stream === null) {
      stream = toLiveStream(message, call)
      if (stream === null) {
        over()
        call.emit('error', { code: INVALID_ARGUMENT, details: 'no decision came with this stream' })
        return
      }
      onOpen(stream)
    }
    if (!isOver && call.writable) call.write({ [message.request ?? 'request_headers']: {} })
  })
  call.on('end', () => {
    over()
    call.end()
  })
  call.on('cancelled', over)
  call.on('error', over)
}

function toLiveStream({ metadata_context }: ProcessingRequest, call: Call): LiveStream | null {
  const said = metadata_context?.filter_metadata?.[METADATA_NAMESPACE]
  const key = fromMetadata(said)
  if (key === null || key.lease === '') return null
  const watched = isWatchedIn(said) ? ({ watched: true } as const) : {}
  const seconds = secondsIn(said)
  const timed = seconds === null ? {} : { seconds }
  const narrowed = timesNarrowedIn(said)
  return { auditId: key.auditId, lease: key.lease, narrowed, ...watched, ...timed, cut: reason => cut(call, reason) }
}

/** `details` is what the access log shows as the reason of the end. */
function cut(call: Call, reason: CutReason): void {
  if (call.writable && !call.cancelled) {
    call.write({ immediate_response: { status: { code: 403 }, details: reason } })
  }
}
