import { readFile } from 'node:fs/promises'
import { createLocalJWKSet, errors, type JWTVerifyGetKey } from 'jose'
import type { Issuer } from '../policy/policy.ts'
import { httpCall } from '../support/http-call.ts'
import { fetchClusterKeys } from './cluster-keys.ts'
import { parseJwks } from './jwks.ts'

const FETCH_MS = 3000
/**
 * Whatever key ids come in, their issuer is asked at most once in this time; a key that it has just begun to sign with is refused
 * for as long.
 */
export const COOLDOWN_MS = 5000
/** Fetched keys are good for so long; then they are fetched again, and while that fails nobody passes. */
const MAX_AGE_MS = 600_000
const MAX_JWKS_BYTES = 1_048_576
const SAID = 5

/** The issuer's keys could not be had. */
export class IssuerKeysError extends Error {
  readonly code = 'issuer-keys-unavailable'
}

/** Told of entries that are passed over, each time that an issuer publishes others. */
export type OnOddKeys = (issuer: string, odd: readonly string[]) => void

/** The issuer's public keys: its file, looked at with each token, or its URL. Rejects with IssuerKeysError when they cannot be had. */
export function issuerKeys(issuer: Issuer, onOdd: OnOddKeys): JWTVerifyGetKey {
  const { name, jwks } = issuer
  const read = reader(issuer, onOdd)
  switch (jwks.kind) {
    case 'file':
      return fileKeys(name, jwks.path, read)
    case 'url':
      return fetchedKeys(name, () => fetched(jwks), read)
    case 'cluster':
      return fetchedKeys(name, fetchClusterKeys, read)
  }
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

function fileKeys(issuer: string, path: string, read: Read): JWTVerifyGetKey {
  let text = ''
  let keys: JWTVerifyGetKey | null = null
  return async (header, token) => {
    const now = await readFile(path, 'utf8').catch(cause => unavailable(issuer, 'its JWKS file cannot be read', cause))
    if (keys === null || now !== text) {
      keys = await read(now)
      text = now
    }
    return keys(header, token)
  }
}

type Address = Extract<Issuer['jwks'], { readonly kind: 'url' }>

/** One fetch at a time, which all wait for. Reckoned by a clock that nobody sets. */
function fetchedKeys(issuer: string, fetchText: () => Promise<string>, read: Read): JWTVerifyGetKey {
  let known: { readonly keys: JWTVerifyGetKey; readonly at: number } | null = null
  let triedAt = Number.NEGATIVE_INFINITY
  let pending: Promise<JWTVerifyGetKey> | null = null
  const fetchKeys = async (): Promise<JWTVerifyGetKey> => {
    triedAt = performance.now()
    const text = await fetchText().catch(cause => unavailable(issuer, 'its keys cannot be fetched', cause))
    const keys = await read(text)
    known = { keys, at: performance.now() }
    return keys
  }
  const refreshed = (): Promise<JWTVerifyGetKey> => {
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

/** Plain http is for loopback, which the policy file's schema sees to. Follows no redirect: only the URL in the policy file is asked. */
async function fetched({ url, caFile }: Address): Promise<string> {
  const ca = caFile === null ? null : await readFile(caFile, 'utf8')
  const call = { method: 'GET', url, headers: {}, body: '', ca, withinMs: FETCH_MS, maxBytes: MAX_JWKS_BYTES }
  const { status, text } = await httpCall(call)
  if (status !== 200) throw new Error(`the answer has status ${status}`)
  return text
}

function unavailable(issuer: string, what: string, cause?: unknown): never {
  throw new IssuerKeysError(`issuer ${issuer}: ${what}`, { cause })
}
