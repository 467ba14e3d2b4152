import type { Principal } from '../../identity/caller.ts'
import { claimAt } from '../../identity/claims/claim-at.ts'
import type { Lease } from '../../lease/lease.ts'
import type { Policy } from '../../policy/policy.ts'
import { foldName } from '../../support/text/fold-name.ts'
import { NAME_CLAIMS } from './person-names.ts'

type Person = Extract<Principal, { readonly kind: 'person' }>

/** By which claim of which issuer an agent's sponsors are named; null for a sponsor that the policy itself names. */
export interface Naming {
  readonly issuer: string
  readonly claim: string
}

export function namingOf(name: string, { agents }: Pick<Policy, 'agents'>): Naming | null {
  const agent = agents.find(agent => agent.name === name)
  return agent?.sponsor.kind === 'claim' ? { issuer: agent.match.issuer, claim: agent.sponsor.claim } : null
}

/** Every name that policy and token have for this person. */
export function namesOf(person: Person, naming: Naming | null, policy: Pick<Policy, 'people'>): readonly string[] {
  return [person.name, person.identity.subject, ...aliasesOf(person, policy), ...claimed(person, nameClaims(naming))]
}

export function aliasesOf({ name }: Person, { people }: Pick<Policy, 'people'>): readonly string[] {
  return people.find(person => person.name === name)?.alsoKnownAs ?? []
}

export function claimed({ identity }: Person, paths: readonly string[]): readonly string[] {
  return paths.map(path => claimAt(identity.claims, path)).filter(value => typeof value === 'string')
}

/**
 * All that the policy calls whoever is called so, folded: a sponsor may be another account's owner, and that account bring a name that the
 * policy has for the sponsor alone. Entries that share a name are one person, so what is found is looked for as well.
 */
export function namesOfSponsor(
  sponsor: string,
  naming: Naming | null,
  { people }: Pick<Policy, 'people'>,
): ReadonlySet<string> {
  const claims = ['sub', ...nameClaims(naming)]
  const called = people.map(({ name, alsoKnownAs, match }) => {
    const byClaim = Object.entries(match.claims).flatMap(([claim, value]) => (claims.includes(claim) ? [value] : []))
    return [name, ...alsoKnownAs, ...byClaim].map(foldName)
  })
  const names = new Set([foldName(sponsor)])
  for (const known of names) {
    for (const other of called.filter(all => all.includes(known)).flat()) names.add(other)
  }
  return names
}

/**
 * Everybody through whom the token went that the lease was asked with, and whose consent it was asked with, by every name that the policy
 * knows of them; folded.
 */
export function namesOfActors(
  { agent, actors = [], onBehalfOf }: Pick<Lease, 'agent' | 'actors' | 'onBehalfOf'>,
  policy: Pick<Policy, 'agents' | 'people'>,
): ReadonlySet<string> {
  const naming = namingOf(agent, policy)
  const all = onBehalfOf === undefined ? actors : [...actors, onBehalfOf]
  return new Set(all.flatMap(({ subject }) => [...namesOfSponsor(subject, naming, policy)]))
}

/** A person's own token has what a token of an agent has under `act.` at its top. */
function nameClaims(naming: Naming | null): readonly string[] {
  return naming === null ? NAME_CLAIMS : [naming.claim, lastOf(naming.claim), ...NAME_CLAIMS]
}

function lastOf(claim: string): string {
  return claim.slice(claim.lastIndexOf('.') + 1)
}
