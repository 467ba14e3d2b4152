import { type CryptoKey, compactVerify, SignJWT } from 'jose'
import { z } from 'zod'
import type { Lease } from '../../lease/lease.ts'
import type { Caller } from '../caller.ts'
import type { SigningKey, VerifyKeys } from '../keys/keys.ts'
import { type CompactJws, parseCompactJws } from './compact-jws.ts'
import { THUMBPRINT } from './lease-claims.ts'
import { ALGORITHM, BOUNDARY_AUDIENCE, CONTRACT_TYPE, ISSUER, LEASE_TOKEN_TYPE } from './token-types.ts'

/**
 * No lease token lives longer, whoever signed it. Whether its lease is live is asked with each request; this is how long one that was
 * stolen, or whose identity was withdrawn, is of use where nobody ends the lease. Some clients take a token for ended five minutes early
 * (Python's), and ask for a new one with each request if it never lives longer than that.
 */
export const MAX_LEASE_TOKEN_MS = 900_000

/** Whole header and whole claims: what is not named here (jku, jwk, x5u, crit, nbf …) makes the token a bad one. */
const HEADER = z.strictObject({ alg: z.literal(ALGORITHM), typ: z.literal(LEASE_TOKEN_TYPE), kid: z.string() })
const CLAIMS = z.strictObject({
  iss: z.literal(ISSUER),
  aud: z.literal(BOUNDARY_AUDIENCE),
  sub: z.string().min(1),
  lease: z.string().min(1),
  iat: z.int(),
  exp: z.int(),
  /** The certificate without which it is nothing (RFC 8705, 3.1). */
  cnf: z.strictObject({ 'x5t#S256': THUMBPRINT }).exactOptional(),
})

export interface IssuedToken {
  readonly token: string
  /** Epoch milliseconds. */
  readonly expiresAt: number
}

interface Issuing {
  readonly key: SigningKey
  readonly now: number
  readonly ttlMs: number
  /** Of the certificate that it is bound to; null: to none. */
  readonly certificate?: string | null
}

/** A token that names the lease and ends with it, or sooner. */
export async function issueLeaseToken(
  lease: Pick<Lease, 'id' | 'agent' | 'expiresAt'>,
  { key, now, ttlMs, certificate = null }: Issuing,
): Promise<IssuedToken> {
  const iat = Math.floor(now / 1000)
  const exp = Math.floor(Math.min(lease.expiresAt, now + Math.min(ttlMs, MAX_LEASE_TOKEN_MS)) / 1000)
  const cnf = certificate === null ? {} : { cnf: { 'x5t#S256': certificate } }
  const claims = { iss: ISSUER, aud: BOUNDARY_AUDIENCE, sub: lease.agent, lease: lease.id, iat, exp, ...cnf }
  const token = await new SignJWT(claims)
    .setProtectedHeader({ alg: ALGORITHM, typ: LEASE_TOKEN_TYPE, kid: key.kid })
    .sign(key.key)
  return { token, expiresAt: exp * 1000 }
}

/** Everything of a lease token but its end, which only the clock knows. */
export async function readLeaseToken(token: string, keys: VerifyKeys): Promise<Caller> {
  const parsed = parseCompactJws(token)
  if (parsed === null) return bad('it is not a signed token')
  const header = HEADER.safeParse(parsed.header)
  if (!header.success)
    return looksLikeIdentity(parsed) ? identityToken() : bad('its header is not that of a lease token')
  const claims = CLAIMS.safeParse(parsed.payload)
  if (!claims.success) return bad('its claims are not those of a lease token')
  const key = keys.get(header.data.kid)
  if (key === undefined) return bad('its key is not known here')
  if (!(await isSignedBy(token, key))) return bad('its signature is wrong')
  const { lease, sub, iat, exp, cnf } = claims.data
  if ((exp - iat) * 1000 > MAX_LEASE_TOKEN_MS) return bad('it was issued for too long a time')
  const bound = cnf === undefined ? {} : { certificate: cnf['x5t#S256'] }
  return { kind: 'lease', lease, agent: sub, tokenIssuedAt: iat * 1000, tokenExpiresAt: exp * 1000, ...bound }
}

async function isSignedBy(token: string, key: CryptoKey): Promise<boolean> {
  return compactVerify(token, key, { algorithms: [ALGORITHM] }).then(
    () => true,
    () => false,
  )
}

/** Only decides which of two refusals is the more helpful one. */
function looksLikeIdentity({ header, payload }: CompactJws): boolean {
  return header['typ'] !== LEASE_TOKEN_TYPE && header['typ'] !== CONTRACT_TYPE && typeof payload['iss'] === 'string'
}

function bad(detail: string): Caller {
  return { kind: 'none', reason: 'bad-token', detail }
}

function identityToken(): Caller {
  return { kind: 'none', reason: 'identity-token', detail: '' }
}
