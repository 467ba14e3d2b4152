import type { Approval } from '../../approval/approval.ts'
import { type Apart, allNames, apart, knownOf } from '../../approval/people/another-person.ts'
import { counted } from '../../approval/people/counted.ts'
import { claimed, describeQuorum, isWanted } from '../../approval/people/groups.ts'
import { namesOf, namesOfSponsor, namingOf } from '../../approval/people/sponsor-names.ts'
import type { SignedAnswer } from '../../identity/signed/answer.ts'
import type { Lease } from '../../lease/lease.ts'
import type { LeaseRecord, Page } from '../../lease/lease-store.ts'
import { LIMITS } from '../../lease/limits.ts'
import { MOST_PEOPLE, ONE } from '../../lease/questions/quorum.ts'
import { foldName } from '../../support/text/fold-name.ts'
import type { BrokerParts, Person } from '../parts.ts'
import type { MayAnswer } from './may-answer.ts'
import { agentsIn, lineOf, mayJudgeLine } from './may-judge-line.ts'

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
  const line = await lineOf(approval.lease, parts)
  // The question is part of what is signed: what it says of the lease cannot be taken away with the lease.
  const isLost = line?.length === 0 && approval.question.delegatedBy !== undefined
  const judges = mayJudgeLine(person, isLost ? null : line, policy)
  if (judges.kind === 'no') return judges
  const mine = namesOf(person, namingOf(approval.agent, policy), policy).map(foldName)
  const sponsored = await sponsorsBeside(approval, parts)
  const held = mine.find(name => sponsored.has(name))
  return held === undefined
    ? { kind: 'yes', by: person.name }
    : no(`agent "${approval.agent}" acts for you under lease ${sponsored.get(held)}; somebody else has to say yes`)
}

/** Of yeses that were said those of people for whom the agent has no lease by now. */
export async function ofOthers(yeses: readonly Yes[], approval: Approval, parts: BrokerParts): Promise<readonly Yes[]> {
  if (yeses.length === 0) return []
  const sponsored = await sponsorsBeside(approval, parts)
  return yeses.filter(yes => ![...allNames(yes, parts.policy())].some(name => sponsored.has(name)))
}

/**
 * For whom this agent has a live lease, or one that handed it what it has, with its id: whoever gains by one is nobody to watch over another. Where they
 * cannot be listed this throws, and nothing is answered.
 */
async function sponsorsBeside({ agent, lease }: Approval, parts: BrokerParts): Promise<ReadonlyMap<string, string>> {
  const agents = new Set([agent, ...agentsIn((await lineOf(lease, parts)) ?? [])])
  const beside = await Promise.all([...agents].map(one => sponsorsOf(one, parts)))
  return new Map(beside.flat())
}

async function sponsorsOf(
  agent: string,
  parts: BrokerParts,
): Promise<readonly (readonly [name: string, lease: string])[]> {
  const { policy } = parts
  const naming = namingOf(agent, policy())
  return (await leasesOf(agent, parts)).flatMap(lease =>
    lease === null || lease.sponsor === ''
      ? []
      : [...namesOfSponsor(lease.sponsor, naming, policy())].map(name => [name, lease.id] as const),
  )
}

/** All of them: those that others handed to it are beyond its own limit. */
async function leasesOf(agent: string, { leases, signer, clock }: BrokerParts): Promise<readonly (Lease | null)[]> {
  const found: (Lease | null)[] = []
  let after: string | null = ''
  while (after !== null) {
    const page: Page<LeaseRecord> = await leases.list({ agent, after, limit: LIMITS.leases }, clock())
    found.push(...(await Promise.all(page.items.map(({ contract }) => signer.open(contract)))))
    after = page.next
  }
  return found
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
