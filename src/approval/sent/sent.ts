import type { HeaderLine, HttpRequest } from '../../request/http-request.ts'

/** A request that somebody is asked about, as it came: what it takes to read it again, and to try it, and nothing that proves who sent it. */
export type Sent = Pick<HttpRequest, 'method' | 'target' | 'headers' | 'body'>

/** What decides how a request is read. None of them carries a credential: what could was refused. */
const KEPT: ReadonlySet<string> = new Set(['content-type', 'connection', 'upgrade', 'sec-websocket-protocol'])

/** A line of JSON, then the body as it came. */
export function fromSent({ method, target, headers, body }: Sent): Buffer {
  const kept = headers.filter(([name]) => KEPT.has(name.toLowerCase()))
  return Buffer.concat([Buffer.from(`${JSON.stringify({ method, target, headers: kept })}\n`), body])
}

/** Null for anything else. */
export function parseSent(bytes: Buffer): Sent | null {
  const end = bytes.indexOf('\n')
  if (end === -1) return null
  try {
    const head: unknown = JSON.parse(bytes.subarray(0, end).toString('utf8'))
    if (!isHead(head)) return null
    const { method, target, headers } = head
    return { method, target, headers, body: bytes.subarray(end + 1) }
  } catch {
    return null
  }
}

interface Head {
  readonly method: string
  readonly target: string
  readonly headers: readonly HeaderLine[]
}

function isHead(value: unknown): value is Head {
  if (typeof value !== 'object' || value === null) return false
  const { method, target, headers } = value as Partial<Record<keyof Head, unknown>>
  if (typeof method !== 'string' || typeof target !== 'string' || !Array.isArray(headers)) return false
  return headers.every(line => Array.isArray(line) && line.length === 2 && line.every(one => typeof one === 'string'))
}
