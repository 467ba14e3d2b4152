import type { Approval } from '../../approval/approval.ts'
import { knownOf } from '../../approval/people/another-person.ts'
import { claimed } from '../../approval/people/groups.ts'
import type { SignedAnswer } from '../../identity/token/answer.ts'
import { isOne, MOST_PEOPLE, ONE } from '../../lease/quorum.ts'
import { StatusError } from '../http/status.ts'
import type { BrokerParts, Person } from '../parts.ts'
import type { Bound } from '../plan/planner.ts'
import { answerEvent, closed, gone, toSigned } from './answer.ts'
import { maySayYes, ofOthers, type Yes, yesesTo } from './yeses.ts'

export interface SayingYes {
  readonly why: string
  /** When the plan was made that was looked at, epoch milliseconds. */
  readonly plan: number | null
}

/**
 * One more yes, for what the plan showed and only if it is still so. Those before it stay where they count today and were to the same; with
 * the last that is wanted the request may pass.
 */
export async function sayYes(asked: Approval, said: SayingYes, person: Person, parts: BrokerParts): Promise<Approval> {
  await refuse(person, asked, [], parts)
  const bound = await boundOf(asked, said.plan, parts)
  let approval = asked
  // Each time round somebody else said it: there are no more of them than that.
  for (let tries = 0; tries <= MOST_PEOPLE; tries++) {
    const before = (await yesesTo(approval, parts)).filter(isToTheSame(bound))
    await refuse(person, approval, before, parts)
    const kept = await ofOthers(before, approval, parts)
    const answered = await add(approval, { ...said, bound, kept }, person, parts)
    if (answered !== 'moved') return answered
    approval = (await parts.approvals.find(approval.id, parts.clock())) ?? gone()
  }
  throw new StatusError(409, `others answer ${approval.id} at the moment: look at it again`)
}

type Looked = Extract<Bound, { readonly kind: 'bound' }>

function isToTheSame({ seen = '' }: Looked): (yes: Yes) => boolean {
  return yes => (yes.seen ?? '') === seen
}

async function refuse(person: Person, approval: Approval, before: readonly Yes[], parts: BrokerParts): Promise<void> {
  if (approval.state !== 'pending') throw closed(approval.id, approval.state)
  const may = await maySayYes(person, approval, before, parts)
  if (may.kind === 'no') throw new StatusError(403, may.message)
}

interface Adding extends SayingYes {
  readonly bound: Looked
  readonly kept: readonly Yes[]
}

async function add(
  approval: Approval,
  { why, bound, kept }: Adding,
  person: Person,
  parts: BrokerParts,
): Promise<Approval | 'moved'> {
  const { id, useMs, signed: before } = approval
  const now = parts.clock()
  const isLast = kept.length + 1 >= (approval.question.quorum ?? ONE).people
  // One that waits for others can be used as long as the question is open, and as one that is the last of them.
  const endsAt = isLast ? now + useMs : approval.endsAt + useMs
  const { name: by } = person
  const said = { verdict: 'approved', by, at: now, endsAt, bound: bound.bound } as const
  const signed = toSigned(approval, { ...said, ...toldApart(approval, { why, bound }, person, parts) })
  const proof = [...kept.map(({ text }) => text), await parts.signer.sealAnswer(signed)].join(' ')
  const event = answerEvent(
    approval,
    { event: isLast ? 'approved' : 'yes', at: now, by, reason: why },
    parts.policy().mask,
  )
  const all = [...kept.map(yes => yes.by), by].join(', ')
  const verdict = isLast ? 'approved' : 'pending'
  const answered = await parts.approvals.answer({ id, by: all, verdict, why, proof, before, endsAt, now, event })
  if (answered.kind === 'moved') return 'moved'
  if (answered.kind === 'unknown') return gone()
  if (answered.kind === 'closed') throw closed(id, answered.state)
  parts.log.info({ approval: id, verdict, by }, 'approval answered')
  return answered.approval
}

/** Where any one approver will do nobody has to be told apart from anybody. */
function toldApart(
  { question }: Approval,
  { why, bound }: Pick<Adding, 'why' | 'bound'>,
  person: Person,
  { policy }: BrokerParts,
): Pick<SignedAnswer, 'seen' | 'issuer' | 'names' | 'groups' | 'why'> {
  const words = why === '' ? {} : { why }
  if (isOne(question.quorum ?? ONE)) return words
  const { issuer, names } = knownOf(person, policy())
  const { seen = '' } = bound
  return { ...words, seen, issuer, names: [...names], groups: [...claimed(person, question.quorum ?? ONE, policy())] }
}

async function boundOf(approval: Approval, plan: number | null, { planner }: BrokerParts): Promise<Looked> {
  const bound = await planner.bind(approval, plan)
  if (bound.kind === 'bound') return bound
  throw new StatusError(409, `${bound.why}: look at ${approval.id} again`)
}
