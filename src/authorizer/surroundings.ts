import type { Denied } from '../denial/denied.ts'
import type { Caller } from '../identity/caller.ts'
import type { Lease } from '../lease/lease.ts'
import type { LeaseLedger } from '../lease/lease-store.ts'
import type { Policy } from '../policy/policy.ts'
import { RedisError, whyUnfit } from '../redis/redis-error.ts'
import type { HeaderLine, HttpRequest } from '../request/http-request.ts'
import { DeadlineError, within } from '../support/time/within.ts'
import type { ApprovalTimes } from './journal/journal.ts'
import { type Known, refused } from './settle.ts'
import type { Shares } from './share/shares.ts'
import type { Watchers } from './watch/watchers.ts'

/** What the request road needs from outside. Each of them may fail; a failure is a denial. */
export interface Surroundings {
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly identify: (headers: readonly HeaderLine[], now: number) => Promise<Caller>
  readonly findLease: (id: string) => Promise<Lease | null>
  readonly policy: () => Policy
  readonly ledger: Pick<LeaseLedger, 'commit' | 'refuse' | 'taken'>
  /** Who watches the sessions of a lease. */
  readonly watchers: (lease: string) => Promise<Watchers>
  readonly approvalTimes: ApprovalTimes
  readonly shares: Shares
  /** CPU that this thread has used, milliseconds. */
  readonly cpuMs: () => number
  /** One deadline for the whole road, milliseconds. */
  readonly deadlineMs: number
  readonly onFailure: (auditId: string, error: unknown) => void
  /** Of a question that was just asked, so that a plan can be made of it: after the answer, and never in its way. */
  readonly keepSent: (approval: string, http: HttpRequest) => void
}

/** Runs a part of the road within its deadline. It fills in `known` on its way, so that a denial out of a failure still says whose request it was. */
export async function denyingFailures<T>(
  http: HttpRequest,
  around: Surroundings,
  road: (known: Known) => Promise<T>,
): Promise<T | Denied> {
  const known = nothingKnown(http, around)
  const { deadlineMs } = around
  const running = road(known)
  try {
    return await within(deadlineMs, running).catch(error => {
      if (!known.isCommitting || !(error instanceof DeadlineError)) throw error
      // It may be in the store already: then it was taken from budgets, and Envoy still waits.
      return within(deadlineMs * MORE_FOR_COMMITS, running)
    })
  } catch (error) {
    return failed(http, error, around, known)
  }
}

/** The denial of one request in which something failed: other requests are not concerned, and the log says more. */
export function failed(
  http: HttpRequest,
  error: unknown,
  around: Surroundings,
  known: Known = nothingKnown(http, around),
): Denied {
  around.onFailure(http.id, error)
  const unfit = whyUnfit(error)
  if (unfit !== null) return refused(known, 'store-unfit', unfit)
  const isExpected = error instanceof DeadlineError || error instanceof RedisError
  return refused(known, 'unavailable', isExpected ? '' : `something in it failed, its log has it under ${http.id}`)
}

/** Of the deadline: later than that no commit begins, since it would be taken from budgets and not be answered in time. */
const LAST_COMMIT = 0.75
/** So much is added for one that is on its way; Envoy waits a little longer. */
const MORE_FOR_COMMITS = 0.125

/** From here on the store may have it. */
export function beginCommit(known: Known, { deadlineMs }: Surroundings): void {
  if (performance.now() - known.begunAt > deadlineMs * LAST_COMMIT)
    throw new DeadlineError('no time is left to commit and to answer')
  known.isCommitting = true
}

function nothingKnown({ id: auditId }: HttpRequest, { now }: Surroundings): Known {
  return {
    auditId,
    decidedAt: now(),
    begunAt: performance.now(),
    isCommitting: false,
    request: null,
    refusedAs: null,
    lease: null,
    said: null,
    narrowed: 0,
    ways: [],
    review: null,
  }
}
