import type { Caller } from '../identity/caller.ts'
import type { Lease } from '../lease/lease.ts'
import type { LeaseLedger } from '../lease/lease-store.ts'
import { judge } from '../policy/judge.ts'
import type { Policy } from '../policy/policy.ts'
import type { Verdict } from '../policy/verdict.ts'
import type { HeaderLine, HttpRequest } from '../request/http-request.ts'
import { readRequest } from '../request/read-request.ts'
import { within } from '../support/within.ts'
import type { Decision } from './decision.ts'
import { type ApprovalTimes, toCommit, toRefused } from './journal.ts'
import { type Known, refused, settled } from './settle.ts'

/** What the request road needs from outside. Each of them may fail; a failure is a denial. */
export interface Surroundings {
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly identify: (headers: readonly HeaderLine[], now: number) => Promise<Caller>
  readonly findLease: (id: string) => Promise<Lease | null>
  readonly policy: () => Policy
  readonly ledger: Pick<LeaseLedger, 'commit' | 'refuse'>
  readonly approvalTimes: ApprovalTimes
  /** One deadline for the whole road, milliseconds. */
  readonly deadlineMs: number
  readonly onFailure: (auditId: string, error: unknown) => void
}

/**
 * The request road: read → identify → lease → judge → commit → decision. Nothing is allowed that is not in the journal
 * first, and whatever fails or takes too long is denied. Never rejects.
 */
export async function authorize(http: HttpRequest, around: Surroundings): Promise<Decision> {
  const known: Known = { auditId: http.id, decidedAt: around.now(), request: null, lease: null, templates: [] }
  try {
    return await within(around.deadlineMs, decide(http, known, around))
  } catch (error) {
    around.onFailure(http.id, error)
    return refused(known, 'unavailable', '')
  }
}

/** Fills in `known` on its way, so that a denial out of a failure still says whose request it was. */
async function decide(http: HttpRequest, known: Known, around: Surroundings): Promise<Decision> {
  const read = readRequest(http)
  if (read.kind === 'read') known.request = read.request

  const caller = await around.identify(http.headers, known.decidedAt)
  if (caller.kind === 'none') return refuseStranger(http, known, around, caller)

  const lease = await around.findLease(caller.lease)
  if (lease === null || lease.agent !== caller.agent) {
    return refuseStranger(http, known, around, { reason: 'unknown-lease', detail: '' })
  }
  known.lease = lease

  const policy = around.policy()
  const verdict: Verdict =
    read.kind === 'read'
      ? judge({ request: read.request, lease, policy })
      : { kind: 'deny', reason: read.reason, detail: read.detail, risk: null }

  const committed = await around.ledger.commit(
    toCommit({ http, known, lease, verdict, policy, times: around.approvalTimes }),
  )
  return settled({ known, lease, verdict, committed, policy })
}

/** Nobody's lease: such refusals have a stream of their own, so that no stranger can fill the journal. */
async function refuseStranger(
  http: HttpRequest,
  known: Known,
  around: Surroundings,
  why: {
    readonly reason: Exclude<Caller, { readonly kind: 'lease' }>['reason'] | 'unknown-lease'
    readonly detail: string
  },
): Promise<Decision> {
  await around.ledger.refuse(toRefused(http, known, why, around.policy()))
  return refused(known, why.reason, why.detail)
}
