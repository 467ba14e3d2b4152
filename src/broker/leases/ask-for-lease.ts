import type { Approval } from '../../approval/approval.ts'
import { leaseDigest, leaseQuestion, type WantedLease } from '../../approval/issue/lease-question.ts'
import { describeQuorum } from '../../approval/people/groups.ts'
import { sha256 } from '../../approval/verify-answer.ts'
import type { Consent, Lease } from '../../lease/lease.ts'
import { newApprovalId, newLeaseId } from '../../lease/lease-id.ts'
import { LIMITS } from '../../lease/limits.ts'
import { revisionFor } from '../../policy/load/revision-for.ts'
import type { TaskTemplate } from '../../policy/policy.ts'
import { issuedEvent, revokedEvent } from '../../record/journal/events.ts'
import { yesesTo } from '../approvals/yeses.ts'
import { batchEvent } from '../batches/batch-event.ts'
import { StatusError } from '../http/refusal/status.ts'
import type { BrokerParts } from '../parts.ts'
import { type BroughtConsent, consentIsOver } from './consent-to.ts'
import { knownLeases } from './find-lease.ts'

/** As JSON; the store takes no more than 16 KB. */
const QUESTION_BYTES = 14_000

interface Asked {
  /** As it would be given now. */
  readonly lease: Lease
  readonly ttlMs: number
  readonly template: TaskTemplate
  readonly consent: BroughtConsent | null
  /** Puts a lease into the store; throws where its agent has too many. */
  readonly put: (lease: Lease, event: string) => Promise<unknown>
}

/**
 * The lease with whose yes it is given, where its template wants one; throws while nobody has said it. What is narrowed from a lease opens nothing new,
 * and asks nobody.
 *
 * Until then a lease stands for it that opens nothing, and ends by itself: the question is asked under that one, like every other. Using the yes ends it,
 * which happens once.
 */
export async function givenByPeople(asked: Asked, parts: BrokerParts): Promise<Lease> {
  const { lease, ttlMs, template, consent } = asked
  const { issue: quorum } = template
  if (quorum === undefined || lease.ancestors.length > 0) {
    if (consent?.isOver === true) throw consentIsOver()
    return lease
  }
  const digest = leaseDigest({ lease, ttlMs, quorum, policyRevision: revisionFor(parts.policy(), lease) })
  const wanted = { lease, ttlMs, quorum, digest }
  const waiting = await waitingFor(wanted, parts)
  if (consent?.isOver === true && waiting?.waits.consent?.sha256 !== consent.sha256) throw consentIsOver()
  if (waiting === null) {
    // A no holds for its time, also where the agent ended what stood for the lease.
    const { refused } = await parts.batches.standing(lease, { digest, subject: digest }, parts.clock())
    if (refused !== null) throw new StatusError(403, `an approver said no to this lease: ${refused}`)
    throw await ask(wanted, asked, parts)
  }
  const approval = await parts.approvals.find(waiting.waits.approval, parts.clock())
  switch (approval?.state) {
    case 'pending':
      throw waitsFor(approval.id, wanted, parts)
    case 'rejected':
      throw new StatusError(403, `an approver said no to this lease: ${approval.id}${saidWhy(approval)}`)
    case 'approved':
      return given(wanted, waiting, approval, parts)
    default:
      await end(waiting, whyOver(approval), parts)
      // Another question, and another time.
      if (consent?.isOver === true) throw consentIsOver()
      throw await ask(wanted, asked, parts)
  }
}

function whyOver(approval: Approval | null): string {
  return approval?.state === 'withdrawn' ? 'its question was taken back' : 'nobody answered in time'
}

/** With its digest. */
interface Wanted extends Omit<WantedLease, 'policyRevision'> {
  readonly digest: string
}

type Waiting = Lease & Required<Pick<Lease, 'waits'>>

/** What stands for this very lease, by our own signature. */
async function waitingFor(wanted: Wanted, parts: BrokerParts): Promise<Waiting | null> {
  return (await allWaiting(wanted, parts)).find(({ waits }) => waits.digest === wanted.digest) ?? null
}

async function allWaiting({ lease: { agent, template } }: Wanted, parts: BrokerParts): Promise<readonly Waiting[]> {
  const { items } = await knownLeases({ agent, after: '', limit: LIMITS.leases }, parts)
  return items.flatMap(({ lease, state }) =>
    state.kind === 'active' && lease.template === template && lease.waits !== undefined
      ? [{ ...lease, waits: lease.waits }]
      : [],
  )
}

/**
 * Puts it there. One of other words that waits counts as one that is held: of those whose question is over room is made, and of one that still
 * waits is said how to take it back.
 */
