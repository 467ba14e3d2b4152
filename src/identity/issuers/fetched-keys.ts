import { errors, type JWTVerifyGetKey } from 'jose'

/**
 * Whatever key ids come in, their issuer is asked at most once in this time; a key that it has just begun to sign with is refused
 * for as long.
 */
export const COOLDOWN_MS = 5000
/** Fetched keys are good for so long; then they are fetched again. */
const FRESH_MS = 600_000
/** An issuer that could not be asked is left alone for so long, however many tokens come; short where nobody of it passes meanwhile. */
const LEFT_ALONE_MS = 1000
/** So long after it could not be asked an issuer counts as away, and nobody waits for it. Without tokens nobody looks whether it is back. */
const AWAY_MS = 2 * COOLDOWN_MS

export interface Fetching {
  /** Asks the issuer; rejects when its keys cannot be had. */
  readonly fetch: () => Promise<JWTVerifyGetKey>
  /** So long after they were had keys count, where their issuer cannot be asked. */
  readonly keptMs: number
  /** Whether its issuer itself says that it has no keys: what it had then counts no more. */
  readonly isGone: (error: unknown) => boolean
  /** Told that keys of so long ago count, since the issuer cannot be asked: once, until it can be. */
  readonly onKept: (error: unknown, ageMs: number) => void
  /** Of a clock that nobody sets. */
  readonly now?: () => number
}

/**
 * Keys that are asked for over the network, one fetch at a time, which all wait for. What its issuer has taken out of its set counts for ten
 * minutes at most, or, while nobody can ask, for `keptMs`. A token alone makes that its issuer is asked: whoever comes first after a while waits.
 */
export function fetchedKeys(fetching: Fetching): JWTVerifyGetKey {
  const keys = new FetchedKeys(fetching)
  return async (header, token) => {
    const { known, isFresh } = await keys.current()
    try {
      return await known(header, token)
    } catch (error) {
      const next = error instanceof errors.JWKSNoMatchingKey && isFresh ? keys.ifNewer() : null
      if (next === null) throw error
      return (await next)(header, token)
    }
  }
}

class FetchedKeys {
  readonly #fetching: Fetching
  readonly #now: () => number
  #known: { readonly keys: JWTVerifyGetKey; readonly at: number } | null = null
  #failed: { readonly error: unknown; readonly at: number } | null = null
  #triedAt = Number.NEGATIVE_INFINITY
  #pending: Promise<JWTVerifyGetKey> | null = null
  #isTold = false

  constructor(fetching: Fetching) {
    this.#fetching = fetching
    this.#now = fetching.now ?? (() => performance.now())
  }

  /** Keys that may be used now, whether they are of just before or of before an outage. Rejects where there are none. */
  async current(): Promise<{ readonly known: JWTVerifyGetKey; readonly isFresh: boolean }> {
    const { keptMs } = this.#fetching
    const kept = this.#known !== null && this.#ageMs() < keptMs ? this.#known.keys : null
    if (kept !== null && this.#ageMs() < FRESH_MS) return { known: kept, isFresh: true }
    if (kept !== null && this.#wasJustAway()) {
      if (this.#now() - this.#triedAt >= COOLDOWN_MS) this.#refresh().catch(() => undefined)
      return { known: kept, isFresh: false }
    }
    try {
      return { known: await this.#refresh(), isFresh: true }
    } catch (error) {
      if (kept === null || this.#known === null) throw error
      if (!this.#isTold) this.#fetching.onKept(error, this.#ageMs())
      this.#isTold = true
      return { known: kept, isFresh: false }
    }
  }

  /** What its issuer has now, for a key that is not among the known; null where it was asked just before. */
  ifNewer(): Promise<JWTVerifyGetKey> | null {
    return this.#pending === null && this.#now() - this.#triedAt < COOLDOWN_MS ? null : this.#refresh()
  }

  #ageMs(): number {
    return this.#known === null ? Number.POSITIVE_INFINITY : this.#now() - this.#known.at
  }

  #wasJustAway(): boolean {
    return this.#isTold && this.#failed !== null && this.#now() - this.#failed.at < AWAY_MS
  }

  async #refresh(): Promise<JWTVerifyGetKey> {
    if (this.#failed !== null && this.#now() - this.#failed.at < LEFT_ALONE_MS) throw this.#failed.error
    this.#pending ??= this.#fetch().finally(() => {
      this.#pending = null
    })
    return this.#pending
  }

  async #fetch(): Promise<JWTVerifyGetKey> {
    this.#triedAt = this.#now()
    try {
      const keys = await this.#fetching.fetch()
      this.#known = { keys, at: this.#now() }
      this.#failed = null
      this.#isTold = false
      return keys
    } catch (error) {
      this.#failed = { error, at: this.#now() }
      if (this.#fetching.isGone(error)) this.#known = null
      throw error
    }
  }
}
