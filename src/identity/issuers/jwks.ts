import { importJWK, type JWK } from 'jose'

/** What an issuer publishes, as far as it is of use. */
export interface Jwks {
  /** Public keys with which a signature of one of the algorithms can be checked. */
  readonly keys: readonly JWK[]
  /** Entries that should not be there or cannot be read, and why: by their place, never what stands there. */
  readonly odd: readonly string[]
}

/**
 * The key set in a text, entry by entry: what others publish beside the key that is wanted is no reason to believe nobody. Keys of
 * other kinds and uses are left out. Null when it is no key set at all.
 */
export async function parseJwks(text: string, algorithms: readonly string[]): Promise<Jwks | null> {
  const entries = entriesOf(text)
  if (entries === null) return null
  const looks = await Promise.all(entries.map(entry => lookAt(entry, algorithms)))
  const keys = looks.filter(look => typeof look === 'object').filter(look => look !== null)
  return {
    keys: [...new Map(keys.map(key => [sameness(key), key])).values()],
    odd: looks.flatMap((look, index) => (typeof look === 'string' ? [`keys[${index}]: ${look}`] : [])),
  }
}

/** The same key twice is one; two that differ under one id stay two, and neither is believed. */
function sameness({ kty, crv, x, y, n, e, kid, alg }: JWK): string {
  return JSON.stringify([kty, crv, x, y, n, e, kid, alg])
}

function entriesOf(text: string): readonly unknown[] | null {
  try {
    const set: unknown = JSON.parse(text)
    const keys: unknown = isObject(set) ? set['keys'] : null
    return Array.isArray(keys) ? keys : null
  } catch {
    return null
  }
}

/** The key, why it is passed over, or null where it is simply for something else. */
async function lookAt(entry: unknown, algorithms: readonly string[]): Promise<JWK | string | null> {
  if (!isObject(entry) || typeof entry['kty'] !== 'string') return 'no key with a kty'
  // Whoever has read the set can sign with it, so nothing that it signed says anything.
  if (entry['d'] !== undefined || entry['k'] !== undefined) return 'a private key, which everybody has now'
  const fitting = algorithms.filter(algorithm => canCheck(entry, algorithm))
  for (const algorithm of fitting) {
    const { use: _, ...jwk } = entry as unknown as JWK
    const key = await importJWK(jwk, algorithm).catch(() => null)
    if (key !== null) return isLong(key) ? jwk : 'an RSA key of less than 2048 bits'
  }
  return fitting.length === 0 ? null : 'a key that cannot be read'
}

type Members = Readonly<Record<string, unknown>>

/** `jwt-svid`: in bundles of SPIFFE trust domains, beside keys of their certificates (SPIFFE_Trust_Domain_and_Bundle, 4). */
const USES: ReadonlySet<unknown> = new Set([undefined, 'sig', 'jwt-svid'])
const CURVES: Readonly<Record<string, string>> = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' }

/** Whether a signature of this algorithm can be checked with the key (RFC 7518, RFC 8037). */
function canCheck({ kty, crv, alg, use }: Members, algorithm: string): boolean {
  if (!USES.has(use)) return false
  if (algorithm === 'EdDSA')
    return kty === 'OKP' && crv === 'Ed25519' && [undefined, 'EdDSA', 'Ed25519'].includes(text(alg))
  if (alg !== undefined && alg !== algorithm) return false
  const curve = CURVES[algorithm]
  return curve === undefined ? kty === 'RSA' : kty === 'EC' && crv === curve
}

function isLong(key: Awaited<ReturnType<typeof importJWK>>): boolean {
  if (key instanceof Uint8Array) return false
  const { modulusLength } = key.algorithm as { readonly modulusLength?: number }
  return modulusLength === undefined || modulusLength >= 2048
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
