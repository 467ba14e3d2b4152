import type { Caller } from '../identity/caller.ts'
import type { Lease } from '../lease/lease.ts'
import type { LeaseLedger } from '../lease/lease-store.ts'
import type { Policy } from '../policy/policy.ts'
import { whyUnfit } from '../redis/redis-error.ts'
import type { HeaderLine, HttpRequest } from '../request/http-request.ts'
import { within } from '../support/within.ts'
import type { Denied } from './decision.ts'
import type { ApprovalTimes } from './journal/journal.ts'
import { type Known, refused } from './settle.ts'
import type { Shares } from './share/shares.ts'

/** What the request road needs from outside. Each of them may fail; a failure is a denial. */
export interface Surroundings {
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly identify: (headers: readonly HeaderLine[], now: number) => Promise<Caller>
  readonly findLease: (id: string) => Promise<Lease | null>
  readonly policy: () => Policy
  readonly ledger: Pick<LeaseLedger, 'commit' | 'refuse'>
  readonly approvalTimes: ApprovalTimes
  readonly shares: Shares
  /** CPU that this thread has used, milliseconds. */
  readonly cpuMs: () => number
  /** One deadline for the whole road, milliseconds. */
  readonly deadlineMs: number
  readonly onFailure: (auditId: string, error: unknown) => void
}

/** Runs a part of the road within its deadline. It fills in `known` on its way, so that a denial out of a failure still says whose request it was. */
export async function denyingFailures<T>(
  http: HttpRequest,
  around: Surroundings,
  road: (known: Known) => Promise<T>,
): Promise<T | Denied> {
  const nothing = { request: null, refusedAs: null, lease: null, ways: [], review: null }
  const known: Known = { auditId: http.id, decidedAt: around.now(), ...nothing }
  try {
    return await within(around.deadlineMs, road(known))
  } catch (error) {
    around.onFailure(http.id, error)
    const why = whyUnfit(error)
    return why === null ? refused(known, 'unavailable', '') : refused(known, 'store-unfit', why)
  }
}
