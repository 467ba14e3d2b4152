import { SPONSOR_NAME } from '../policy/file/values/words.ts'
import type { Agent, Person, Policy } from '../policy/policy.ts'
import type { VerifiedIdentity } from './caller.ts'
import { claimAt } from './claims/claim-at.ts'
import { contains, says } from './claims/claim-value.ts'

export type SponsorOf =
  | { readonly kind: 'sponsor'; readonly name: string }
  /** Completes the sentence for the agent. */
  | { readonly kind: 'none'; readonly why: string }

/** For whom an agent acts now: whom the policy file names, or the token does. */
export function sponsorOf({ name: agent, sponsor }: Agent, identity: VerifiedIdentity, policy: Policy): SponsorOf {
  if (sponsor.kind === 'fixed') return { kind: 'sponsor', name: sponsor.name }
  const named = claimAt(identity.claims, sponsor.claim)
  if (typeof named !== 'string' || !SPONSOR_NAME.test(named)) {
    return none(`the token has no readable claim that names the sponsor of agent ${agent}`)
  }
  if (sponsor.person !== true) return { kind: 'sponsor', name: named }
  const [person, ...others] = policy.people.filter(one => isMeant(one, named, sponsor.claim, identity))
  if (person === undefined) {
    return none(`whom the token names as the sponsor of agent ${agent} is no person of the policy file`)
  }
  return others.length === 0
    ? { kind: 'sponsor', name: person.name }
    : none(`whom the token names as the sponsor of agent ${agent} is more than one person of the policy file`)
}

/**
 * By a name of the policy, or by what tokens of the same issuer know this person by: all of it, where the token has the claim of the sponsor, since
 * one claim alone may be anybody's. As it stands, since it says who it was.
 */
function isMeant(
  { name, alsoKnownAs, match }: Person,
  named: string,
  claim: string,
  identity: VerifiedIdentity,
): boolean {
  if ([name, ...alsoKnownAs].includes(named)) return true
  const at = claim.lastIndexOf('.') + 1
  const [beside, last] = [claim.slice(0, at), claim.slice(at)]
  const found = (path: string) => claimAt(identity.claims, `${beside}${path}`)
  return (
    match.issuer === identity.issuer &&
    Object.hasOwn(match.claims, last) &&
    Object.entries(match.claims).every(([path, value]) => says(found(path), value)) &&
    Object.entries(match.contains ?? {}).every(([path, value]) => contains(found(path), value))
  )
}

function none(why: string): SponsorOf {
  return { kind: 'none', why }
}
