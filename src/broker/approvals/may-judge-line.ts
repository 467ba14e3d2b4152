import { namesOf, namesOfActors, namesOfSponsor, namingOf } from '../../approval/people/sponsor-names.ts'
import type { Lease } from '../../lease/lease.ts'
import type { Policy } from '../../policy/policy.ts'
import { foldName } from '../../support/text/fold-name.ts'
import { knownLease, leasesAbove } from '../leases/find-lease.ts'
import type { BrokerParts, Person } from '../parts.ts'
import { type MayAnswer, mayJudge } from './may-answer.ts'

/** The lease and those that it was narrowed from; empty where it is gone itself, null where one above it cannot be read. */
export async function lineOf(
  id: string,
  parts: Pick<BrokerParts, 'leases' | 'clock' | 'signer'>,
): Promise<readonly Lease[] | null> {
  const lease = (await knownLease(id, parts))?.lease
  if (lease === undefined) return []
  const above = await leasesAbove(lease, parts)
  return above.includes(null) ? null : [lease, ...above.filter(one => one !== null)]
}

/** All agents that had a hand in it. */
export function agentsIn(line: readonly Lease[]): readonly string[] {
  return [...new Set(line.flatMap(agentsOf))]
}

function agentsOf({ agent, delegated }: Lease): readonly string[] {
  return delegated === undefined ? [agent] : [agent, delegated.by]
}

/**
 * Whether this person is surely none of those behind the leases that a request comes under: through whose hands a token went, for whom an agent acts that
 * has it or handed it on. Each agent's sponsors are told by what its own tokens call them.
 */
export function mayJudgeLine(
  person: Person,
  line: readonly Lease[] | null,
  policy: Pick<Policy, 'agents' | 'people'>,
): MayAnswer {
  if (line === null)
    return no('a lease that this one was narrowed from cannot be read, so nobody can tell who is behind it')
  const isHanded = line.some(({ delegated }) => delegated !== undefined)
  for (const lease of line) {
    for (const agent of agentsOf(lease)) {
      const naming = namingOf(agent, policy)
      const mine = namesOf(person, naming, policy).map(foldName)
      const through = namesOfActors({ ...lease, agent }, policy)
      if (mine.some(name => through.has(name)))
        return no('the token that this was asked with went through you; somebody else has to say yes')
      const { agentSponsor = '' } = lease
      const behind = agentSponsor === '' ? new Set() : namesOfSponsor(agentSponsor, naming, policy)
      if (mine.some(name => behind.has(name)))
        return no(`agent "${lease.agent}", which asks this, acts for you; somebody else has to say yes`)
      const may = isHanded ? mayJudge(person, { agent, sponsor: lease.sponsor }, policy) : null
      if (may?.kind === 'no') return may
    }
    const { agent, agentSponsor: sponsor } = lease
    const may = sponsor === undefined ? null : mayJudge(person, { agent, sponsor }, policy)
    if (may?.kind === 'no') return may
  }
  return { kind: 'yes', by: person.name }
}

function no(message: string): MayAnswer {
  return { kind: 'no', message }
}
