import { errors, type JWTVerifyGetKey, jwtVerify } from 'jose'
import type { Issuer, Policy } from '../policy/policy.ts'
import type { Clock } from '../support/time/clock.ts'
import type { VerifiedIdentity } from './caller.ts'
import { oddTimes, TOLERANCE } from './claims/token-times.ts'
import type { Identified, Identifier, IdentityProblem } from './identifier.ts'
import { IssuerKeysError, issuerKeys, type KeyNotices } from './issuers/issuer-keys.ts'
import { audiencesOf, issuerOf } from './issuers/issuer-of.ts'
import { type Reviewed, reviewToken, TokenReviewError, type ToReview } from './issuers/token-review.ts'
import { matchPrincipal } from './match-principal.ts'
import { parseCompactJws } from './token/compact-jws.ts'
import { CONTRACT_TYPE, LEASE_TOKEN_TYPE } from './token/token-types.ts'

/** Service account tokens have no `typ`; `at+jwt` is RFC 9068's. */
const TYPES: ReadonlySet<unknown> = new Set([undefined, 'jwt', 'at+jwt', 'application/at+jwt'])
/** JWT-SVID, 2.3. */
const SVID_TYPES: ReadonlySet<unknown> = new Set([undefined, 'jwt', 'jose'])

interface Options {
  readonly policy: () => Policy
  readonly clock: Clock
  /** Told of keys that cannot be had, with where from and why; whoever brought the token, who may be anybody, only hears whose. */
  readonly onUnavailable: (error: IssuerKeysError | TokenReviewError) => void
  readonly onOddKeys?: KeyNotices['onOdd']
  readonly onKeptKeys?: KeyNotices['onKept']
  /** Whether the API server still holds a token, for issuers that want it asked. */
  readonly review?: (asked: ToReview) => Promise<Reviewed>
}

/** Identity tokens of the issuers in the policy file. */
export function jwtIdentifier(options: Options): Identifier {
  const keysOf = keysByIssuer({ onOdd: options.onOddKeys ?? (() => {}), onKept: options.onKeptKeys ?? (() => {}) })
  return {
    identify: token => identify(token, options, keysOf, 'identity'),
    consent: token => identify(token, options, keysOf, 'consent'),
  }
}

async function identify(
  token: string,
  options: Options,
  keysOf: (issuer: Issuer) => JWTVerifyGetKey,
  wanted: 'identity' | 'consent',
): Promise<Identified> {
  const policy = options.policy()
  const jws = parseCompactJws(token)
  if (jws === null) return refused('bad-token', 'it is not a signed JWT')
  const typ = jws.header['typ']
  if (typ === LEASE_TOKEN_TYPE || typ === CONTRACT_TYPE)
    return refused('lease-token', 'a lease token does not open the broker')
  const issuer = issuerOf(jws, policy)
  const types = issuer?.trustDomain === undefined ? TYPES : SVID_TYPES
  if (!types.has(typeof typ === 'string' ? typ.toLowerCase() : typ))
    return refused('bad-token', 'its typ is not that of an identity token')
  if (issuer === null)
    return refused('bad-token', 'it is not from an issuer and for the audience that the policy file names')
  // Whoever brings a consent is not who gave it, and what opens the broker to a person is nothing to hand to an agent.
  const { consentFor } = issuer
  if (wanted === 'identity' && consentFor !== undefined)
    return refused('bad-token', 'it is a consent, and nobody by itself')
  if (wanted === 'consent' && consentFor === undefined)
    return refused('bad-token', `tokens of issuer ${issuer.name} are no consents (consentFor)`)
  try {
    const identity = await verified(token, issuer, keysOf(issuer), options.clock())
    const odd =
      oddTimes(identity.claims, issuer, options.clock()) ??
      oddKind(identity.claims) ??
      (await notHeld(token, identity, issuer, options))
    if (odd !== null) return refused('bad-token', odd)
    const known = consentFor === undefined ? identity : { ...identity, issuer: consentFor, consent: issuer.name }
    const found = matchPrincipal(known, policy)
    return agentByLogin(found, identity, issuer) ?? found
  } catch (error) {
    return toProblem(error, issuer, options)
  }
}

