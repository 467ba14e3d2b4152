import type { Http2Server, IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2'

/** A method of one message and one answer, both as they are on the wire. */
export interface UnaryMethod {
  /** `/package.Service/Method`. */
  readonly path: string
  /** Rejects where there is no answer: Envoy takes that for a denial. */
  readonly answer: (message: Buffer) => Promise<Buffer>
}

/** doc/statuscodes.md of gRPC. */
const RESOURCE_EXHAUSTED = '8'
const UNIMPLEMENTED = '12'
const INTERNAL = '13'
const UNAVAILABLE = '14'

const BEGIN = { ':status': 200, 'content-type': 'application/grpc+proto' }
const END = { 'grpc-status': '0' }
/** Nobody reads a date there. */
const WITH_TRAILERS = { waitForTrailers: true, sendDate: false }
/** Whether it is compressed, and how long it is. */
const PREFIX_BYTES = 5

type OnStream = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, ...more: unknown[]) => void

/**
 * Answers one method of a gRPC server by itself: for each call the library makes a dozen objects and as many turns, which take as long
 * as HTTP/2 does (docs/performance.md). All else, and a call that is not quite as Envoy's are, is the library's.
 */
export function answerPast(server: Http2Server, method: UnaryMethod, maxBytes: number): void {
  const others = server.listeners('stream') as OnStream[]
  server.removeAllListeners('stream')
  server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, ...more: unknown[]) => {
    if (isPlain(headers, method)) serve(stream, method, maxBytes)
    else for (const other of others) other.call(server, stream, headers, ...more)
  })
}

function isPlain(headers: IncomingHttpHeaders, { path }: UnaryMethod): boolean {
  const encoding = headers['grpc-encoding']
  return (
    headers[':path'] === path &&
    headers[':method'] === 'POST' &&
    headers['content-type'] === 'application/grpc' &&
    (encoding === undefined || encoding === 'identity')
  )
}

function serve(stream: ServerHttp2Stream, { answer }: UnaryMethod, maxBytes: number): void {
  const parts: Buffer[] = []
  let bytes = 0
  // Reset by its peer: it hears nothing in any case.
  stream.on('error', () => undefined)
  stream.once('close', forgetMessage)
  stream.on('data', (part: Buffer) => {
    bytes += part.length
    if (bytes <= maxBytes + PREFIX_BYTES) parts.push(part)
    else fail(stream, RESOURCE_EXHAUSTED)
  })
  stream.on('end', () => {
    if (bytes > maxBytes + PREFIX_BYTES) return
    const message = messageIn(parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts))
    if (typeof message === 'string') fail(stream, message)
    else
      answer(message).then(
        said => respond(stream, said),
        () => fail(stream, UNAVAILABLE),
      )
  })
}

/** Node.js keeps a stream that has ended until a full collection, and with it what its listeners know of. */
function forgetMessage(this: ServerHttp2Stream): void {
  this.removeAllListeners()
}

/** The one message of a call, or the status of a call that has another number of them. */
function messageIn(frame: Buffer): Buffer | string {
  if (frame.length < PREFIX_BYTES || frame.readUInt32BE(1) !== frame.length - PREFIX_BYTES) return INTERNAL
  return frame[0] === 0 ? frame.subarray(PREFIX_BYTES) : UNIMPLEMENTED
}

function respond(stream: ServerHttp2Stream, message: Buffer): void {
  if (stream.destroyed || stream.closed) return
  const frame = Buffer.allocUnsafe(PREFIX_BYTES + message.length)
  frame[0] = 0
  frame.writeUInt32BE(message.length, 1)
  message.copy(frame, PREFIX_BYTES)
  stream.respond(BEGIN, WITH_TRAILERS)
  stream.once('wantTrailers', () => stream.sendTrailers(END))
  stream.end(frame)
}

function fail(stream: ServerHttp2Stream, status: string): void {
  if (stream.destroyed || stream.closed || stream.headersSent) return
  stream.respond({ ...BEGIN, 'grpc-status': status }, { endStream: true })
}
