import type { HttpRequest } from '../../src/request/http-request.ts'

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
