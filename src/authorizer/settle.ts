import { describeAgain } from '../approval/again.ts'
import { describeSaid } from '../approval/people/groups.ts'
import type { Denied } from '../denial/denied.ts'
import type { Committed } from '../lease/committed.ts'
import { BUDGETS, type Lease } from '../lease/lease.ts'
import { withYes } from '../policy/admission/granted.ts'
import { type DenyReason, describeRisk, type Verdict } from '../policy/judge/verdict.ts'
import type { Policy } from '../policy/policy.ts'
import { templateOf } from '../policy/template/template-of.ts'
import { sameAgain, type WayIn } from '../policy/template/ways-in.ts'
import type { RowKey } from '../record/row-key.ts'
import type { ApiRequest, RequestInfo } from '../request/api-request.ts'
import { printable } from '../support/text/printable.ts'
import type { Decision, ReviewAnswer } from './decision.ts'
import type { Said } from './head/said.ts'

/** What is known of a request so far; grows along the road. */
export interface Known {
  readonly auditId: string
  readonly decidedAt: number
  /** On the clock that only goes forward, milliseconds. */
  readonly begunAt: number
  isCommitting: boolean
  request: ApiRequest | null
  /** What a request that was refused unread is about, where so much can be told. */
  refusedAs: RequestInfo | null
  lease: Lease | null
  /** Of what was asked before, in the same words: what was said to it. */
  said: Said | null
  /** How often that one and those above it were narrowed, in all. */
  narrowed: number
  /** What would let it pass, for a denial to say. */
  ways: readonly WayIn[]
  /** What is answered in place of the API server, null where that one is asked. */
  review: ReviewAnswer | null
}

interface Settling {
  readonly known: Known
  readonly lease: Lease
  readonly verdict: Verdict
  readonly committed: Committed
  readonly policy: Policy
}

/** The decision that a verdict became once the store had its say. */
export function settled({ known, lease, verdict, committed, policy }: Settling): Decision {
  switch (committed.kind) {
    case 'allowed':
      return allowed(known, lease, verdict, committed)
    case 'denied':
      return denied(known, verdict)
    case 'pending':
      return refused(known, 'approval-pending', pendingDetail(committed, verdict, lease), committed.approval)
    case 'rejected':
      return refused(known, 'approval-rejected', rejectedDetail(committed), committed.approval)
    case 'unproven':
      return refused(
        known,
        'unavailable',
        `the yes to ${committed.approval} was not signed by the broker, given by somebody who is no approver any more, or by fewer people than have to`,
      )
    case 'unwatched':
      return refused(known, 'nobody-watches', `${committed.approval} was agreed to`, committed.approval)
    case 'too-many-questions':
      return refused(known, 'too-many-questions', QUESTIONS[committed.limit])
    case 'question-too-large':
      return refused(known, 'question-too-large', '')
    case 'ended': {
      const { state } = committed
      known.ways = state.kind === 'frozen' ? [] : again(sameAgain(policy, lease, 'ended'))
      return refused(known, ENDED[state.kind], 'reason' in state ? state.reason : '')
    }
    case 'outdated':
      return refused(known, 'unavailable', 'the lease was narrowed meanwhile')
    case 'budget-spent':
      known.ways = waysAfterBudget(policy, lease, committed.budget)
      return refused(known, 'budget-spent', committed.budget)
    case 'beyond':
      return refused(known, 'unavailable', 'what its budgets have left changed meanwhile')
    case 'too-fast':
      return refused(known, 'too-fast', '')
    case 'journal-full':
      return refused(known, 'journal-full', '')
  }
}

function pendingDetail(
  { approval, again, said = 0 }: Extract<Committed, { readonly kind: 'pending' }>,
  verdict: Verdict,
  lease: Lease,
): string {
  const quorum = verdict.kind === 'approval' ? verdict.quorum : undefined
  // A store that counts more than there may be has not let it pass for all that.
  const what =
    quorum === undefined ? approval : `${describeSaid(Math.min(said, quorum.people - 1), quorum)}, to ${approval}`
  const because = verdict.risk === null ? '' : `, since this ${describeRisk(verdict.risk)}`
  const watched = verdict.kind === 'approval' && verdict.watched === true ? `; ${alsoWatched(lease)}` : ''
  return `${what}${because}${watched}${again === undefined ? '' : `; ${describeAgain(again)}`}`
}

function alsoWatched({ id }: Lease): string {
  return `it has to be watched as well, with: leasegate sessions watch ${id}`
}

/** Whoever writes to the store could have put words there that a terminal obeys. */
function rejectedDetail({ approval, why }: Extract<Committed, { readonly kind: 'rejected' }>): string {
  return why === '' ? approval : `${approval}: ${printable(why)}`
}

const QUESTIONS = {
  lease: 'those of this lease',
  agent: 'those of this agent',
  minute: 'this agent asked so many within a minute',
} as const

const ENDED = {
  expired: 'lease-expired',
  revoked: 'lease-revoked',
  frozen: 'lease-frozen',
  unknown: 'unknown-lease',
} as const satisfies Record<string, DenyReason>

/** A store that answers "allowed" to something that was denied is broken: believe the denial. */
function allowed(
  known: Known,
  lease: Lease,
  verdict: Verdict,
  { approval, bound, nearly, seconds, lasting }: Extract<Committed, { readonly kind: 'allowed' }>,
): Decision {
  if (verdict.kind === 'deny' || known.request === null) return refused(known, 'unavailable', '')
  const { request, review } = known
  if (review !== null) return { kind: 'answer', key: rowKey(known), lease, request, review }
  const watched = verdict.watched === true ? ({ watched: true } as const) : {}
  const narrowed = known.narrowed === 0 ? {} : { narrowed: known.narrowed }
  const granted = approval === null ? verdict.granted : withYes(request, verdict, lasting === true)
  const decision = {
    ...allowedBy(known, lease, request),
    ...(granted === undefined ? {} : { granted }),
    ...watched,
    ...narrowed,
    ...(seconds === undefined ? {} : { seconds }),
    ...(nearly === undefined ? {} : { nearly }),
  }
  if (approval === null) return decision
  return { ...decision, approval, ...(bound === undefined ? {} : { bound }) }
}

export function allowedBy(
  known: Known,
  lease: Lease,
  request: ApiRequest,
): Extract<Decision, { readonly kind: 'allow' }> {
  return { kind: 'allow', key: rowKey(known), lease, request }
}

function denied(known: Known, verdict: Verdict): Decision {
  if (verdict.kind !== 'deny') return refused(known, 'unavailable', '')
  const { reason, detail, instead = '' } = verdict
  return { ...refused(known, reason, detail), instead }
}

/** A new lease, unless it would have none of the budget either. */
export function waysAfterBudget(policy: Policy, lease: Lease, budget: string): readonly WayIn[] {
  const template = templateOf(policy, lease.template)
  const givesNone = BUDGETS.some(each => each === budget && template?.budgets[each] === 0)
  return givesNone ? [] : again(sameAgain(policy, lease, 'live'))
}

function again(way: WayIn | null): readonly WayIn[] {
  return way === null ? [] : [way]
}

export function refused(known: Known, reason: DenyReason, detail: string, approval: string | null = null): Denied {
  const { request, lease, ways } = known
  return { kind: 'deny', key: rowKey(known), reason, detail, request, lease, approval, ways, instead: '' }
}

function rowKey({ auditId, decidedAt, lease }: Known): RowKey {
  return { auditId, decidedAt, agent: lease?.agent ?? '', lease: lease?.id ?? '' }
}
