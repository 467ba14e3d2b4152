import type { TestBoundary } from '../support/envoy/envoy.ts'
import { outcomeOf } from '../support/envoy/envoy.ts'
import { type OpenStream, openHttp1 } from '../support/envoy/open-stream.ts'
import { until } from '../support/until.ts'

export const POD = '/api/v1/namespaces/a/pods/b'
const WEBSOCKET = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Protocol: v5.channel.k8s.io',
]
const SPDY = [
  'Connection: Upgrade',
  'Upgrade: SPDY/3.1',
  'Content-Length: 0',
  'X-Stream-Protocol-Version: v5.channel.k8s.io',
  'X-Stream-Protocol-Version: v4.channel.k8s.io',
]
export const KINDS = [
  { name: 'over WebSocket', method: 'GET', headers: WEBSOCKET, protocol: 'v5.channel.k8s.io' },
  { name: 'over SPDY', method: 'POST', headers: SPDY, protocol: 'v5.channel.k8s.io, v4.channel.k8s.io' },
] as const
export type Kind = (typeof KINDS)[number]

let requests = 0

/** What a client sends to begin one; whether it begins is to be seen. */
export function begin({ port }: TestBoundary, { method, headers }: Kind, path = `${POD}/exec?tty=true`, early = '') {
  const target = `${path}${path.includes('?') ? '&' : '?'}id=${requests++}`
  const stream = openHttp1(port, [`${method} ${target} HTTP/1.1`, 'Host: kube', ...headers], `\r\n${early}`)
  return { target, stream }
}

type Session = NonNullable<Awaited<ReturnType<typeof attempted>>>

/** A session that runs, asked for until it does. */
export async function running(boundary: TestBoundary, kind: Kind, path?: string): Promise<Session> {
  let session: Session | null = null
  await until('a session to run', async () => {
    session = await attempted(boundary, kind, path)
    return session !== null
  })
  return session as unknown as Session
}

/** One that runs; null where it was refused: on a busy machine a recorder may be silent for too long. */
export async function attempted(boundary: TestBoundary, kind: Kind, path?: string) {
  const { target, stream } = begin(boundary, kind, path)
  await until('an answer', () => /^HTTP\/1\.1 \d{3}/.test(stream.text()))
  if (/^HTTP\/1\.1 50[0-9]/.test(stream.text())) return null
  const { id } = boundary.script.check(target)
  return { target, stream, id, delivered: () => toBody(stream), seen: boundary.upstream.only(target) }
}

/** What came behind the head, latin-1. */
export function toBody(stream: OpenStream): string {
  const text = stream.text()
  return text.slice(text.indexOf('\r\n\r\n') + 4)
}

/** How the access log says that it ended. */
export function endOf(boundary: TestBoundary, id: string) {
  return outcomeOf(boundary, ({ key }) => key?.auditId === id)
}
