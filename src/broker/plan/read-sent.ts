import type { Approval } from '../../approval/approval.ts'
import { asAsked } from '../../approval/canonical/as-asked.ts'
import { canonicalRequest } from '../../approval/canonical/canonical-request.ts'
import { digestOf, partsOf } from '../../approval/digest.ts'
import type { NotMade } from '../../approval/plan/make-plan.ts'
import { parseSent } from '../../approval/sent/sent.ts'
import { openBox } from '../../identity/box/box.ts'
import { ONE } from '../../lease/questions/quorum.ts'
import { revisionFor } from '../../policy/load/revision-for.ts'
import { readAnywhere } from '../../request/read-request.ts'
import type { Read } from './planner.ts'
import type { PlanningParts } from './planning-parts.ts'

export type Reading = Pick<PlanningParts, 'leases' | 'signer' | 'policy' | 'boxKey' | 'clock'> & {
  readonly store: Pick<PlanningParts['store'], 'sent'>
}

/**
 * The request that a question is about, read as the authorizer read it. Whoever writes to the store could have put another one there: it has to have the
 * digest that is asked about.
 */
export async function readSent(
  { id, digest, lease: leaseId, question: { quorum = ONE, beyond = [], untilLeaseEnds } }: Approval,
  { store, leases, signer, policy, boxKey, clock }: Reading,
): Promise<Read | NotMade> {
  const [box, record] = await Promise.all([store.sent(id), leases.find(leaseId, clock())])
  if (box === null) return none('what was sent is not kept: it is too long, or was asked too long ago')
  const lease = record === null ? null : await signer.open(record.contract)
  if (lease === null) return none('its lease cannot be read')
  const opened = openBox(box, id, boxKey())
  const sent = opened === null ? null : parseSent(opened)
  if (sent === null) return none('what was sent cannot be read, or was closed for an earlier key')
  const read = readAnywhere({ ...sent, id: '', route: null, source: '' })
  if (read.kind === 'refused') return none('what was sent cannot be read')
  const canonical = canonicalRequest(read.request, sent.body.length)
  if (canonical.kind !== 'canonical') return none('what was sent cannot be read')
  const policyRevision = revisionFor(policy(), lease)
  const binding = {
    canonical,
    body: asAsked(read.request, sent.body).body,
    lease: lease.id,
    policyRevision,
    quorum,
    beyond,
    untilLeaseEnds: untilLeaseEnds === true,
  }
  if (digestOf(partsOf(binding)) !== digest) {
    return none('the policy for this task was edited since it was asked, or what is kept is another request')
  }
  return { kind: 'read', request: read.request, sent, lease }
}

function none(problem: string): NotMade {
  return { kind: 'none', problem }
}
