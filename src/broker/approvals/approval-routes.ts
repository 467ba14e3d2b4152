import { Hono } from 'hono'
import type { Approval, MemberAnswer } from '../../approval/approval.ts'
import { LEASE_RISK } from '../../approval/issue/lease-question.ts'
import type { Plan } from '../../approval/plan/plan.ts'
import type { Principal } from '../../identity/caller.ts'
import { isApprovalId } from '../../lease/lease-id.ts'
import { planTogether } from '../batches/batch-plan.ts'
import { anyMembersOf, membersOf } from '../batches/members.ts'
import { serveOperation } from '../http/operation.ts'
import { StatusError } from '../http/refusal/status.ts'
import { knownLease, maySeeLease } from '../leases/find-lease.ts'
import type { BrokerEnv, BrokerParts } from '../parts.ts'
import { answerEvent, closed, gone, toSigned } from './answer.ts'
import { APPROVE, GET_APPROVAL, LIST_APPROVALS, REJECT, WITHDRAW } from './approval-operations.ts'
import { mayAnswer } from './may-answer.ts'
import { sayYes } from './say-yes.ts'
import { withdraw } from './withdraw.ts'
import { shownYeses } from './yeses.ts'

export function approvalRoutes(parts: BrokerParts): Hono<BrokerEnv> {
  const routes = new Hono<BrokerEnv>()
  serveOperation(routes, LIST_APPROVALS, async ({ principal, page }) => {
    const agent = principal.kind === 'agent' ? principal.agent : null
    const { items, ...rest } = await parts.approvals.pending({ agent, ...page() }, parts.clock())
    const may = await Promise.all(items.map(approval => maySee(principal, approval, parts)))
    const seen = items.filter((_, at) => may[at])
    return { approvals: await Promise.all(seen.map(approval => toShown(approval, parts))), ...rest }
  })
  serveOperation(routes, GET_APPROVAL, async ({ principal, path }) => {
    const approval = await findApproval(path.approval, principal, parts)
    const plan = await planOf(approval, principal, parts)
    const members = (await membersOf(approval, parts)).map(toShownMember)
    const together = members.length === 0 ? {} : { requests: members }
    return { ...(await toShown(approval, parts)), ...plan, ...together }
  })
  serveOperation(routes, APPROVE, async ({ principal, path, body }) => {
    const to = { id: path.approval, ...(await body()) }
    return toShown(await answerApproval(to, 'approved', principal, parts), parts)
  })
  serveOperation(routes, REJECT, async ({ principal, path, body }) => {
    const to = { id: path.approval, ...(await body()) }
    return toShown(await answerApproval(to, 'rejected', principal, parts), parts)
  })
  serveOperation(routes, WITHDRAW, async ({ principal, path, body }) => {
    if (principal.kind !== 'agent') throw new StatusError(403, 'who asked takes a question back; people say no to it')
    const approval = await findApproval(path.approval, principal, parts)
    return toShown(await withdraw(approval, principal.agent, (await body()).reason, parts), parts)
  })
  return routes
}

export async function findApproval(id: string, principal: Principal, parts: BrokerParts): Promise<Approval> {
  const approval = isApprovalId(id) ? await parts.approvals.find(id, parts.clock()) : null
  if (approval === null || !(await maySee(principal, approval, parts))) {
    throw new StatusError(404, 'there is no such approval, or it is not yours to see')
  }
  return approval
}

/** `digest` is that of the question which the approver saw; a no may do without. */
export interface Answering {
  readonly id: string
  readonly digest: string | null
  readonly reason: string
  /** Epoch milliseconds. */
  readonly plan: number | null
  readonly forLease?: boolean
}

