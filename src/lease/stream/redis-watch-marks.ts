import type { RedisLink } from '../../redis/connect/connect-redis.ts'
import { KEEP_END_MS, PARTITIONS, partitionPrefix } from '../../redis/keys.ts'
import { RedisError } from '../../redis/redis-error.ts'
import { WATCH } from '../../redis/scripts.ts'
import { partitionOf } from '../lease-id.ts'
import { knownPartition } from '../redis/states.ts'
import { MARK_MS, type Marking, type Watch, type WatchMarks, type WatchStore } from './watch-marks.ts'

/** Each is a terminal that asks every few seconds. */
const MOST_OF_LEASE = 16

/** Where the lease is: an authorizer asks there in any case. */
export class RedisWatchMarks implements WatchStore, WatchMarks {
  readonly #link: RedisLink
  readonly #partitions: number

  constructor(link: RedisLink, { partitions = PARTITIONS }: { readonly partitions?: number } = {}) {
    this.#link = link
    this.#partitions = partitions
  }

  async mark({ mark, began, lapsed, ...watch }: Marking): Promise<boolean> {
    return this.#run(watch.lease, [nameOf(watch), mark, began, lapsed, MARK_MS, MOST_OF_LEASE, KEEP_END_MS])
  }

  async leave({ event, ...watch }: Watch & { readonly event: string }): Promise<boolean> {
    return this.#run(watch.lease, [nameOf(watch), '', event, '', MARK_MS, MOST_OF_LEASE, KEEP_END_MS])
  }

  async sweep(lease: string): Promise<void> {
    await this.#run(lease, ['', '', '', '', MARK_MS, MOST_OF_LEASE, KEEP_END_MS])
  }

  async marks(lease: string): Promise<readonly string[]> {
    const key = this.#keyOf(lease)
    // Whoever verifies them does so twice a second: what no broker wrote is not even read.
    bounded(await this.#link.ask('watch', redis => redis.hlen(key)))
    const kept = Object.values(await this.#link.ask('watch', redis => redis.hgetall(key)))
    bounded(kept.length)
    return kept.map(text => text.split('\n', 2)[1] ?? '')
  }

  async #run(lease: string, args: readonly (string | number)[]): Promise<boolean> {
    const keys = [this.#keyOf(lease), `${partitionPrefix(partitionOf(lease))}journal`]
    return (await this.#link.run(WATCH, keys, args)) === 1
  }

  #keyOf(lease: string): string {
    if (!knownPartition(lease, this.#partitions)) throw new RedisError('refused', 'watch: not a lease of this store')
    return `${partitionPrefix(partitionOf(lease))}watch:${lease}`
  }
}

function nameOf({ id, by }: Watch): string {
  return `${id} ${by}`
}

function bounded(count: number): void {
  if (count > MOST_OF_LEASE) throw new RedisError('bad-reply', 'watch: more marks of a lease than any broker makes')
}
