/** A lease token as it is kept for the next who asks the same. */
export interface KeptToken {
  readonly lease: string
  /** By which it was asked for; null: by its id. */
  readonly template: string | null
  readonly token: string
  /** As kubectl was told. */
  readonly expirationTimestamp: string
  /** By this machine's clock, epoch milliseconds: when it was asked for, and from when on the broker is asked again. */
  readonly askedAt: number
  readonly until: number
}

/** Of this shape; what is of another one is not used. */
const VERSION = 1

export function toText(kept: KeptToken): string {
  return `${JSON.stringify({ version: VERSION, ...kept })}\n`
}

/** Whatever is in it, usable or not; null for what we did not write. */
export function parseKept(text: string): KeptToken | null {
  const { version, ...kept } = (asObject(text) ?? {}) as Partial<KeptToken> & { readonly version?: unknown }
  return version === VERSION && isWhole(kept) ? kept : null
}

/**
 * Whether it is a token of this very lease (null: of whichever it is for), within its time. What the token says of itself is taken to refuse
 * it here, never to allow anything: the boundary looks at its signature.
 */
export function isUsable(kept: KeptToken, lease: string | null, now: number): boolean {
  const claims = claimsOf(kept.token)
  if (claims === null || claims.lease !== kept.lease || (lease !== null && lease !== kept.lease)) return false
  // A clock that was put back makes nothing younger.
  return kept.askedAt <= now && now < kept.until && kept.until <= kept.askedAt + claims.livesMs
}

/** What a lease token says of itself, believed by nobody; null for what is none. */
export function claimsOf(token: string): { readonly lease: string; readonly livesMs: number } | null {
  const claims = asObject(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
  const { lease, iat, exp } = (claims ?? {}) as Readonly<Record<string, unknown>>
  if (typeof lease !== 'string' || !Number.isSafeInteger(iat) || !Number.isSafeInteger(exp)) return null
  return { lease, livesMs: ((exp as number) - (iat as number)) * 1000 }
}

function isWhole(kept: Partial<KeptToken>): kept is KeptToken {
  const { lease, template, token, expirationTimestamp, askedAt, until } = kept
  const texts = [lease, template ?? 'none', token, expirationTimestamp]
  return texts.every(one => typeof one === 'string' && one !== '') && [askedAt, until].every(Number.isSafeInteger)
}

function asObject(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
