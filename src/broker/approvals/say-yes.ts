import type { Approval, MemberAnswer } from '../../approval/approval.ts'
import { knownOf } from '../../approval/people/another-person.ts'
import { claimed } from '../../approval/people/groups.ts'
import type { Plan } from '../../approval/plan/plan.ts'
import type { SignedAnswer } from '../../identity/signed/answer.ts'
import { isOne, MOST_PEOPLE, ONE } from '../../lease/questions/quorum.ts'
import { bindTogether } from '../batches/batch-plan.ts'
import { membersOf } from '../batches/members.ts'
import { StatusError } from '../http/refusal/status.ts'
import { mustKeepTime } from '../keeps-time.ts'
import type { BrokerParts, Person } from '../parts.ts'
import { answerEvent, closed, gone, toSigned } from './answer.ts'
import { keptChanges } from './kept-changes.ts'
import { type LastingYes, lastingOf } from './lasting.ts'
import { type MayAnswer, mayAnswer } from './may-answer.ts'
import { maySayYes, ofOthers, type Yes, yesesTo } from './yeses.ts'

export interface SayingYes {
  readonly why: string
  /** When the plan was made that was looked at, epoch milliseconds. */
  readonly plan: number | null
  /** Whether it is for every such request until the lease ends. */
  readonly forLease: boolean
}

/**
 * One more yes, for what the plan showed and only if it is still so. Those before it stay where they count today and were to the same; with
 * the last that is wanted the request may pass. To several requests it is said to each, and to all or none.
 */
export async function sayYes(asked: Approval, said: SayingYes, person: Person, parts: BrokerParts): Promise<Approval> {
  mustKeepTime(parts)
  await refuse(person, asked, [], parts)
  const lasting = said.forLease ? await lastingOf(asked, parts) : null
  const looked = await lookAgain(asked, said, person, parts)
  let approval = asked
  // Each time round somebody else said it: there are no more of them than that.
  for (let tries = 0; tries <= MOST_PEOPLE; tries++) {
    const before = (await yesesTo(approval, parts)).filter(yes => (yes.seen ?? '') === looked.seen)
    await refuse(person, approval, before, parts)
    const kept = await ofOthers(before, approval, parts)
    const answered = await add(approval, { ...said, looked, kept, lasting }, person, parts)
    if (answered !== 'moved') return answered
    approval = await withYeses(approval, parts)
  }
  throw new StatusError(409, `others answer ${approval.id} at the moment: look at it again`)
}

/** Of a second look, what others said meanwhile and whether it is open. Whatever else is another now nobody was shown: it is not answered. */
async function withYeses(shown: Approval, { approvals, clock }: BrokerParts): Promise<Approval> {
  const { state, signed, ...now } = (await approvals.find(shown.id, clock())) ?? gone()
  if (!isSameQuestion(now, shown)) throw new StatusError(409, `${shown.id} has changed: look at it again`)
  return { ...shown, state, signed }
}

type Shown = Pick<Approval, 'digest' | 'questionSha256' | 'lease' | 'agent' | 'batch' | 'members'>

function isSameQuestion(one: Shown, other: Shown): boolean {
  const same = (['digest', 'questionSha256', 'lease', 'agent', 'batch'] as const).every(
    name => one[name] === other[name],
  )
  return same && one.members?.join() === other.members?.join()
}

/** What is there at the moment of the yes. */
interface Looked {
  readonly bound: string
  readonly seen: string
  /** What would become another. */
  readonly changes: Plan['changes']
  /** Of several requests, each with what it is bound to. */
  readonly members: readonly (Pick<Looked, 'bound' | 'seen' | 'changes'> & { readonly approval: Approval })[]
}

