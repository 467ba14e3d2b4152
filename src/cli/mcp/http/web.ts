import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'

/** What came, as the SDK reads it; null where the body is longer than that. `base` is where this server is. */
export async function toRequest(
  incoming: IncomingMessage,
  base: URL,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Request | null> {
  const { method = 'GET' } = incoming
  const headers = new Headers()
  for (const [name, value] of Object.entries(incoming.headers))
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value)
  const body = method === 'POST' ? await bodyOf(incoming, maxBytes) : ''
  if (body === null) return null
  return new Request(base, { method, headers, signal, ...(method === 'POST' ? { body } : {}) })
}

async function bodyOf(incoming: IncomingMessage, maxBytes: number): Promise<string | null> {
  const chunks: Buffer[] = []
  let bytes = 0
  if (Number(incoming.headers['content-length'] ?? 0) > maxBytes) return null
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > maxBytes) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** Resolves when all of it was taken, or its reader has gone. */
export async function send(response: Response, to: ServerResponse): Promise<void> {
  if (to.destroyed) return response.body?.cancel()
  to.writeHead(response.status, [...response.headers].flat())
  if (response.body === null) return void to.end()
  // A stream shows that it is there before it says anything.
  to.flushHeaders()
  const body = Readable.fromWeb(response.body as never)
  const { promise: over, resolve } = Promise.withResolvers<void>()
  to.once('close', () => {
    body.destroy()
    resolve()
  })
  body.once('error', () => to.destroy())
  body.pipe(to)
  await over
}
