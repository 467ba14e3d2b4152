import type { ApiRequest } from '../../src/request/api-request.ts'
import type { HttpRequest } from '../../src/request/http-request.ts'
import { readAnywhere } from '../../src/request/read-request.ts'

type Sent = Pick<HttpRequest, 'method' | 'target'> & Partial<HttpRequest>

/** On the route of plain reads, without headers and body, unless said otherwise. */
export function anHttpRequest(sent: Sent): HttpRequest {
  return { id: 'r', headers: [], body: new Uint8Array(), route: 'read', source: '::1', ...sent }
}

export const WEBSOCKET = [
  ['connection', 'Upgrade'],
  ['upgrade', 'websocket'],
  ['sec-websocket-version', '13'],
  ['sec-websocket-key', 'dGhlIHNhbXBsZSBub25jZQ=='],
  ['sec-websocket-protocol', 'v5.channel.k8s.io'],
] as const satisfies HttpRequest['headers']

export const SPDY = [
  ['connection', 'Upgrade'],
  ['upgrade', 'SPDY/3.1'],
  ['x-stream-protocol-version', 'v4.channel.k8s.io'],
  ['content-length', '0'],
] as const satisfies HttpRequest['headers']

/** `GET /api/v1/pods` as it is read; fails when it is refused. */
export function read(request: string, given: Partial<HttpRequest> = {}): ApiRequest {
  const at = request.indexOf(' ')
  const found = readAnywhere(anHttpRequest({ method: request.slice(0, at), target: request.slice(at + 1), ...given }))
  if (found.kind === 'refused') throw new Error(`${request} is refused: ${found.reason}, ${found.detail}`)
  return found.request
}
