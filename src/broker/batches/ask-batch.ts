import type { Ask } from '../../approval/ask.ts'
import { batchDigest, batchQuestion, MOST_BYTES } from '../../approval/batch/batch.ts'
import type { BatchAsked, MemberAsked } from '../../approval/batch/batch-store.ts'
import { QUESTION } from '../../approval/question/question.ts'
import { sha256 } from '../../approval/verify-answer.ts'
import type { Budgets, Lease } from '../../lease/lease.ts'
import { newApprovalId } from '../../lease/lease-id.ts'
import { boundToday } from '../../policy/budgets.ts'
import type { Policy } from '../../policy/policy.ts'
import { heldError } from '../holds/hold-agent.ts'
import { StatusError } from '../http/refusal/status.ts'
import { findLease, leasesAbove } from '../leases/find-lease.ts'
import { mustHold } from '../leases/must-hold.ts'
import type { AgentPrincipal, BrokerParts } from '../parts.ts'
import { batchEvent } from './batch-event.ts'
import { type Foreseen, type Judged, judgeMember } from './judge-member.ts'

/** What becomes of one request, as the agent reads it. */
export interface ShownMember {
  readonly summary: string
  readonly verdict: 'allowed' | 'denied' | 'asks' | 'pending' | 'approved'
  readonly reason: string
  readonly detail: string
  /** That it waits for, has a yes of, or was refused by. */
  readonly approval: string | null
}

export interface ShownBatch {
  readonly requests: readonly ShownMember[]
  /** The question about all that ask; null where none does, or something is denied. */
  readonly approval: string | null
}

export interface Planning {
  /** Of the lease. */
  readonly id: string
  readonly requests: readonly Foreseen[]
  /** Address that whoever plans came from. */
  readonly source: string
}

/**
 * Judges requests that are still to come, and asks one question about those that want a yes. What passes by itself is asked of nobody, and
 * where one is denied nobody is asked about the others.
 */
export async function askBatch(
  { id, requests, source }: Planning,
  agent: AgentPrincipal,
  parts: BrokerParts,
): Promise<ShownBatch> {
  const { lease, state } = await findLease(id, agent, parts)
  mustHold(lease, agent)
  if (state.kind !== 'active') throw new StatusError(409, `lease ${id} has ended (${state.kind})`)
  const hold = await parts.holds.find(lease.agent, parts.clock())
  if (hold !== null) throw heldError(hold)
  const policy = parts.policy()
  const today = boundToday(lease, policy)
  const above = await leasesAbove(lease, parts)
  const judged = requests.map(one => judgeMember(one, { lease: today, above, policy, source }))
  const known = await Promise.all(judged.map(one => standingOf(one, today, parts)))
  const shown = known.map((one, index) => (isTwice(judged, index) ? { ...one, ...TWICE } : one))
  const asking = judged.filter((_, index) => shown[index]?.verdict === 'asks')
  if (shown.some(({ verdict }) => verdict === 'denied') || asking.length === 0)
    return { requests: shown, approval: null }
  const limits = limitsOn(today, above, policy)
  const answer = await ask(asking, { lease: today, limits }, parts)
  if (answer.kind === 'refused') return { requests: await withRefused(shown, answer.by, parts), approval: null }
  const { approval } = answer
  return { requests: shown.map(one => (one.verdict === 'asks' ? { ...one, approval } : one)), approval }
}

/** `by`: of each that asks the no that binds it, null where none does. */
async function withRefused(
  shown: readonly ShownMember[],
  by: readonly (string | null)[],
  parts: BrokerParts,
): Promise<readonly ShownMember[]> {
  const noes = [...by]
  return Promise.all(
    shown.map(async one => {
      const no = one.verdict === 'asks' ? (noes.shift() ?? null) : null
      return no === null ? one : { ...one, ...(await refusedBy(no, parts)) }
    }),
  )
}

async function refusedBy(no: string, { approvals, clock }: BrokerParts) {
  const detail = (await approvals.find(no, clock()))?.why ?? ''
  return { verdict: 'denied', reason: 'approval-rejected', detail, approval: no } as const
}

/** One object is written once: the yes is to the state that it has before. */
function isTwice(judged: readonly Judged[], index: number): boolean {
  const about = judged[index]?.about ?? null
  return about !== null && judged.slice(0, index).some(before => before.about === about)
}

const TWICE = {
  verdict: 'denied',
  reason: 'cannot-be-asked',
  detail: 'it does the same to one object twice; plan the second once the first is done',
} as const satisfies Partial<ShownMember>

