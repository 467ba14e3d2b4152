import type { Approval } from '../../approval/approval.ts'
import { type Apart, apart, knownOf } from '../../approval/people/another-person.ts'
import { counted } from '../../approval/people/counted.ts'
import { claimed, describeQuorum, isWanted } from '../../approval/people/groups.ts'
import { foldName } from '../../approval/people/person-names.ts'
import type { SignedAnswer } from '../../identity/token/answer.ts'
import { LIMITS } from '../../lease/limits.ts'
import { isOne, MOST_PEOPLE, ONE } from '../../lease/quorum.ts'
import type { BrokerParts, Person } from '../parts.ts'
import type { MayAnswer } from './may-answer.ts'

/** What somebody said to a question. */
export interface Yes extends SignedAnswer {
  /** As it was signed. */
  readonly text: string
}

/** Yeses to this very question that count at the moment, oldest first: what the store says of them is not taken for true. */
export async function yesesTo(approval: Approval, { signer, policy }: BrokerParts): Promise<readonly Yes[]> {
  const texts = approval.signed.split(' ', MOST_PEOPLE)
  const opened = await Promise.all(texts.map(async text => ({ text, answer: await signer.openAnswer(text) })))
  const yeses = opened.flatMap(({ text, answer }) =>
    answer !== null && isTo(answer, approval) ? [{ ...answer, text }] : [],
  )
  return counted(yeses, approval.question.quorum ?? ONE, policy())
}

function isTo(answer: SignedAnswer, { id, digest, questionSha256 }: Approval): boolean {
  const isTheSame = answer.approval === id && answer.digest === digest && answer.question === questionSha256
  return isTheSame && answer.verdict === 'approved'
}

/** As the people who look at a question see them, and the agent. */
export interface ShownYes {
  readonly by: string
  readonly at: number
  readonly why: string
}

export async function shownYeses(approval: Approval, parts: BrokerParts): Promise<readonly ShownYes[]> {
  return (await yesesTo(approval, parts)).map(toShownYes)
}

/** How many said yes, by question. */
export async function saidTo(approvals: readonly Approval[], parts: BrokerParts): Promise<ReadonlyMap<string, number>> {
  const begun = approvals.filter(({ signed }) => signed !== '')
  return new Map(await Promise.all(begun.map(async one => [one.id, (await yesesTo(one, parts)).length] as const)))
}

export function toShownYes({ by, at, why = '' }: Yes): ShownYes {
  return { by, at, why }
}

/** Whether a yes of this person would count beside those that are there: somebody who may answer may always say no. */
export async function maySayYes(
  person: Person,
  approval: Approval,
  before: readonly Yes[],
  parts: BrokerParts,
): Promise<MayAnswer> {
  const policy = parts.policy()
  const quorum = approval.question.quorum ?? ONE
  if (!isWanted({ by: person.name, groups: claimed(person, quorum, policy) }, quorum, policy)) {
    return no(`${person.name} may say no to this, but not yes: it wants ${describeQuorum(quorum)}`)
  }
  const me = knownOf(person, policy)
  for (const other of before) {
    const which = apart(me, other, policy)
    if (which !== 'another') return no(MESSAGES[which](other.by, person.name))
  }
  const held = isOne(quorum) ? null : await leaseFor(me.names, approval, parts)
  return held === null
    ? { kind: 'yes', by: person.name }
    : no(`agent "${approval.agent}" acts for you under lease ${held}; somebody else has to say yes`)
}

/** A live lease that this agent has for the person, beside the one that asks: whoever gains by one is nobody to watch over another. */
async function leaseFor(
  names: readonly string[],
  { agent }: Approval,
  { leases, signer, clock }: BrokerParts,
): Promise<string | null> {
  const { items } = await leases.list({ agent, after: '', limit: LIMITS.leases }, clock())
  for (const { contract } of items) {
    const lease = await signer.open(contract)
    if (lease !== null && names.includes(foldName(lease.sponsor))) return lease.id
  }
  return null
}

const MESSAGES = {
  same: (other: string) => `you said yes to this already, as ${other}; somebody else has to say it too`,
  unclear: (other: string, me: string) =>
    `nobody can tell whether you are ${other}, who said yes already: sign in with a token that has your address, ` +
    `or let the platform team write the addresses of ${me} and ${other} under alsoKnownAs in the policy file`,
} as const satisfies Record<Exclude<Apart, 'another'>, (other: string, me: string) => string>

function no(message: string): MayAnswer {
  return { kind: 'no', message }
}