async function lookAgain(
  approval: Approval,
  { plan }: Pick<SayingYes, 'plan'>,
  person: Person,
  parts: BrokerParts,
): Promise<Looked> {
  const { planner } = parts
  const moved = (why: string) => new StatusError(409, `${why}: look at ${approval.id} again`)
  const members = await membersOf(approval, parts)
  for (const member of members) permit(mayAnswer(person, member, parts.policy()))
  if (members.length === 0) {
    const bound = await planner.bind(approval, plan)
    if (bound.kind === 'moved') throw moved(bound.why)
    return { bound: bound.bound, seen: bound.seen ?? '', changes: bound.changes ?? [], members: [] }
  }
  const bound = await bindTogether(members, plan, planner)
  if (bound.kind === 'moved') throw moved(bound.why)
  const each = members.map((member, index) => {
    const { bound: to = '', seen = '', changes = [] } = bound.each[index] ?? {}
    return { approval: member, bound: to, seen, changes }
  })
  return { bound: '', seen: bound.seen, changes: [], members: each }
}

async function refuse(person: Person, approval: Approval, before: readonly Yes[], parts: BrokerParts): Promise<void> {
  if (approval.state !== 'pending') throw closed(approval.id, approval.state)
  permit(await maySayYes(person, approval, before, parts))
}

function permit(may: MayAnswer): void {
  if (may.kind === 'no') throw new StatusError(403, may.message)
}

interface Adding extends SayingYes {
  readonly looked: Looked
  readonly kept: readonly Yes[]
  readonly lasting: LastingYes | null
}

async function add(
  approval: Approval,
  adding: Adding,
  person: Person,
  parts: BrokerParts,
): Promise<Approval | 'moved'> {
  const { id, useMs, signed: before } = approval
  const { why, looked, kept, lasting } = adding
  const { name: by } = person
  const now = parts.clock()
  const isLast = kept.length + 1 >= (approval.question.quorum ?? ONE).people
  // One that waits for others can be used as long as the question is open, and as one that is the last of them.
  const endsAt = lasting?.endsAt ?? (isLast ? now + useMs : approval.endsAt + useMs)
  const extent = lasting === null ? {} : { lasting: lasting.to }
  const places = kept.map(({ text }) => before.split(' ').indexOf(text))
  const sayTo = async (one: Approval, to: Pick<Looked, 'bound' | 'seen' | 'changes'>): Promise<MemberAnswer> => {
    const { bound, seen, changes } = to
    const told = toldApart(approval, { why, seen }, person, parts)
    const signed = toSigned(one, { verdict: 'approved', by, at: now, endsAt, bound, ...told, ...extent })
    const earlier = places.map(place => one.signed.split(' ')[place] ?? '')
    const proof = [...earlier, await parts.signer.sealAnswer(signed)].join(' ')
    const event = isLast ? 'approved' : 'yes'
    const said = { event, at: now, by, reason: why, changes: keptChanges(changes) } as const
    return { id: one.id, proof, event: answerEvent(one, said, parts.policy().mask) }
  }
  const { proof, event } = await sayTo(approval, looked)
  // Yeses are written to all of them at once, so each has them at the same places.
  const members = await Promise.all(
    looked.members.map(async ({ approval: member, ...to }) => sayTo(await withYeses(member, parts), to)),
  )
  const all = [...kept.map(yes => yes.by), by].join(', ')
  const verdict = isLast ? 'approved' : 'pending'
  const answer = { id, by: all, verdict, why, proof, before, endsAt, now, event, members, ...extent } as const
  const answered = await parts.approvals.answer(answer)
  if (answered.kind === 'moved') return 'moved'
  if (answered.kind === 'unknown') return gone()
  if (answered.kind === 'closed') throw closed(id, answered.state)
  parts.log.info({ approval: id, verdict, by }, 'approval answered')
  return answered.approval
}

/** Where any one approver will do nobody has to be told apart from anybody. */
function toldApart(
  { question }: Approval,
  { why, seen }: { readonly why: string; readonly seen: string },
  person: Person,
  { policy }: BrokerParts,
): Pick<SignedAnswer, 'seen' | 'issuer' | 'names' | 'groups' | 'why'> {
  const words = why === '' ? {} : { why }
  if (isOne(question.quorum ?? ONE)) return words
  const { issuer, names } = knownOf(person, policy())
  return { ...words, seen, issuer, names: [...names], groups: [...claimed(person, question.quorum ?? ONE, policy())] }
}
