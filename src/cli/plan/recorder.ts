import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A request that would change something, as a client sent it. */
export interface Recorded {
  readonly method: string
  readonly target: string
  readonly contentType: string
  readonly body: Buffer
}

export interface Recorder {
  readonly port: number
  /** In the order in which they came. */
  readonly recorded: readonly Recorded[]
  /** How many requests came, reads among them. */
  readonly heard: () => number
  readonly close: () => void
}

interface Recording {
  /** Where reads are answered: a Unix socket that takes plain HTTP. */
  readonly upstream: string
  /**
   * What every path begins with. Whoever does not know it reads nothing: loopback is everybody's on this machine, and over plain HTTP
   * client-go sends no credential.
   */
  readonly secret: string
}

/** More is asked about by nobody. */
const MOST_BODY = 1_048_576

/**
 * Answers a client in place of the API server. What only reads is handed on and answered by the real one; what would change something is
 * written down, goes nowhere, and is answered as if it had been done.
 */
export async function startRecorder({ upstream, secret }: Recording): Promise<Recorder> {
  const recorded: Recorded[] = []
  let heard = 0
  const server = createServer((incoming, answer) => {
    if (incoming.url?.startsWith(`/${secret}/`)) heard++
    handle(incoming, answer, { upstream, secret, recorded }).catch(() => answer.destroy())
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    port,
    recorded,
    heard: () => heard,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

interface Answering extends Recording {
  readonly recorded: Recorded[]
}

async function handle(incoming: IncomingMessage, answer: ServerResponse, around: Answering): Promise<void> {
  const { method = '', url = '/' } = incoming
  const prefix = `/${around.secret}/`
  if (!url.startsWith(prefix)) return say(answer, 403, status(403, 'Forbidden'))
  const target = url.slice(prefix.length - 1)
  // By WebSocket a session begins with a GET.
  if (incoming.headers.upgrade !== undefined && method === 'GET') return say(answer, 403, status(403, 'Forbidden'))
  if (method === 'GET' || method === 'HEAD') {
    const isGone = around.recorded.some(one => one.method === 'DELETE' && pathOf(one.target) === pathOf(target))
    return isGone ? say(answer, 404, status(404, 'NotFound')) : handOn(incoming, answer, around.upstream, target)
  }
  const body = await readBody(incoming)
  const contentType = incoming.headers['content-type'] ?? ''
  around.recorded.push({ method, target, contentType, body })
  if (method === 'DELETE')
    return say(answer, 200, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' })
  // A merge of two objects is the API server's work; what is there now tells a client as much as it needs.
  const isWhole = method !== 'PATCH' || contentType.startsWith('application/apply-patch')
  if (!isWhole) return handOn(incoming, answer, around.upstream, pathOf(target))
  const type = contentType.startsWith('application/apply-patch') ? 'application/json' : contentType
  answer.writeHead(method === 'POST' ? 201 : 200, { 'content-type': type, 'content-length': body.length }).end(body)
}

/** As a read, whatever it was. */
function handOn(incoming: IncomingMessage, answer: ServerResponse, upstream: string, path: string): Promise<void> {
  const { authorization: _, 'content-length': __, 'content-type': ___, ...headers } = incoming.headers
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const method = incoming.method === 'HEAD' ? 'HEAD' : 'GET'
  // The proxy behind the socket answers under this name alone.
  const asking = request(
    { socketPath: upstream, method, path, headers: { ...headers, host: 'localhost' } },
    response => {
      answer.writeHead(response.statusCode ?? 502, response.headers)
      response.pipe(answer).once('finish', resolve).once('error', reject)
    },
  )
  asking.once('error', reject).end()
  answer.once('close', () => asking.destroy())
  return promise
}

async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > MOST_BODY) throw new Error('the body is too large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function pathOf(target: string): string {
  return target.split('?', 1)[0] ?? target
}

function status(code: number, reason: string): object {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', reason, code, message: reason }
}

function say(answer: ServerResponse, code: number, body: object): void {
  answer.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
