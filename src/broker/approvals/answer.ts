import type { Approval, ApprovalState } from '../../approval/approval.ts'
import type { SignedAnswer } from '../../identity/signed/answer.ts'
import type { MaskRules } from '../../policy/policy.ts'
import type { ApprovalEvent } from '../../record/journal/journal-entry.ts'
import { maskCommand } from '../../record/mask/mask.ts'
import { maskText } from '../../record/mask/mask-text.ts'
import { StatusError } from '../http/refusal/status.ts'

/** To what was shown: the authorizer compares it with what it would ask. */
export function toSigned(
  { id, lease, agent, digest, questionSha256 }: Approval,
  said: Omit<SignedAnswer, 'approval' | 'lease' | 'agent' | 'digest' | 'question'>,
): SignedAnswer {
  return { approval: id, lease, agent, digest, question: questionSha256, ...said }
}

/** For the journal, JSON. */
export function answerEvent(
  { id, lease, agent, question }: Approval,
  { reason, ...end }: Pick<ApprovalEvent, 'event' | 'at' | 'by' | 'reason' | 'changes'>,
  rules: MaskRules,
): string {
  // The approver saw the command as it runs; the record keeps it as it keeps all commands.
  const [summary = ''] = maskCommand([question.summary], rules)
  const event: ApprovalEvent = {
    kind: 'approval',
    ...end,
    approval: id,
    lease,
    agent,
    summary,
    reason: maskText(reason, rules),
  }
  return JSON.stringify(event)
}

export function closed(id: string, state: ApprovalState): StatusError {
  return new StatusError(409, `approval ${id} is closed already: ${state}`)
}

export function gone(): never {
  throw new StatusError(404, 'the approval is gone')
}