export async function answerApproval(
  { id, digest, reason: why, plan, forLease = false }: Answering,
  verdict: 'approved' | 'rejected',
  principal: Principal,
  parts: BrokerParts,
): Promise<Approval> {
  const approval = await findApproval(id, principal, parts)
  const may = mayAnswer(principal, approval, parts.policy())
  if (may.kind === 'no') throw new StatusError(403, may.message)
  if (digest !== null && digest !== approval.digest) {
    throw new StatusError(409, `approval ${id} is not about the request of this digest; look at it again`)
  }
  if (approval.batch !== undefined) {
    throw new StatusError(409, `${id} is one of several requests, which are answered together: ${approval.batch}`)
  }
  return verdict === 'approved' && principal.kind === 'person'
    ? sayYes(approval, { why, plan, forLease }, principal, parts)
    : sayNo(approval, why, may.by, parts)
}

/** One is enough, and also takes back a yes. */
async function sayNo(approval: Approval, why: string, by: string, parts: BrokerParts): Promise<Approval> {
  const { id, useMs, signed: before } = approval
  const [now, verdict] = [parts.clock(), 'rejected'] as const
  const endsAt = now + useMs
  const sayTo = async (one: Approval): Promise<MemberAnswer> => ({
    id: one.id,
    event: answerEvent(one, { event: verdict, at: now, by, reason: why }, parts.policy().mask),
    proof: await parts.signer.sealAnswer(toSigned(one, { verdict, by, at: now, endsAt, bound: '' })),
  })
  const { proof, event } = await sayTo(approval)
  const members = await Promise.all((await anyMembersOf(approval, parts)).map(sayTo))
  const answered = await parts.approvals.answer({ id, by, verdict, why, proof, before, endsAt, now, event, members })
  if (answered.kind === 'closed') throw closed(id, answered.state)
  if (answered.kind !== 'answered') return gone()
  parts.log.info({ approval: id, verdict, by }, 'approval answered')
  return answered.approval
}

export interface ShownPlan {
  readonly plan: Plan | null
  /** Goes on after "no plan: "; '' where there is one, or nothing to say. */
  readonly planProblem: string
}

/** A plan is for whoever answers, and of a lease there is none. An agent knows what it asked, and not what there is in the cluster. */
export async function planOf(approval: Approval, principal: Principal, parts: BrokerParts): Promise<ShownPlan> {
  if (approval.question.risk === LEASE_RISK) return { plan: null, planProblem: '' }
  if (principal.kind === 'agent') return { plan: null, planProblem: await refusalOf(approval, parts) }
  const members = await membersOf(approval, parts)
  const planned = members.length === 0 ? await parts.planner.of(approval) : await planTogether(members, parts.planner)
  return planned.kind === 'plan'
    ? { plan: planned.plan, planProblem: '' }
    : { plan: null, planProblem: planned.problem }
}

/** Whoever waits for a yes that nobody can say has to know. */
async function refusalOf(approval: Approval, parts: BrokerParts): Promise<string> {
  if (approval.state !== 'pending') return ''
  const members = await membersOf(approval, parts)
  const said = await Promise.all((members.length === 0 ? [approval] : members).map(one => parts.planner.refusal(one)))
  return said.find(each => each !== '') ?? ''
}

/** What was signed stays here; who said yes is read from it. */
async function toShown({ signed, ...approval }: Approval, parts: BrokerParts) {
  return { ...approval, yeses: await shownYeses({ ...approval, signed }, parts) }
}

/** One of several requests, as it will run. */
function toShownMember({ id, digest, state, question }: Approval) {
  return { id, digest, state, question }
}

/** People see all; an agent what it asked on behalf of the same sponsor, or under a lease that was handed to it. */
async function maySee(principal: Principal, approval: Approval, parts: BrokerParts): Promise<boolean> {
  if (principal.kind === 'person') return true
  if (principal.agent !== approval.agent) return false
  if (principal.sponsor === approval.question.sponsor) return true
  const lease = (await knownLease(approval.lease, parts))?.lease
  return lease?.agentSponsor !== undefined && maySeeLease(principal, lease)
}
