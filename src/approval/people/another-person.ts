import type { Principal } from '../../identity/caller.ts'
import { claimAt } from '../../identity/claims/claim-at.ts'
import type { Policy } from '../../policy/policy.ts'
import { foldName } from '../../support/text/fold-name.ts'
import { NAME_CLAIMS } from './person-names.ts'

/** Who said yes, with all that was known of them then. */
export interface Known {
  /** Their name in the policy. */
  readonly by: string
  readonly issuer?: string | undefined
  /** What else they were called: by the policy, and in claims of the token that they brought. Folded. */
  readonly names?: readonly string[] | undefined
}

type Person = Extract<Principal, { readonly kind: 'person' }>
type People = Pick<Policy, 'people'>

/** Claims of a token may be of any length; names are not. Aliases beyond are still in the policy, where they are looked up again. */
const LONGEST = 320
const MOST_NAMES = 16

export function knownOf({ name, identity }: Person, policy: People) {
  const claims = NAME_CLAIMS.map(claim => claimAt(identity.claims, claim)).filter(value => typeof value === 'string')
  const names = [identity.subject, ...claims, ...namesIn(policy, name)]
    .map(foldName)
    .filter(text => text !== '' && text.length <= LONGEST)
  return { by: name, issuer: identity.issuer, names: [...new Set(names)].slice(0, MOST_NAMES) }
}

export type Apart = 'same' | 'unclear' | 'another'

/**
 * Whether two yeses are of two people. Somebody may have several accounts, and choose which they bring. Accounts of one issuer that the
 * policy has under two names are two people unless a name says otherwise; of two issuers they are only where both have an address, and
 * none in common.
 */
export function apart(one: Known, other: Known, policy: People): Apart {
  const [mine, theirs] = [one, other].map(known => allNames(known, policy))
  if (mine === undefined || theirs === undefined) return 'unclear'
  if ([...mine].some(name => theirs.has(name))) return 'same'
  if (one.issuer !== undefined && one.issuer === other.issuer) return 'another'
  return [mine, theirs].every(names => [...names].some(name => name.includes('@'))) ? 'another' : 'unclear'
}

/** Folded. */
export function allNames({ by, names = [] }: Known, policy: People): ReadonlySet<string> {
  return new Set([...namesIn(policy, by).map(foldName), ...names])
}

/** As the policy of the moment has them: an alias that is written down later counts for what was said before. */
function namesIn({ people }: People, name: string): readonly string[] {
  return [name, ...(people.find(person => person.name === name)?.alsoKnownAs ?? [])]
}
