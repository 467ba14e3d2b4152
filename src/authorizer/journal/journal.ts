import type { Ask } from '../../approval/ask.ts'
import { type Lease, MOST_NARROWINGS, timesNarrowed } from '../../lease/lease.ts'
import { newApprovalId } from '../../lease/lease-id.ts'
import type { Commit, Refused } from '../../lease/lease-store.ts'
import { mutates, takenBy } from '../../policy/budgets.ts'
import type { DenyReason, Verdict } from '../../policy/judge/verdict.ts'
import type { Policy } from '../../policy/policy.ts'
import { entryText } from '../../record/journal/entry-text.ts'
import type { DecisionEntry } from '../../record/journal/journal-entry.ts'
import type { HttpRequest } from '../../request/http-request.ts'
import type { Known } from '../settle.ts'
import { askedByStranger, keptDetail } from './asked.ts'
import { judgedEntry } from './judged-entry.ts'

/** How long a question waits for an approver, and how long a yes waits for the request to come again, milliseconds. */
export interface ApprovalTimes {
  readonly askMs: number
  readonly useMs: number
}

interface Judged {
  readonly times: ApprovalTimes
  readonly http: HttpRequest
  readonly known: Known
  readonly lease: Lease
  /** Leases that it was narrowed from, root first; null where one cannot be read, and then nothing is allowed. */
  readonly above: readonly (Lease | null)[]
  readonly verdict: Verdict
  /** Of a verdict that wants a yes. */
  readonly ask: Ask | null
  /** Who watches, of a session that somebody has to watch; empty: nobody does. */
  readonly watchers?: readonly string[]
  readonly policy: Policy
}

/** What the store is asked to check, take and journal for a judged request. */
export function toCommit(judged: Judged): Commit {
  const { known, lease, above } = judged
  const limits = [lease, ...above].map(one => one?.budgets ?? {})
  return {
    id: known.auditId,
    lease,
    // By one that cannot be read nothing was judged, so no narrower one is missed: it is refused for that.
    narrowed: [lease, ...above].map(one => (one === null ? MOST_NARROWINGS : timesNarrowed(one))),
    limits,
    now: known.decidedAt,
    intent: toIntent(judged, limits),
    risky: known.request === null || mutates(known.request),
    entry: judgedEntry(judged),
  }
}

/** A refusal without a lease, for the refusals stream. */
export function toRefused(
  http: HttpRequest,
  known: Known,
  why: { readonly reason: DenyReason; readonly detail: string; readonly lease?: Lease },
  { revision, mask }: Pick<Policy, 'revision' | 'mask'>,
): Refused {
  const entry: DecisionEntry = {
    ...askedByStranger(http, known, mask),
    ...(why.lease === undefined ? NOBODY : ofLease(why.lease)),
    policyRevision: revision,
    intent: 'deny',
    reason: why.reason,
    detail: keptDetail(why.detail, http, mask),
    rule: '',
    risk: '',
  }
  return { id: known.auditId, source: http.source, now: known.decidedAt, entry: entryText(entry) }
}

const NOBODY = { agent: '', sponsor: '', task: { name: '', reason: '', ticket: '' }, lease: '', template: '' }

function ofLease({ agent, sponsor, task, id: lease, template }: Lease): typeof NOBODY {
  return { agent, sponsor, task, lease, template }
}

function toIntent(
  { known, lease, verdict, ask, watchers = [], times }: Judged,
  limits: Commit['limits'],
): Commit['intent'] {
  const { request } = known
  if (verdict.kind === 'deny' || request === null) return { kind: 'deny' }
  const { askBeyond } = verdict
  const takes = takenBy(request, limits, known.auditId, verdict.granted)
  const taken = askBeyond === undefined ? takes : { ...takes, askBeyond }
  if (verdict.kind === 'allow') return { kind: 'allow', ...taken }
  if (ask === null) return { kind: 'deny' }
  const { kind: _, ...asked } = ask
  const unwatched = verdict.watched === true && watchers.length === 0 ? ({ unwatched: true } as const) : {}
  const beyond = verdict.beyond === undefined ? {} : { beyond: verdict.beyond }
  return {
    kind: 'approval',
    ...taken,
    ...beyond,
    ...asked,
    proposedId: newApprovalId(lease.id),
    ...unwatched,
    ...times,
  }
}
