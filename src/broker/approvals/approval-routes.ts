import { Hono } from 'hono'
import type { Answer, Approval } from '../../approval/approval.ts'
import type { Plan } from '../../approval/plan/plan.ts'
import type { Principal } from '../../identity/caller.ts'
import type { SignedAnswer } from '../../identity/token/answer.ts'
import { isApprovalId } from '../../lease/lease-id.ts'
import type { MaskRules } from '../../policy/policy.ts'
import type { ApprovalEvent } from '../../record/journal/journal-entry.ts'
import { maskCommand } from '../../record/mask/mask.ts'
import { maskText } from '../../record/mask/mask-text.ts'
import { ANSWER, REJECTION, readBody } from '../http/read-body.ts'
import { readPageQuery } from '../http/read-page-query.ts'
import { StatusError } from '../http/status.ts'
import type { BrokerEnv, BrokerParts } from '../parts.ts'
import { mayAnswer } from './may-answer.ts'

export function approvalRoutes(parts: BrokerParts): Hono<BrokerEnv> {
  return new Hono<BrokerEnv>()
    .get('/', async context => {
      const { principal } = context.var
      const agent = principal.kind === 'agent' ? principal.agent : null
      const page = { agent, ...readPageQuery(context, isApprovalId) }
      const { items, next } = await parts.approvals.pending(page, parts.clock())
      return context.json({ approvals: items.filter(approval => maySee(principal, approval)), next })
    })
    .get('/:id', async context => {
      const approval = await findApproval(context.req.param('id'), context.var.principal, parts)
      return context.json({ ...approval, ...(await planOf(approval, context.var.principal, parts)) })
    })
    .post('/:id/approve', async context => {
      const to = { id: context.req.param('id'), ...(await readBody(context, ANSWER)) }
      return context.json(await answerApproval(to, 'approved', context.var.principal, parts))
    })
    .post('/:id/reject', async context => {
      const to = { id: context.req.param('id'), ...(await readBody(context, REJECTION)) }
      return context.json(await answerApproval(to, 'rejected', context.var.principal, parts))
    })
}

export async function findApproval(
  id: string,
  principal: Principal,
  { approvals, clock }: BrokerParts,
): Promise<Approval> {
  const approval = isApprovalId(id) ? await approvals.find(id, clock()) : null
  if (approval === null || !maySee(principal, approval)) {
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
}

export async function answerApproval(
  { id, digest, reason: why, plan }: Answering,
  verdict: Answer['verdict'],
  principal: Principal,
  parts: BrokerParts,
): Promise<Approval> {
  const approval = await findApproval(id, principal, parts)
  const may = mayAnswer(principal, approval, parts.policy())
  if (may.kind === 'no') throw new StatusError(403, may.message)
  if (digest !== null && digest !== approval.digest) {
    throw new StatusError(409, `approval ${id} is not about the request of this digest; look at it again`)
  }
  const bound = verdict === 'approved' ? await boundOf(approval, plan, parts) : ''
  const now = parts.clock()
  const said = { event: verdict, at: now, by: may.by, reason: why }
  const event = JSON.stringify(toEvent(approval, said, parts.policy().mask))
  const endsAt = now + approval.useMs
  const proof = await parts.signer.sealAnswer(toSigned(approval, { verdict, by: may.by, at: now, endsAt, bound }))
  const answered = await parts.approvals.answer({ id, by: may.by, verdict, why, proof, endsAt, now, event })
  if (answered.kind === 'unknown') throw new StatusError(404, 'the approval is gone')
  if (answered.kind === 'closed') throw new StatusError(409, `approval ${id} is closed already: ${answered.state}`)
  parts.log.info({ approval: id, verdict, by: may.by }, 'approval answered')
  return answered.approval
}

export interface ShownPlan {
  readonly plan: Plan | null
  /** Goes on after "no plan: "; '' where there is one, or nothing to say. */
  readonly planProblem: string
}

/** A plan is for whoever answers. An agent knows what it asked, and not what there is in the cluster. */
export async function planOf(approval: Approval, principal: Principal, { planner }: BrokerParts): Promise<ShownPlan> {
  if (principal.kind === 'agent') return { plan: null, planProblem: '' }
  const planned = await planner.of(approval)
  return planned.kind === 'plan'
    ? { plan: planned.plan, planProblem: '' }
    : { plan: null, planProblem: planned.problem }
}

/** A yes is for what the plan showed, and only if it is still so. */
async function boundOf(approval: Approval, plan: number | null, { planner }: BrokerParts): Promise<string> {
  if (approval.state !== 'pending') return ''
  const bound = await planner.bind(approval, plan)
  if (bound.kind === 'bound') return bound.bound
  throw new StatusError(409, `${bound.why}: look at ${approval.id} again`)
}

/** To what was shown: the authorizer compares it with what it would ask. */
function toSigned(
  { id, lease, agent, digest, questionSha256 }: Approval,
  said: Pick<SignedAnswer, 'verdict' | 'by' | 'at' | 'endsAt' | 'bound'>,
): SignedAnswer {
  return { approval: id, lease, agent, digest, question: questionSha256, ...said }
}

/** People see all; an agent what it asked on behalf of the same sponsor. */
function maySee(principal: Principal, approval: Approval): boolean {
  if (principal.kind === 'person') return true
  return principal.agent === approval.agent && principal.sponsor === approval.question.sponsor
}

function toEvent(
  { id, lease, agent, question }: Approval,
  { reason, ...end }: Pick<ApprovalEvent, 'event' | 'at' | 'by' | 'reason'>,
  rules: MaskRules,
): ApprovalEvent {
  // The approver saw the command as it runs; the record keeps it as it keeps all commands.
  const [summary = ''] = maskCommand([question.summary], rules)
  return { kind: 'approval', ...end, approval: id, lease, agent, summary, reason: maskText(reason, rules) }
}
