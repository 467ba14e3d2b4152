import type { Denied } from '../denial/denied.ts'
import type { Caller } from '../identity/caller.ts'
import { type Lease, timesNarrowed } from '../lease/lease.ts'
import { unmetBinding } from '../lease/unmet-binding.ts'
import { boundToday } from '../policy/budgets.ts'
import type { Policy } from '../policy/policy.ts'
import type { HttpRequest } from '../request/http-request.ts'
import { readHead } from '../request/read-request.ts'
import { toRefused } from './journal/journal.ts'
import { type Known, refused } from './settle.ts'
import type { Surroundings } from './surroundings.ts'

/** As much of a line as is read of somebody without a lease, for the record. */
const STRANGERS_TARGET = 2048

export interface Holder {
  readonly kind: 'holder'
  /** With the limits of today where they are stricter. */
  readonly lease: Lease
  /** Those that it was narrowed from, root first; null for one that cannot be read. */
  readonly above: readonly (Lease | null)[]
}

/** Whose lease this request comes under; what comes under none is refused, and on record. */
export async function holderOf(http: HttpRequest, known: Known, around: Surroundings): Promise<Holder | Denied> {
  const caller = await around.identify(http.headers, known.decidedAt)
  if (caller.kind === 'none') return refuseStranger(http, known, around, caller)
  const policy = around.policy()
  const found = await around.findLease(caller.lease)
  const lease = found === null ? null : boundToday(found, policy)
  if (lease === null || lease.agent !== caller.agent) {
    return refuseStranger(http, known, around, { reason: 'unknown-lease', detail: '' })
  }
  const above = lease.ancestors.length === 0 ? NOBODY : await leasesAbove(lease, policy, around)
  const unbound = unmetBinding(caller, http.certificate, [lease, ...above])
  // Whoever has the token alone is a stranger, and costs its agent nothing.
  known.lease = lease
  known.narrowed = [lease, ...above].reduce((sum, one) => sum + (one === null ? 0 : timesNarrowed(one)), 0)
  if (unbound !== null) return refuseStranger(http, known, around, { reason: 'other-certificate', ...unbound, lease })
  if (lease.ancestors.length === 0) return { kind: 'holder', lease, above }
  // A child ends with those above it, also where today's policy ends them sooner.
  const expiresAt = Math.min(lease.expiresAt, ...above.map(one => one?.expiresAt ?? lease.expiresAt))
  known.lease = { ...lease, expiresAt }
  return { kind: 'holder', lease: known.lease, above }
}

const NOBODY: readonly (Lease | null)[] = []

function leasesAbove({ ancestors }: Lease, policy: Policy, { findLease }: Surroundings): Promise<(Lease | null)[]> {
  return Promise.all(
    ancestors.map(async id => {
      const found = await findLease(id)
      return found === null ? null : boundToday(found, policy)
    }),
  )
}

/** Nobody's lease: such refusals have a stream of their own, so that no stranger can fill the journal. */
async function refuseStranger(
  http: HttpRequest,
  known: Known,
  around: Surroundings,
  why: {
    readonly reason: Exclude<Caller, { readonly kind: 'lease' }>['reason'] | 'unknown-lease' | 'other-certificate'
    readonly detail: string
    /** Whose token it was, where that much is certain. */
    readonly lease?: Lease
  },
): Promise<Denied> {
  // Long lines take milliseconds to read, and strangers are owed none.
  const read = http.target.length <= STRANGERS_TARGET ? readHead(http) : null
  if (read?.kind === 'read') known.request = read.request
  await around.ledger.refuse(toRefused(http, known, why, around.policy()))
  return refused(known, why.reason, why.detail)
}
