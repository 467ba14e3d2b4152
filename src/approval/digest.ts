import { createHash } from 'node:crypto'
import type { Canonical } from './canonical/canonical-request.ts'

/** Everything a yes is bound to. */
export interface Binding {
  readonly canonical: Canonical
  readonly body: Uint8Array
  readonly lease: string
  readonly policyRevision: string
}

/**
 * SHA-256 over the request, hex: the bytes of its body, and of its line what the API server acts on. Two spellings of one request are one
 * question, and two requests never are.
 */
export function digestOf({ canonical, body, lease, policyRevision }: Binding): string {
  const { method, path, parameters, contentType } = canonical
  const parts = ['leasegate-approval-2', lease, policyRevision, method, path, contentType, ...parameters.flat()]
  return sha256Of([...parts.map(text => Buffer.from(text, 'utf8')), body])
}

/** Every part goes in with its length, so that no two lists of parts share a text. */
export function sha256Of(parts: readonly Uint8Array[]): string {
  const hash = createHash('sha256')
  for (const part of parts) {
    const length = Buffer.alloc(8)
    length.writeBigUInt64BE(BigInt(part.length))
    hash.update(length).update(part)
  }
  return hash.digest('hex')
}
