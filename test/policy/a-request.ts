import type { ApiRequest } from '../../src/request/api-request.ts'
import { readAnywhere } from '../../src/request/read-request.ts'

export interface Sent {
  readonly contentType?: string
  readonly upgrade?: boolean
  readonly accept?: string
  readonly body?: string | Uint8Array
}

/** `GET /api/v1/pods?watch=true` as the boundary reads it. */
export function aRequest(line: string, { contentType, upgrade, accept, body = '' }: Sent = {}): ApiRequest {
  const [method = '', target = ''] = line.split(' ')
  const headers: [string, string][] = []
  if (contentType !== undefined) headers.push(['content-type', contentType])
  if (accept !== undefined) headers.push(['accept', accept])
  if (upgrade === true) {
    headers.push(['connection', 'Upgrade'], ['upgrade', 'websocket'], ['sec-websocket-protocol', 'v5.channel.k8s.io'])
  }
  const bytes = Buffer.from(body)
  const read = readAnywhere({ id: 'r', method, target, headers, body: bytes, route: null, source: '::1' })
  if (read.kind === 'refused') throw new Error(`${line} is refused: ${read.reason}, ${read.detail}`)
  return read.request
}
