import { createHash } from 'node:crypto'
import { PARTS, type Parts } from '../lease/questions/again.ts'
import { isOne, type Quorum } from '../lease/questions/quorum.ts'
import type { Canonical } from './canonical/canonical-request.ts'

/** Everything a yes is bound to. */
export interface Binding {
  readonly canonical: Canonical
  readonly body: Uint8Array
  readonly lease: string
  /** Of what the policy says to this request. */
  readonly judgement: string
  readonly quorum: Quorum
  /** Budgets that have nothing left for the request. */
  readonly beyond?: readonly string[]
  /** Whether the question offers a yes that lasts as long as the lease. */
  readonly untilLeaseEnds?: boolean
}

export function partsOf({ canonical, body, lease, ...wanted }: Binding): Parts {
  const { method, path, parameters, contentType } = canonical
  const line = [method, path, contentType, ...parameters.flat()]
  return { policy: policyOf(wanted), lease, line: sha256Of(line.map(toBytes)), body: sha256Of([body]) }
}

/** Whom the policy wants is bound as the rest of what it says. */
function policyOf({
  judgement,
  quorum,
  beyond = [],
  untilLeaseEnds = false,
}: Omit<Binding, 'canonical' | 'body' | 'lease'>): string {
  if (beyond.length > 0) return sha256Of([judgement, JSON.stringify(quorum), 'beyond', ...beyond].map(toBytes))
  if (untilLeaseEnds) return sha256Of([judgement, 'until-lease-ends'].map(toBytes))
  return isOne(quorum) ? judgement : sha256Of([judgement, JSON.stringify(quorum)].map(toBytes))
}

/**
 * SHA-256 over the request, hex: the bytes of its body, and of its line what the API server acts on. Two spellings of one request are one
 * question, and two requests never are.
 */
export function digestOf(parts: Parts): string {
  return sha256Of(['leasegate-approval-4', ...PARTS.map(part => parts[part])].map(toBytes))
}

interface Lasting {
  /** Of all that the policy says to the lease: such a yes is for requests that nobody was shown. */
  readonly policyRevision: string
  readonly lease: string
  readonly about: string
  /** All of them: the same verb on the same object that is risky for another reason as well is another matter. */
  readonly risks: string
}

/** SHA-256, hex, of what a yes is to that lasts as long as the lease: what the policy says, the lease, verb and object, and the risk. */
export function lastingOf({ policyRevision, lease, about, risks }: Lasting): string {
  return sha256Of(['leasegate-until-lease-ends-2', policyRevision, lease, about, risks].map(toBytes))
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
