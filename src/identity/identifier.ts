import type { Principal } from './caller.ts'

/** Who is asking, by the token they brought. Rejects never: an issuer that cannot be reached is `unavailable`. */
export interface Identifier {
  identify(token: string): Promise<Identified>
  /** Who lets an agent act for them, by a token that is for that and nothing else: a person of the policy. */
  consent(token: string): Promise<Identified>
}

export type IdentityProblem =
  | 'bad-token'
  | 'token-expired'
  /** A lease token opens the cluster, not the broker. */
  | 'lease-token'
  /** Verified, and nobody the policy knows. */
  | 'unknown-identity'
  /** Verified, and more than one of those the policy knows. */
  | 'ambiguous-identity'
  /** The issuer's keys could not be fetched. */
  | 'unavailable'

export type Identified =
  | { readonly kind: 'principal'; readonly principal: Principal }
  /** `detail` is safe to show: it names claims and issuers, never values out of an unverified token. */
  | { readonly kind: 'refused'; readonly reason: IdentityProblem; readonly detail: string }
