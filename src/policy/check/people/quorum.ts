import { isOne, ONE, type Quorum, stricterQuorum } from '../../../lease/questions/quorum.ts'
import type { Agent, Person, Policy, TaskTemplate } from '../../policy.ts'
import { aboutTemplate, agentsWith, type Warning } from '../warning.ts'

/** Questions that never get the yeses they want: each counts from another person, and never from the sponsor. */
export function quorumWarnings(policy: Policy): readonly Warning[] {
  return policy.templates.flatMap(template => {
    const messages = quorumsOf(template).flatMap(([what, quorum]) =>
      agentsWith(template).flatMap(agent => {
        const able = howMany(
          quorum,
          policy.agents.find(({ name }) => name === agent),
          policy,
        )
        return able >= quorum.people
          ? []
          : [`wants ${wanted(quorum)} to say yes${what}, and for agent "${agent}" ${able} could`]
      }),
    )
    return [...new Set(messages)].map(message => aboutTemplate(template, message))
  })
}

/** Where it says nothing, any one approver will do: that somebody is one is said for the whole policy. */
function quorumsOf({ approval, issue }: TaskTemplate): readonly (readonly [what: string, Quorum])[] {
  const { quorum, risks = {}, tiers = {} } = approval
  const byTier = Object.entries(tiers).flatMap(([tier, own]) =>
    typeof own === 'object' && !isOne(own)
      ? [[` to what is ${tier}`, stricterQuorum(quorum ?? ONE, own)] as const]
      : [],
  )
  const byRisk = Object.entries(risks).map(([id, own]) => [` to "${id}"`, stricterQuorum(quorum ?? ONE, own)] as const)
  const toLeases = issue === undefined ? [] : [[' to each of its leases', issue] as const]
  const each = [...byTier, ...byRisk, ...toLeases]
  return quorum === undefined ? each : [['', quorum], ...each]
}

function wanted({ people, groups }: Quorum): string {
  const each = groups.map(list => list.join(' or '))
  return `${people} ${people === 1 ? 'person' : 'people'}${each.length === 0 ? '' : ` of ${each.join(', and of ')}`}`
}

/** Accounts that share a name are one person. */
function howMany({ groups }: Quorum, agent: Agent | undefined, policy: Policy): number {
  const able = policy.people.filter(
    person =>
      person.roles.includes('approver') &&
      !isSponsor(person, agent) &&
      groups.every(list => list.some(name => mayBeIn(person, name, policy))),
  )
  const counted: Set<string>[] = []
  for (const person of able) {
    const names = new Set(namesOf(person))
    const known = counted.find(one => [...names].some(name => one.has(name)))
    if (known === undefined) counted.push(names)
    else for (const name of names) known.add(name)
  }
  return counted.length
}

function isSponsor(person: Person, agent: Agent | undefined): boolean {
  return agent?.sponsor.kind === 'fixed' && namesOf(person).includes(agent.sponsor.name.toLowerCase())
}

function namesOf({ name, alsoKnownAs }: Person): readonly string[] {
  return [name, ...alsoKnownAs].map(each => each.toLowerCase())
}

/** What a token will say is not known: anybody of its issuer may be in a group by claims. */
function mayBeIn(person: Person, name: string, { groups = [] }: Policy): boolean {
  const group = groups.find(one => one.name === name)
  return group !== undefined && (group.members.includes(person.name) || group.match?.issuer === person.match.issuer)
}
