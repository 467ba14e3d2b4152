import { createLocalJWKSet, type JWTVerifyGetKey } from 'jose'
import type { Issuer } from '../../policy/policy.ts'
import { fetchedKeys } from './fetched-keys.ts'
import { parseJwks } from './jwks.ts'
import { noJwks, type PublishedKeysError, placeOfKeys, readPublishedKeys } from './published-keys.ts'

/** Where the policy file says nothing. */
export const KEYS_KEPT_MS = 3_600_000
const SAID = 5

/** The issuer's keys could not be had. The message says where from, what came instead, and what mends it: for those who run the broker alone. */
export class IssuerKeysError extends Error {
  readonly code = 'issuer-keys-unavailable'
  /** It says itself that it has none. */
  readonly isGone: boolean

  constructor(message: string, cause: PublishedKeysError) {
    super(message, { cause })
    this.isGone = cause.isGone
  }
}

/** Told of what is not as it should be, and yet keeps nobody out. */
export interface KeyNotices {
  /** Entries that are passed over, each time that an issuer publishes others. */
  readonly onOdd: (issuer: string, odd: readonly string[]) => void
  /** Keys of so long ago count, since their issuer cannot be asked. */
  readonly onKept: (issuer: string, error: IssuerKeysError, ageMs: number) => void
}

/** The issuer's public keys: its file, looked at with each token, or its URL. Rejects with IssuerKeysError when they cannot be had. */
export function issuerKeys(issuer: Issuer, { onOdd, onKept }: KeyNotices): JWTVerifyGetKey {
  const read = reader(issuer, onOdd)
  if (issuer.jwks.kind === 'file') return fileKeys(issuer, read)
  return fetchedKeys({
    fetch: async () => read(await published(issuer)),
    keptMs: issuer.keysKeptMs ?? KEYS_KEPT_MS,
    isGone: error => error instanceof IssuerKeysError && error.isGone,
    onKept: (error, ageMs) => onKept(issuer.name, error as IssuerKeysError, ageMs),
  })
}

/** Makes keys of a text. */
type Read = (text: string) => Promise<JWTVerifyGetKey>

function reader(issuer: Issuer, onOdd: KeyNotices['onOdd']): Read {
  let said = ''
  return async text => {
    const found = await parseJwks(text, issuer.algorithms)
    if (found === null) return unavailable(issuer, noJwks())
    const odd = found.odd.length <= SAID ? found.odd : [...found.odd.slice(0, SAID), `${found.odd.length - SAID} more`]
    if (odd.length > 0 && said !== odd.join()) onOdd(issuer.name, odd)
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

function published(issuer: Issuer): Promise<string> {
  return readPublishedKeys(issuer).catch((cause: PublishedKeysError) => unavailable(issuer, cause))
}

function unavailable({ name, jwks }: Issuer, cause: PublishedKeysError): never {
  const { message, mend } = cause
  throw new IssuerKeysError(
    `the keys of issuer ${name} cannot be had from ${placeOfKeys(jwks)}: ${message}; ${mend}`,
    cause,
  )
}
