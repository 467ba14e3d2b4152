import type { Caller } from '../identity/caller.ts'
import type { Lease } from '../lease/lease.ts'
import type { LeaseLedger } from '../lease/lease-store.ts'
import { judge } from '../policy/judge.ts'
import type { Policy } from '../policy/policy.ts'
import type { Verdict } from '../policy/verdict.ts'
import { whyUnfit } from '../redis/redis-error.ts'
import type { HeaderLine, HttpRequest } from '../request/http-request.ts'
import { readHead, readRequest } from '../request/read-request.ts'
import { within } from '../support/within.ts'
import type { Decision, Denied } from './decision.ts'
import { type ApprovalTimes, toCommit, toRefused } from './journal.ts'
import { prepare } from './prepare.ts'
import { type Known, refused, settled } from './settle.ts'
import { type Shares, waitedFor } from './share/shares.ts'

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

/**
 * The request road: read → identify → lease → judge → prepare → commit → decision. Nothing is allowed that is not in the
 * journal first, nothing is in it that cannot be answered, and whatever fails or takes too long is denied. Never rejects.
 */
export function authorize(http: HttpRequest, around: Surroundings): Promise<Decision> {
  return denyingFailures(http, around, known => decide(http, known, around))
}

async function decide(http: HttpRequest, known: Known, around: Surroundings): Promise<Decision> {
  const read = readRequest(http)
  if (read.kind === 'read') known.request = read.request

  const holder = await holderOf(http, known, around)
  if (holder.kind === 'deny') return holder
  const { lease, above } = holder
  const { bodyBytes, cpuMs } = around.shares
  bodyBytes.giveBack(lease.agent, waitedFor(http), known.decidedAt)
  if (http.body.length > 0 && !cpuMs.hasSome(lease.agent, known.decidedAt))
    return overShare(http, known, holder, around)

  const policy = around.policy()
  const onFailure = (error: unknown) => around.onFailure(http.id, error)
  const { verdict, commit } = charging(http, known, lease, around, () => {
    const judged: Verdict =
      read.kind !== 'read'
        ? { kind: 'deny', reason: read.reason, detail: read.detail, risk: null }
        : above.includes(null)
          ? { kind: 'deny', reason: 'unknown-lease', detail: 'one that it was narrowed from', risk: null }
          : judge({ request: read.request, lease, policy })
    const prepared = prepare({ http, known, lease, verdict: judged, policy, onFailure })
    return {
      verdict: prepared.verdict,
      commit: toCommit({ http, known, lease, above, ...prepared, policy, times: around.approvalTimes }),
    }
  })
  const committed = await around.ledger.commit(commit)
  if (committed.kind === 'unproven') onFailure(new Error(`nobody signed the yes to ${committed.approval}`))
  return settled({ known, lease, verdict, committed, policy })
}

/** What it costs to read a body is its agent's, however the reading ends. */
function charging<T>(http: HttpRequest, known: Known, lease: Lease, around: Surroundings, read: () => T): T {
  if (http.body.length === 0) return read()
  const from = around.cpuMs()
  try {
    return read()
  } finally {
    around.shares.cpuMs.charge(lease.agent, around.cpuMs() - from, known.decidedAt)
  }
}

/** Runs a part of the road within its deadline. It fills in `known` on its way, so that a denial out of a failure still says whose request it was. */
export async function denyingFailures<T>(
  http: HttpRequest,
  around: Surroundings,
  road: (known: Known) => Promise<T>,
): Promise<T | Denied> {
  const known: Known = { auditId: http.id, decidedAt: around.now(), request: null, lease: null, templates: [] }
  try {
    return await within(around.deadlineMs, road(known))
  } catch (error) {
    around.onFailure(http.id, error)
    const why = whyUnfit(error)
    return why === null ? refused(known, 'unavailable', '') : refused(known, 'store-unfit', why)
  }
}

interface Holder {
  readonly kind: 'holder'
  readonly lease: Lease
  /** Those that it was narrowed from, root first; null for one that cannot be read. */
  readonly above: readonly (Lease | null)[]
}

/** Whose lease this request comes under; what comes under none is refused, and on record. */
export async function holderOf(http: HttpRequest, known: Known, around: Surroundings): Promise<Holder | Denied> {
  const caller = await around.identify(http.headers, known.decidedAt)
  if (caller.kind === 'none') return refuseStranger(http, known, around, caller)
  const lease = await around.findLease(caller.lease)
  if (lease === null || lease.agent !== caller.agent) {
    return refuseStranger(http, known, around, { reason: 'unknown-lease', detail: '' })
  }
  known.lease = lease
  const above = await Promise.all(lease.ancestors.map(id => around.findLease(id)))
  return { kind: 'holder', lease, above }
}

/** Denied by its head, and journaled as every denial: nobody reads its body any more. */
export async function overShare(
  http: HttpRequest,
  known: Known,
  { lease, above }: Holder,
  around: Surroundings,
): Promise<Denied> {
  const head = { ...http, body: new Uint8Array() }
  const read = readHead(head)
  known.request = read.kind === 'read' ? read.request : null
  const policy = around.policy()
  const verdict = { kind: 'deny', reason: 'too-many-requests', detail: '', risk: null } as const
  const commit = toCommit({ http: head, known, lease, above, verdict, ask: null, policy, times: around.approvalTimes })
  const decision = settled({ known, lease, verdict, committed: await around.ledger.commit(commit), policy })
  return decision.kind === 'deny' ? decision : refused(known, 'unavailable', '')
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
): Promise<Denied> {
  await around.ledger.refuse(toRefused(http, known, why, around.policy()))
  return refused(known, why.reason, why.detail)
}
