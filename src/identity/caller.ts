import type { Actor, Holder } from '../lease/lease.ts'
import type { Role } from '../policy/policy.ts'

/** Somebody whose token was verified. Claims are the verified ones of the token, nothing else. */
export interface VerifiedIdentity {
  /** Name of the issuer in the policy file. */
  readonly issuer: string
  readonly subject: string
  readonly claims: Readonly<Record<string, unknown>>
  readonly expiresAt: number
  /** Of a consent: the issuer of it. `issuer` is then that by which its person is known. */
  readonly consent?: string
}

/** Who opens the cluster: the holder of a lease token. */
export type Caller =
  | {
      readonly kind: 'lease'
      readonly lease: string
      readonly agent: string
      /** Epoch milliseconds, like the end. */
      readonly tokenIssuedAt: number
      readonly tokenExpiresAt: number
      /** Thumbprint of the client certificate that the token is bound to; not there where it is to none. */
      readonly certificate?: string
    }
  | {
      readonly kind: 'none'
      readonly reason: 'no-credential' | 'bad-token' | 'identity-token' | 'token-expired'
      readonly detail: string
    }

/** Who opens the broker. */
export type Principal =
  | {
      readonly kind: 'agent'
      readonly agent: string
      readonly sponsor: string
      /** Through whom the token went, the last one first; not there where nobody acts for its subject. */
      readonly actors?: readonly Actor[]
      /** By the client certificate that it showed; not there where it showed none. */
      readonly holder?: Holder
      readonly identity: VerifiedIdentity
    }
  | {
      readonly kind: 'person'
      readonly name: string
      readonly roles: readonly Role[]
      readonly identity: VerifiedIdentity
    }
