import type { Approval } from '../../approval/approval.ts'
import { askedUnder } from '../../approval/ask-under.ts'
import { sha256 } from '../../approval/verify-answer.ts'
import { StatusError } from '../http/refusal/status.ts'
import { leasesAbove } from '../leases/find-lease.ts'
import type { BrokerParts } from '../parts.ts'

export interface LastingYes {
  /** Hash of the verb on the object, the lease, and what the policy says. */
  readonly to: string
  /** With the lease, epoch milliseconds. */
  readonly endsAt: number
}

/**
 * What a yes until the lease ends would be to, worked out anew from what was sent and never taken from the store: the question that was
 * shown has to be the one about this very request. Throws where there is no such yes.
 */
export async function lastingOf(approval: Approval, parts: BrokerParts): Promise<LastingYes> {
  if (approval.question.untilLeaseEnds !== true || approval.members !== undefined)
    throw new StatusError(403, 'the task template does not let a yes to this last until the lease ends')
  const read = await parts.readSent(approval)
  if (read.kind === 'none') throw new StatusError(409, `it can be said to this request alone: ${read.problem}`)
  const { request, lease, sent } = read
  const above = await leasesAbove(lease, parts)
  const asked = askedUnder(parts.policy(), { request, body: sent.body, lease, above })
  const isShown = asked?.digest === approval.digest && sha256(asked.question) === approval.questionSha256
  if (!isShown || asked.lasting === null)
    throw new StatusError(409, 'the question is not the one that would be asked about it now; look at it again')
  return { to: asked.lasting, endsAt: lease.expiresAt }
}
