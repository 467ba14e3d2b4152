import { createLocalJWKSet, errors, type JWTVerifyGetKey } from 'jose'
import type { Issuer } from '../../policy/policy.ts'
import { parseJwks } from './jwks.ts'
import { readPublishedKeys } from './published-keys.ts'

/**
 * Whatever key ids come in, their issuer is asked at most once in this time; a key that it has just begun to sign with is refused
 * for as long.
 */
export const COOLDOWN_MS = 5000
/** Fetched keys are good for so long; then they are fetched again, and while that fails nobody passes. */
const MAX_AGE_MS = 600_000
/** An issuer that could not be asked is left alone for so long, however many tokens come; short, since nobody of it passes meanwhile. */
const LEFT_ALONE_MS = 1000
const SAID = 5

/** The issuer's keys could not be had. */
export class IssuerKeysError extends Error {
  readonly code = 'issuer-keys-unavailable'
}

/** Told of entries that are passed over, each time that an issuer publishes others. */
export type OnOddKeys = (issuer: string, odd: readonly string[]) => void

/** The issuer's public keys: its file, looked at with each token, or its URL. Rejects with IssuerKeysError when they cannot be had. */
export function issuerKeys(issuer: Issuer, onOdd: OnOddKeys): JWTVerifyGetKey {
  const read = reader(issuer, onOdd)
  return issuer.jwks.kind === 'file' ? fileKeys(issuer, read) : fetchedKeys(issuer, read)
}

/** Makes keys of a text. */
type Read = (text: string) => Promise<JWTVerifyGetKey>

function reader({ name, algorithms }: Issuer, onOdd: OnOddKeys): Read {
  let said = ''
  return async text => {
    const found = await parseJwks(text, algorithms)
    if (found === null) return unavailable(name, 'what it publishes is not a JWKS')
    const odd = found.odd.length <= SAID ? found.odd : [...found.odd.slice(0, SAID), `${found.odd.length - SAID} more`]
    if (odd.length > 0 && said !== odd.join()) onOdd(name, odd)
    said = odd.join()
    return createLocalJWKSet({ keys: [...found.keys] })
  }
}

function fileKeys(issuer: Issuer, read: Read): JWTVerifyGetKey {
  let text = ''
  let keys: JWTVerifyGetKey | null = null
  return async (header, token) => {
    const now = await published(issuer)
    if (keys === null || now !== text) {
      keys = await read(now)
      text = now
    }
    return keys(header, token)
  }
}

/** One fetch at a time, which all wait for. Reckoned by a clock that nobody sets. */
function fetchedKeys(issuer: Issuer, read: Read): JWTVerifyGetKey {
  let known: { readonly keys: JWTVerifyGetKey; readonly at: number } | null = null
  let failed: { readonly error: unknown; readonly at: number } | null = null
  let triedAt = Number.NEGATIVE_INFINITY
  let pending: Promise<JWTVerifyGetKey> | null = null
  const fetchKeys = async (): Promise<JWTVerifyGetKey> => {
    triedAt = performance.now()
    try {
      const keys = await read(await published(issuer))
      known = { keys, at: performance.now() }
      return keys
    } catch (error) {
      failed = { error, at: performance.now() }
      throw error
    }
  }
  const refreshed = async (): Promise<JWTVerifyGetKey> => {
    if (failed !== null && performance.now() - failed.at < LEFT_ALONE_MS) throw failed.error
    pending ??= fetchKeys().finally(() => {
      pending = null
    })
    return pending
  }
  return async (header, token) => {
    const isFresh = known !== null && performance.now() - known.at < MAX_AGE_MS
    const keys = isFresh && known !== null ? known.keys : await refreshed()
    try {
      return await keys(header, token)
    } catch (error) {
      const isNew = error instanceof errors.JWKSNoMatchingKey && isFresh
      if (!isNew || (pending === null && performance.now() - triedAt < COOLDOWN_MS)) throw error
      return (await refreshed())(header, token)
    }
  }
}

function published({ name, jwks }: Issuer): Promise<string> {
  return readPublishedKeys(jwks).catch(cause => unavailable(name, 'its keys cannot be had', cause))
}

function unavailable(issuer: string, what: string, cause?: unknown): never {
  throw new IssuerKeysError(`issuer ${issuer}: ${what}`, { cause })
}
