import type { Approval } from '../../approval/approval.ts'
import { isWhole } from '../../approval/batch/batch.ts'
import { StatusError } from '../http/refusal/status.ts'
import type { BrokerParts } from '../parts.ts'

type Parts = Pick<BrokerParts, 'approvals' | 'clock'>

/** Those that there are, whatever became of the others: a no takes away alone, and has to be possible always. */
export async function anyMembersOf(
  { id, lease, members = [] }: Approval,
  { approvals, clock }: Parts,
): Promise<readonly Approval[]> {
  const found = await Promise.all(members.map(one => approvals.find(one, clock()).catch(() => null)))
  return found.filter(one => one?.batch === id && one.lease === lease) as Approval[]
}

/**
 * The approvals that a question about several requests is for; none of any other question. Throws where they are not those that were asked
 * about: nobody is shown, or answers, what somebody else put there.
 */
export async function membersOf(approval: Approval, { approvals, clock }: Parts): Promise<readonly Approval[]> {
  const members = await anyMembersOf(approval, { approvals, clock })
  if (approval.members === undefined || isWhole(approval, members)) return members
  throw new StatusError(
    409,
    `the requests of ${approval.id} are not those that were asked about; it cannot be answered`,
  )
}