async function verified(token: string, issuer: Issuer, keys: JWTVerifyGetKey, now: number): Promise<VerifiedIdentity> {
  const { payload } = await jwtVerify(token, keys, {
    ...(issuer.issuer === null ? {} : { issuer: issuer.issuer }),
    audience: [...audiencesOf(issuer)],
    algorithms: [...issuer.algorithms],
    clockTolerance: TOLERANCE,
    currentDate: new Date(now),
  })
  const { sub, exp } = payload
  if (typeof sub !== 'string' || sub === '' || exp === undefined) throw new errors.JWTInvalid('sub and exp are wanted')
  return { issuer: issuer.name, subject: sub, claims: payload, expiresAt: exp * 1000 }
}

/** What a provider signs with the same key and audience to tell of a logout or the like (RFC 8417) has a `sub` too, and nobody brought it. */
function oddKind({ events }: VerifiedIdentity['claims']): string | null {
  return events === undefined ? null : 'it tells of an event, and is no identity'
}

/** Whoever logs in uses a program that has no secret: an agent has tokens of its own, for us. */
function agentByLogin(found: Identified, { claims }: VerifiedIdentity, { audience }: Issuer): Identified | null {
  if (found.kind !== 'principal' || found.principal.kind !== 'agent') return null
  return [claims['aud']].flat().includes(audience)
    ? null
    : refused('unknown-identity', `it is a login as agent ${found.principal.agent}: only people log in`)
}

/** Last, so that only a token that is good by all else costs the API server anything. */
async function notHeld(
  token: string,
  { subject }: VerifiedIdentity,
  { audience, tokenReview }: Issuer,
  { review = reviewToken }: Options,
): Promise<string | null> {
  if (tokenReview !== true) return null
  const said = await review({ token, audience, subject })
  return said === 'held' ? null : NOT_HELD[said]
}

const NOT_HELD = {
  refused: 'the API server does not hold it any more (TokenReview): its pod or its service account may be gone',
  other: 'to the API server it is of somebody else, or for another audience (TokenReview)',
} as const satisfies Record<Exclude<Reviewed, 'held'>, string>

function toProblem(error: unknown, issuer: Issuer, { onUnavailable }: Options): Identified {
  if (error instanceof errors.JWTExpired) return refused('token-expired', 'get a fresh identity token')
  if (error instanceof IssuerKeysError) {
    onUnavailable(error)
    return refused('unavailable', `the keys of issuer ${issuer.name} cannot be had`)
  }
  if (error instanceof TokenReviewError) {
    onUnavailable(error)
    return refused('unavailable', `the API server of issuer ${issuer.name} cannot be asked whether it still holds it`)
  }
  if (error instanceof errors.JWKSNoMatchingKey)
    return refused(
      'bad-token',
      `issuer ${issuer.name} publishes no key of this id; a new one is looked for every few seconds`,
    )
  if (error instanceof errors.JWTClaimValidationFailed)
    return refused('bad-token', `its claim ${error.claim} is not acceptable`)
  return refused('bad-token', 'its signature, key or algorithm is not acceptable')
}

/** Key sets keep what they fetched, so each issuer has one for as long as it is described the same way. */
function keysByIssuer(notices: KeyNotices): (issuer: Issuer) => JWTVerifyGetKey {
  const known = new Map<string, JWTVerifyGetKey>()
  return issuer => {
    const description = JSON.stringify([issuer.name, issuer.jwks, issuer.algorithms, issuer.keysKeptMs])
    const keys = known.get(description) ?? issuerKeys(issuer, notices)
    known.set(description, keys)
    return keys
  }
}

function refused(reason: IdentityProblem, detail: string): Identified {
  return { kind: 'refused', reason, detail }
}
