import { createHash } from 'node:crypto'
import type { ApiRequest } from '../request/api-request.ts'

/** Everything a yes is bound to. */
export interface Binding {
  readonly request: ApiRequest
  readonly body: Uint8Array
  readonly lease: string
  readonly policyRevision: string
}

/**
 * SHA-256 over the exact request, hex. Every part goes in with its length, so that no two requests share a text.
 * exec, attach and port-forward are one capability whether they come as GET (WebSocket) or POST (SPDY): kubectl tries both
 * for one command, and one yes must serve whichever gets through.
 */
export function digestOf({ request, body, lease, policyRevision }: Binding): string {
  const hash = createHash('sha256')
  const method = request.upgrade === null ? request.method : 'UPGRADE'
  const parts = [
    'leasegate-approval-1',
    lease,
    policyRevision,
    method,
    request.path,
    request.query,
    request.contentType,
  ]
  for (const part of [...parts.map(text => Buffer.from(text, 'utf8')), body]) {
    const length = Buffer.alloc(8)
    length.writeBigUInt64BE(BigInt(part.length))
    hash.update(length).update(part)
  }
  return hash.digest('hex')
}
