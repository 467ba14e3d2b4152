import type { RedisLink } from '../../redis/connect/connect-redis.ts'
import { KEEP_END_MS, PARTITIONS, partitionPrefix } from '../../redis/keys.ts'
import { END_STREAM } from '../../redis/scripts.ts'
import { partitionName, partitionOf } from '../lease-id.ts'
import type { EndedStreams, StreamEnd, StreamEnds } from './stream-ends.ts'

/** People made each of them, and each is of use for a second. */
const MOST = 10_000
/** Whoever ended it waits for seconds. */
const TOLD_MS = 60_000

/** Each partition is told, and the authorizers ask those of their streams. */
export class RedisStreamEnds implements StreamEnds, EndedStreams {
  readonly #link: RedisLink
  readonly #prefixes: readonly string[]

  constructor(link: RedisLink, { partitions = PARTITIONS }: { readonly partitions?: number } = {}) {
    this.#link = link
    this.#prefixes = Array.from({ length: partitions }, (_, index) => partitionPrefix(partitionName(index)))
  }

  async end({ auditId, event }: StreamEnd): Promise<void> {
    const calls = this.#prefixes.map(prefix => ({
      keys: [`${prefix}cuts`, `${prefix}journal`],
      args: [auditId, event, KEEP_END_MS, MOST],
      unrecorded: [auditId, '', KEEP_END_MS, MOST],
    }))
    await this.#link.runTogether(END_STREAM, calls)
  }

  async wasCut(auditId: string): Promise<boolean> {
    const asking = this.#prefixes.map(prefix => this.#link.ask('cut', redis => redis.get(`${prefix}cut:${auditId}`)))
    return (await Promise.all(asking)).some(said => said !== null)
  }

  async ended(partitions: readonly string[]): Promise<ReadonlySet<string>> {
    const asking = partitions.map(partition =>
      this.#link.ask('cuts', redis => redis.zrange(`${partitionPrefix(partition)}cuts`, '0', '-1')),
    )
    const settled = await Promise.allSettled(asking)
    const told = settled.flatMap(one => (one.status === 'fulfilled' ? [one.value] : []))
    // One partition may be away, with the streams that nobody confirms then.
    const [first] = settled
    if (told.length === 0 && first?.status === 'rejected') throw first.reason
    return new Set(told.flat())
  }

  async cut({ auditId, lease }: { readonly auditId: string; readonly lease: string }): Promise<void> {
    const key = `${partitionPrefix(partitionOf(lease))}cut:${auditId}`
    await this.#link.ask('cut', redis => redis.set(key, '1', 'PX', TOLD_MS))
  }
}