async function standingOf({ summary, verdict }: Judged, lease: Lease, parts: BrokerParts): Promise<ShownMember> {
  const none = { summary, reason: '', detail: '', approval: null }
  if (verdict.kind === 'allowed') return { ...none, verdict: 'allowed' }
  if (verdict.kind === 'denied') return { ...none, verdict: 'denied', reason: verdict.reason, detail: verdict.detail }
  const { digest, subject } = verdict.ask
  const { asked, refused } = await parts.batches.standing(lease, { digest, subject }, parts.clock())
  if (refused !== null) return { ...none, ...(await refusedBy(refused, parts)) }
  const approval = asked === null ? null : await parts.approvals.find(asked, parts.clock())
  if (approval?.state !== 'pending' && approval?.state !== 'approved') return { ...none, verdict: 'asks' }
  return { ...none, verdict: approval.state, approval: approval.batch ?? approval.id }
}

/** Of the lease and of all that it was narrowed from, as they are today: a question counts for each. */
function limitsOn(lease: Lease, above: readonly (Lease | null)[], policy: Policy): readonly Budgets[] {
  return [lease, ...above.map(one => liveToday(one, policy))].map(({ budgets }) => budgets)
}

function liveToday(above: Lease | null, policy: Policy): Lease {
  if (above === null) throw new StatusError(409, 'a lease that this one was narrowed from is not there any more')
  return boundToday(above, policy)
}

type Asked =
  | { readonly kind: 'asked'; readonly approval: string }
  | { readonly kind: 'refused'; readonly by: readonly (string | null)[] }

async function ask(
  asking: readonly Judged[],
  { lease, limits }: Pick<BatchAsked, 'limits'> & { readonly lease: Lease },
  parts: BrokerParts,
): Promise<Asked> {
  const members = asking.flatMap(({ verdict }) => (verdict.kind === 'asks' ? [toMember(verdict.ask, lease)] : []))
  const questions = members.map(one => ({
    digest: one.digest,
    questionSha256: sha256(one.question),
    question: QUESTION.parse(JSON.parse(one.question)),
  }))
  const asked = batchQuestion(questions)
  const question = JSON.stringify(asked)
  const all = [question, ...members.map(one => one.question)]
  if (
    all.reduce((sum, text) => sum + Buffer.byteLength(text), 0) > MOST_BYTES * 2 ||
    Buffer.byteLength(question) > MOST_BYTES
  )
    throw new StatusError(413, 'all of it together says more than one person reads at once: plan less at a time')
  const now = parts.clock()
  const id = newApprovalId(lease.id)
  const digest = batchDigest(questions)
  const event = batchEvent({ id, lease, summary: asked.summary, now }, parts.policy().mask)
  const put: BatchAsked = { id, lease, limits, digest, question, members, now, ...parts.approvalTimes, event }
  const answer = await parts.batches.ask(put)
  switch (answer.kind) {
    case 'asked':
      for (const [index, one] of members.entries()) {
        const http = asking[index]?.http
        if (http !== undefined) parts.keepSent(one.id, http)
      }
      parts.log.info({ approval: id, lease: lease.id, requests: members.length }, 'asked about several requests')
      return { kind: 'asked', approval: id }
    case 'open':
      return { kind: 'asked', approval: answer.approval }
    case 'refused':
      return { kind: 'refused', by: members.map(one => answer.members.get(one.id) ?? null) }
    case 'moved':
      throw new StatusError(409, 'one of the requests was asked about meanwhile; try again')
    case 'ended':
      throw new StatusError(409, `lease ${lease.id} has ended`)
    case 'too-many-questions':
      if (answer.limit === 'budget') throw new StatusError(403, 'the lease has asked as many questions as it may')
      throw new StatusError(429, TOO_MANY[answer.limit], answer.limit === 'minute' ? 30 : null)
  }
}

function toMember({ digest, subject, about, parts, question }: Ask, lease: Lease): MemberAsked {
  return { id: newApprovalId(lease.id), digest, subject, about, parts, question }
}

const TOO_MANY = {
  lease: 'as many questions of this lease wait as may; an approver decides about one of them first',
  agent: 'as many questions of this agent wait as may; an approver decides about one of them first',
  minute: 'this agent asked too many questions within a minute',
  batches: 'as many plans of this agent wait for an approver as may; wait for an answer to one of them',
} as const
