import type { Approval } from '../../approval/approval.ts'
import { askedUnder, verdictUnder } from '../../approval/ask-under.ts'
import type { NotMade } from '../../approval/plan/make-plan.ts'
import { parseSent } from '../../approval/sent/sent.ts'
import { openBox } from '../../identity/box/box.ts'
import { withYes } from '../../policy/admission/granted.ts'
import { readAnywhere } from '../../request/read-request.ts'
import { leasesAbove } from '../leases/find-lease.ts'
import type { Read } from './planner.ts'
import type { PlanningParts } from './planning-parts.ts'

export type Reading = Pick<PlanningParts, 'leases' | 'signer' | 'policy' | 'boxKey' | 'clock'> & {
  readonly store: Pick<PlanningParts['store'], 'sent'>
}

/**
 * The request that a question is about, read as the authorizer read it. Whoever writes to the store could have put another one there: it has to have the
 * digest that is asked about, by what the policy of today says to it.
 */
export async function readSent(
  { id, digest, lease: leaseId, question: { beyond } }: Pick<Approval, 'id' | 'digest' | 'lease' | 'question'>,
  reading: Reading,
): Promise<Read | NotMade> {
  const { store, leases, signer, policy, boxKey, clock } = reading
  const [box, record] = await Promise.all([store.sent(id), leases.find(leaseId, clock())])
  if (box === null) return none('what was sent is not kept: it is too long, or was asked too long ago')
  const lease = record === null ? null : await signer.open(record.contract)
  if (lease === null) return none('its lease cannot be read')
  const opened = openBox(box, id, boxKey())
  const sent = opened === null ? null : parseSent(opened)
  if (sent === null) return none('what was sent cannot be read, or was closed for an earlier key')
  const read = readAnywhere({ ...sent, id: '', route: null, source: '' })
  if (read.kind === 'refused') return none('what was sent cannot be read')
  const { request } = read
  const above = await leasesAbove(lease, reading)
  const today = policy()
  const asked = { request, body: sent.body, lease, above, beyond }
  const verdict = verdictUnder(today, asked)
  if (verdict.kind === 'deny') return none(`today's policy refuses it (${verdict.reason}), whatever is answered`)
  if (askedUnder(today, asked, verdict)?.digest !== digest)
    return none('the policy says something else to it since it was asked, or what is kept is another request')
  return { kind: 'read', request, sent, lease, granted: withYes(request, verdict, false) ?? '' }
}

function none(problem: string): NotMade {
  return { kind: 'none', problem }
}
