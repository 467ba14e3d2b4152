import type { Approval } from '../../approval/approval.ts'
import { isCalled, isSameKind, NAME_CLAIMS } from '../../approval/people/person-names.ts'
import {
  aliasesOf,
  claimed,
  type Naming,
  namesOf,
  namesOfSponsor,
  namingOf,
} from '../../approval/people/sponsor-names.ts'
import type { Principal } from '../../identity/caller.ts'
import type { Lease } from '../../lease/lease.ts'
import type { Policy } from '../../policy/policy.ts'
import { foldName } from '../../support/text/fold-name.ts'
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
  return mayJudge(principal, { agent, sponsor: question.sponsor }, policy)
}

/** The same of whatever an agent does on behalf of a sponsor. */
export function mayJudge(
  principal: Person,
  { agent, sponsor }: Pick<Lease, 'agent' | 'sponsor'>,
  policy: Registered,
): MayAnswer {
  if (!principal.roles.includes('approver')) return no(`${principal.name} is not an approver`)
  if (sponsor === '') return { kind: 'yes', by: principal.name }
  const naming = namingOf(agent, policy)
  const sponsors = namesOfSponsor(sponsor, naming, policy)
  if (namesOf(principal, naming, policy).some(name => sponsors.has(foldName(name)))) {
    return no('you are the sponsor of this request; somebody else has to answer it')
  }
  return isSomebodyElse(principal, { sponsor, naming }, policy)
    ? { kind: 'yes', by: principal.name }
    : no(unclear(principal.name, naming))
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
