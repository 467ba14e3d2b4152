import type { Approval } from '../../approval/approval.ts'
import { anyMembersOf } from '../batches/members.ts'
import { StatusError } from '../http/refusal/status.ts'
import type { BrokerParts } from '../parts.ts'
import { answerEvent, closed, gone } from './answer.ts'

/** Of a question that this agent may see. */
export async function withdraw(approval: Approval, agent: string, why: string, parts: BrokerParts): Promise<Approval> {
  const { id, batch } = approval
  if (batch !== undefined)
    throw new StatusError(409, `${id} is one of several requests, which are taken back together: ${batch}`)
  const now = parts.clock()
  const said = { event: 'withdrawn', at: now, by: agent, reason: why } as const
  const eventOf = (one: Approval) => answerEvent(one, said, parts.policy().mask)
  const members = (await anyMembersOf(approval, parts)).map(one => ({ id: one.id, event: eventOf(one) }))
  const answered = await parts.approvals.withdraw({ id, agent, why, now, event: eventOf(approval), members })
  if (answered.kind === 'closed') throw closed(id, answered.state)
  if (answered.kind !== 'answered') return gone()
  parts.log.info({ approval: id, by: agent }, 'question taken back')
  return answered.approval
}
