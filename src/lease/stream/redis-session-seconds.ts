import type { RedisLink } from '../../redis/connect/connect-redis.ts'
import { PARTITIONS, partitionPrefix } from '../../redis/keys.ts'
import { RedisError } from '../../redis/redis-error.ts'
import { RETURN_SECONDS, TAKE_SECONDS } from '../../redis/scripts.ts'
import { partitionOf } from '../lease-id.ts'
import { ONCE_MS } from '../redis/commit.ts'
import { knownPartition } from '../redis/states.ts'
import { type SessionSeconds, SLICE_SECONDS, type Timed } from './session-seconds.ts'

/** In the partition of the lease, with the budgets that its requests take from. */
export class RedisSessionSeconds implements SessionSeconds {
  readonly #link: RedisLink
  readonly #partitions: number

  constructor(link: RedisLink, { partitions = PARTITIONS }: { readonly partitions?: number } = {}) {
    this.#link = link
    this.#partitions = partitions
  }

  async take({ auditId, lease, limits }: Timed, part: number): Promise<number> {
    const { prefix, chain } = this.#placeOf(lease)
    if (limits.length !== chain.length) throw new RedisError('refused', 'seconds: the limits of a lease are missing')
    const most = limits.map(({ execSeconds }) => execSeconds ?? '-').join(' ')
    const key = `once:${auditId}/${part}`
    const askedAt = Date.now()
    const reply = await this.#link.run(TAKE_SECONDS, [`${prefix}${key}`], [prefix, chain.join(' '), most, ONCE_MS])
    const seconds = Number(reply)
    if (!(Number.isInteger(seconds) && seconds >= 0 && seconds <= SLICE_SECONDS))
      throw new RedisError('bad-reply', 'seconds: an answer of the store cannot be read')
    // A store that forgets it has lost what was taken.
    if (seconds > 0) this.#link.witnessed(prefix, key, askedAt)
    return seconds
  }

  async giveBack({ auditId, lease }: Omit<Timed, 'limits'>, seconds: number): Promise<boolean> {
    const { prefix, chain } = this.#placeOf(lease)
    const args = [prefix, chain.join(' '), seconds, ONCE_MS]
    return (await this.#link.run(RETURN_SECONDS, [`${prefix}once:${auditId}/back`], args)) === 1
  }

  #placeOf({ id, ancestors }: Timed['lease']) {
    const chain = [id, ...ancestors]
    if (!knownPartition(id, this.#partitions) || chain.some(one => partitionOf(one) !== partitionOf(id)))
      throw new RedisError('refused', 'seconds: not a lease of this store')
    return { prefix: partitionPrefix(partitionOf(id)), chain }
  }
}
