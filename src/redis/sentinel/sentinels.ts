import type { RedisLogin } from '../connect/redis-login.ts'
import type { Endpoint } from '../connect/redis-target.ts'
import { type Address, nameOf } from '../guide/address.ts'
import type { Guide } from '../guide/guide.ts'
import { RedisError } from '../redis-error.ts'
import { Sentinel, type SentinelSaid } from './sentinel.ts'

/** Whoever still works with a former primary leaves it within this time, which is shorter than others wait before they rely on the new one. */
const ASK_EVERY_MS = 300

export interface SentinelsOf {
  readonly addresses: readonly Address[]
  /** As the sentinels call it. */
  readonly primary: string
  readonly login: RedisLogin
  readonly tls: Endpoint['tls']
}

/** The sentinels of one process. They are asked for each connection, and all the time whether it still leads where it should. */
export class Sentinels implements Guide {
  readonly role: string
  /** Why there is no connection, as far as it is known; null: it is not. */
  problem: string | null = null
  readonly #primary: string
  readonly #sentinels: readonly Sentinel[]
  readonly #followers = new Set<(primary: Address) => void>()
  readonly #timer: NodeJS.Timeout
  #newest = -1
  #isAsking = false

  constructor({ addresses, primary, login, tls }: SentinelsOf) {
    this.#primary = primary
    this.role = `by its sentinels the primary of ${primary},`
    this.#sentinels = addresses.map(address => new Sentinel(address, primary, login, tls))
    this.#timer = setInterval(() => void this.#lookAgain(), ASK_EVERY_MS)
    this.#timer.unref()
  }

  /** What each of them says now. */
  ask(): Promise<readonly SentinelSaid[]> {
    return Promise.all(this.#sentinels.map(sentinel => sentinel.ask()))
  }

  /** Rejects with what each of them said, where that names no primary. */
  async find(): Promise<Address> {
    const said = await this.ask()
    const at = this.#believed(said)
    if (at !== null) return at
    this.problem = `no sentinel tells where ${this.#primary} is: ${said.map(wordsOf).join(', ')}`
    throw new RedisError('unavailable', this.problem)
  }

  /** Told of what they name as often as they name one. */
  follow(follower: (primary: Address) => void): void {
    this.#followers.add(follower)
  }

  unfollow(follower: (primary: Address) => void): void {
    this.#followers.delete(follower)
  }

  close(): void {
    clearInterval(this.#timer)
    for (const sentinel of this.#sentinels) sentinel.close()
  }

  async #lookAgain(): Promise<void> {
    if (this.#isAsking || this.#followers.size === 0) return
    this.#isAsking = true
    this.#believed(await this.ask())
    this.#isAsking = false
  }

  /** Whoever hears of it, all follow: of two connections none may write to the one of before while the other one relies on the new one. */
  #believed(said: readonly SentinelSaid[]): Address | null {
    const found = believed(said, { newest: this.#newest, listed: this.#sentinels.length })
    if (found === null) return null
    this.#newest = found.epoch
    for (const follower of this.#followers) follower(found.at)
    return found.at
  }
}

/**
 * Whoever knows of the last failover is believed: a sentinel that was cut off still names the primary of before. Where all that is
 * known is older than it was, as after they were set up anew, or they are set up differently, most of them have to say it.
 */
export function believed(
  said: readonly SentinelSaid[],
  { newest, listed }: { readonly newest: number; readonly listed: number },
): { readonly at: Address; readonly epoch: number } | null {
  const named = said.filter(one => one.kind === 'primary')
  const epoch = Math.max(...named.map(one => one.epoch))
  const latest = named.filter(one => one.epoch === epoch)
  const alike = (at: Address) => named.filter(one => nameOf(one.at) === nameOf(at)).length
  const areOne = new Set(latest.map(({ at }) => nameOf(at))).size === 1
  if (areOne && epoch >= newest) return latest[0] ?? null
  return latest.find(({ at }) => alike(at) * 2 > listed) ?? null
}

function wordsOf(said: SentinelSaid): string {
  return said.kind === 'problem'
    ? `${said.sentinel} ${said.why}`
    : `${said.sentinel} names ${nameOf(said.at)} after ${said.epoch} failovers`
}
