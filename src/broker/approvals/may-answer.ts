import type { Approval } from '../../approval/approval.ts'
import { isCalled, isSameKind, isSameName, NAME_CLAIMS } from '../../approval/people/person-names.ts'
import type { Principal } from '../../identity/caller.ts'
import { claimAt } from '../../identity/claims/claim-at.ts'
import type { Policy } from '../../policy/policy.ts'
import type { Person } from '../parts.ts'

export type MayAnswer =
  | { readonly kind: 'yes'; readonly by: string }
  | { readonly kind: 'no'; readonly message: string }

type Registered = Pick<Policy, 'agents' | 'people'>

/**
 * An approver answers, and never somebody who asked: not the agent, not the human on whose behalf it acts. Approvers choose which
 * token they bring, so a token that does not tell them from the sponsor is not enough.
 */
export function mayAnswer(principal: Principal, { agent, question }: Approval, policy: Registered): MayAnswer {
  if (principal.kind === 'agent') return no('agents do not answer approvals')
  if (!principal.roles.includes('approver')) return no(`${principal.name} is not an approver`)
  const { sponsor } = question
  if (sponsor === '') return { kind: 'yes', by: principal.name }
  const naming = namingOf(agent, policy)
  if (namesOf(principal, naming, policy).some(name => isSameName(name, sponsor))) {
    return no('you are the sponsor of this request; somebody else has to answer it')
  }
  return isSomebodyElse(principal, { sponsor, naming }, policy)
    ? { kind: 'yes', by: principal.name }
    : no(unclear(principal.name, naming))
}

/** By which claim of which issuer an agent's sponsors are named; null for a sponsor that the policy itself names. */
interface Naming {
  readonly issuer: string
  readonly claim: string
}

export function namingOf(name: string, { agents }: Registered): Naming | null {
  const agent = agents.find(agent => agent.name === name)
  return agent?.sponsor.kind === 'claim' ? { issuer: agent.match.issuer, claim: agent.sponsor.claim } : null
}

/** Every name that policy and token have for this person. */
export function namesOf(person: Person, naming: Naming | null, policy: Registered): readonly string[] {
  const claims = naming === null ? NAME_CLAIMS : [naming.claim, ...NAME_CLAIMS]
  return [person.name, person.identity.subject, ...aliasesOf(person, policy), ...claimed(person, claims)]
}

function aliasesOf({ name }: Person, { people }: Registered): readonly string[] {
  return people.find(person => person.name === name)?.alsoKnownAs ?? []
}

function claimed({ identity }: Person, paths: readonly string[]): readonly string[] {
  return paths.map(path => claimAt(identity.claims, path)).filter(value => typeof value === 'string')
}

interface Sponsored {
  readonly sponsor: string
  readonly naming: Naming | null
}

/**
 * The sponsor is somebody else whom the policy knows; or this person is known by the names that sponsors have: through the same
 * claim of the same issuer, or through the policy, by a name of the same kind.
 */
function isSomebodyElse(person: Person, { sponsor, naming }: Sponsored, policy: Registered): boolean {
  const others = policy.people.filter(({ name }) => name !== person.name)
  if (others.some(other => isCalled(other, sponsor))) return true
  if (naming?.issuer === person.identity.issuer && claimed(person, [naming.claim]).length > 0) return true
  const aliases = aliasesOf(person, policy)
  const names = naming === null ? [person.name, ...aliases, ...claimed(person, NAME_CLAIMS)] : aliases
  return names.some(name => isSameKind(name, sponsor))
}

function unclear(name: string, naming: Naming | null): string {
  const missing =
    naming === null
      ? 'no name like that of the sponsor'
      : `no claim "${naming.claim}" of issuer ${naming.issuer}, by which sponsors are named`
  return (
    `your token has ${missing}, so nobody can tell whether you are the sponsor: sign in with a token that has it, ` +
    `or let the platform team write your other names under alsoKnownAs of ${name} in the policy file`
  )
}

function no(message: string): MayAnswer {
  return { kind: 'no', message }
}