async function putWaiting(waiting: Waiting, wanted: Wanted, { put }: Asked, parts: BrokerParts): Promise<void> {
  const others: Waiting[] = []
  for (const other of await allWaiting(wanted, parts)) {
    const approval = await parts.approvals.find(other.waits.approval, parts.clock())
    if (approval?.state === 'pending' || approval?.state === 'approved') others.push(other)
    else await end(other, approval?.state === 'rejected' ? 'an approver said no' : whyOver(approval), parts)
  }
  try {
    await put(waiting, JSON.stringify(issuedEvent(waiting)))
  } catch (error) {
    const [other] = others
    if (!(error instanceof StatusError) || error.code !== 409 || other === undefined) throw error
    const { approval } = other.waits
    const way = `${other.id} stands for one that was asked for in other words, or under another policy, and waits for ${approval}`
    throw new StatusError(
      409,
      `${error.message}; ${way}: take that back with: leasegate approvals withdraw ${approval}, and ask again`,
    )
  }
}

async function ask(wanted: Wanted, before: Asked, parts: BrokerParts): Promise<StatusError> {
  const { lease, digest } = wanted
  const now = parts.clock()
  const { askMs, useMs } = parts.approvalTimes
  const id = newLeaseId(lease.agent, parts.partitions)
  const waits = { approval: newApprovalId(id), digest, ...kept(before.consent) }
  const waiting = { ...lease, id, scope: [], budgets: {}, expiresAt: now + askMs + useMs, waits }
  const asked = leaseQuestion(wanted, id)
  const question = JSON.stringify(asked)
  if (Buffer.byteLength(question) > QUESTION_BYTES)
    throw new StatusError(413, 'this lease is more than an approver can be shown: ask for fewer namespaces')
  await putWaiting(waiting, wanted, before, parts)
  const { mask } = parts.policy()
  const answer = await parts.batches.ask({
    ...{ id: waits.approval, lease: waiting, limits: [{}], digest: waits.digest, question, members: [], now },
    ...parts.approvalTimes,
    event: batchEvent({ id: waits.approval, lease: waiting, summary: asked.summary, now }, mask),
  })
  if (answer.kind !== 'asked') {
    await end(waiting, 'nobody could be asked', parts)
    return new StatusError(429, 'as many questions of this agent wait for an approver as may; wait for an answer', 30)
  }
  parts.log.info({ approval: waits.approval, lease: id }, 'asked about a lease')
  return waitsFor(waits.approval, wanted, parts)
}

/** Of a consent what it is told by when its time is over. */
function kept(brought: BroughtConsent | null): { readonly consent?: Consent } {
  if (brought === null) return {}
  const { sha256: hash, at, until } = brought
  return { consent: { sha256: hash, at, until } }
}

function waitsFor(approval: string, { lease, quorum }: Wanted, { console }: Pick<BrokerParts, 'console'>): StatusError {
  const page = console === null ? '' : ` or at ${console.origin}/console/approvals/${approval}`
  return new StatusError(
    409,
    `the lease waits for approval: template "${lease.template}" wants a yes of ${describeQuorum(quorum)} to ${approval}; ` +
      `an approver decides with: leasegate approve ${approval}${page}; wait with: leasegate approvals wait ${approval}, then ask for the same lease again`,
    null,
    approval,
  )
}

/** The yes is used by ending what stood for the lease: whoever comes second finds it ended. */
async function given(wanted: Wanted, waiting: Waiting, approval: Approval, parts: BrokerParts): Promise<Lease> {
  const { lease, quorum } = wanted
  const now = parts.clock()
  // A store could show approvers another question than ours, and call it answered.
  const isOurs =
    approval.lease === waiting.id &&
    approval.agent === lease.agent &&
    approval.digest === waiting.waits.digest &&
    approval.questionSha256 === sha256(JSON.stringify(leaseQuestion(wanted, waiting.id)))
  const yeses = isOurs ? (await yesesTo(approval, parts)).filter(({ endsAt }) => now < endsAt) : []
  if (yeses.length < quorum.people)
    throw new StatusError(
      403,
      `the yes to ${approval.id} does not hold: its time is over, or it was given by somebody who is no approver any more, or by fewer people than have to; ` +
        `end what waits with: leasegate lease revoke ${waiting.id}, and ask again`,
    )
  if (!(await end(waiting, `given by ${approval.id}`, parts)))
    throw new StatusError(409, `the yes to ${approval.id} was used meanwhile; ask again`)
  // Taken back while it was looked at: what stood for it is over, so it counts for nothing else.
  if ((await parts.approvals.find(approval.id, parts.clock()))?.state === 'rejected')
    throw new StatusError(403, `the yes to ${approval.id} was taken back`)
  const { consent } = waiting.waits
  const times = consent === undefined ? {} : { consent: { at: consent.at, until: consent.until } }
  return { ...lease, given: { approval: approval.id, by: yeses.map(({ by }) => by), ...times } }
}

async function end(lease: Lease, reason: string, { leases, clock }: BrokerParts): Promise<boolean> {
  const act = { by: 'leasegate', reason, at: clock() }
  const event = JSON.stringify(revokedEvent(lease, act))
  return leases.revoke({ id: lease.id, by: act.by, reason, now: act.at, event })
}

function saidWhy({ why }: Approval): string {
  return why === '' ? '' : `: ${why}`
}
