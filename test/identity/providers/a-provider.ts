import type { CryptoKey, JWK } from 'jose'

export type Claims = Readonly<Record<string, unknown>>

/** A token like the good one but for some claims or parts of its header; undefined takes one away. */
export interface Variant {
  readonly name: string
  readonly claims?: Claims
  readonly header?: Claims
}

export interface LookAlike extends Variant {
  /** `unknown-identity` where the token is one of the provider's, and somebody else's. */
  readonly reason?: 'bad-token' | 'token-expired' | 'unknown-identity'
  /** Signed with another key than the provider publishes. */
  readonly forged?: true
}

/** What a provider's tokens and keys look like, for the issuer of that name in docs/identity.md. */
export interface Provider {
  readonly issuer: string
  readonly algorithm: 'RS256' | 'ES256'
  readonly header: Claims
  /** What it publishes, this public key among it. */
  readonly jwks: (key: JWK) => object
  /** Times are filled in, where these do not have them: an hour from now. */
  readonly claims: Claims
  /** Name of the agent or person that it is. */
  readonly is: string
  readonly alsoGood?: readonly Variant[]
  readonly lookAlikes: readonly LookAlike[]
}

export const NOW = Math.floor(Date.now() / 1000)

/** Wrong with any provider. */
export const EVERYWHERE: readonly LookAlike[] = [
  { name: 'expired', claims: { iat: NOW - 7200, nbf: NOW - 7200, exp: NOW - 3600 }, reason: 'token-expired' },
  { name: 'for another service', claims: { aud: 'https://vault.corp.example' } },
  { name: 'for us and for another service', claims: { aud: ['leasegate', 'https://vault.corp.example'] } },
  { name: 'of another issuer', claims: { iss: 'https://evil.example', sub: 'spiffe://evil.example/agent' } },
  { name: 'with the key of somebody else', forged: true },
  { name: 'with a typ of another kind', header: { typ: 'logout+jwt' } },
  { name: 'a logout token', claims: { events: { 'http://schemas.openid.net/event/backchannel-logout': {} } } },
  { name: 'made for ten years', claims: { exp: NOW + 315_360_000 } },
]

/** DER of nothing: nobody reads it, and it must not matter. */
export const X5C = ['MIIC/jCCAeagAwIBAgIJAJF8', 'not base64 at all']

export interface SignedBy {
  readonly publicKey: JWK
  readonly privateKey: CryptoKey
}
