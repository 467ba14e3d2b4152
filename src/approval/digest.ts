import { createHash } from 'node:crypto'
import { PARTS, type Parts } from '../lease/again.ts'
import type { Canonical } from './canonical/canonical-request.ts'

/** Everything a yes is bound to. */
export interface Binding {
  readonly canonical: Canonical
  readonly body: Uint8Array
  readonly lease: string
  /** Of what the policy says to this lease. */
  readonly policyRevision: string
}

export function partsOf({ canonical, body, lease, policyRevision }: Binding): Parts {
  const { method, path, parameters, contentType } = canonical
  const line = [method, path, contentType, ...parameters.flat()]
  return { policy: policyRevision, lease, line: sha256Of(line.map(toBytes)), body: sha256Of([body]) }
}

/**
 * SHA-256 over the request, hex: the bytes of its body, and of its line what the API server acts on. Two spellings of one request are one
 * question, and two requests never are.
 */
export function digestOf(parts: Parts): string {
  return sha256Of(['leasegate-approval-3', ...PARTS.map(part => parts[part])].map(toBytes))
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

function toBytes(text: string): Buffer {
  return Buffer.from(text, 'utf8')
}
