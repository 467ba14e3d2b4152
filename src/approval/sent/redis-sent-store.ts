import { isApprovalId, partitionName, partitionOf } from '../../lease/lease-id.ts'
import type { RedisLink } from '../../redis/connect/connect-redis.ts'
import { PARTITIONS, partitionPrefix } from '../../redis/keys.ts'
import { KEEP_PLAN } from '../../redis/scripts.ts'

/** A question that waited longer for a plan has none: the next one looks better. */
const TOO_LATE_MS = 60_000

/** What was asked about, closed for the broker, beside the question; and the plan that the broker made of it. */
export class RedisSentStore {
  readonly #link: RedisLink
  readonly #partitions: number

  constructor(link: RedisLink, settings: { readonly partitions?: number } = {}) {
    this.#link = link
    this.#partitions = settings.partitions ?? PARTITIONS
  }

  /** The authorizer's part: the question is there already, and stands whether this comes through or not. */
  async keepSent(id: string, box: string, keepMs: number, now: number): Promise<void> {
    const prefix = partitionPrefix(partitionOf(id))
    await this.#link.ask('keepSent', redis => redis.set(`${prefix}sent:${id}`, box, 'PX', keepMs))
    await this.#link.ask('keepSent', redis => redis.zadd(`${prefix}unplanned`, now, id))
    // Also where no broker makes plans.
    await this.#link.ask('keepSent', redis =>
      redis.zremrangebyscore(`${prefix}unplanned`, '-inf', String(now - TOO_LATE_MS)),
    )
  }

  /** Questions without a plan, oldest first. What is claimed is nobody else's: should it fail, the question has none. */
  async claimUnplanned(most: number): Promise<readonly string[]> {
    const partitions = Array.from({ length: this.#partitions }, (_, index) => partitionName(index))
    const claimed = await Promise.all(partitions.map(partition => this.#claimIn(partition, most)))
    return claimed.flat().toSorted()
  }

  async #claimIn(partition: string, most: number): Promise<readonly string[]> {
    const key = `${partitionPrefix(partition)}unplanned`
    const ids = await this.#link.ask('unplanned', redis => redis.zrange(key, 0, String(most - 1)))
    const mine = await Promise.all(ids.map(id => this.#link.ask('unplanned', redis => redis.zrem(key, id))))
    return ids.filter((id, index) => mine[index] === 1 && isApprovalId(id))
  }

  async sent(id: string): Promise<string | null> {
    return this.#link.ask('sent', redis => redis.get(`${partitionPrefix(partitionOf(id))}sent:${id}`))
  }

  /** For as long as the question itself is there. False where it is gone, or another plan was the first. */
  async keepPlan(id: string, sealed: string, how: 'first' | 'instead'): Promise<boolean> {
    const prefix = partitionPrefix(partitionOf(id))
    const args = [`${prefix}plan:${id}`, sealed, how === 'instead' ? 1 : 0]
    return (await this.#link.run(KEEP_PLAN, [`${prefix}approval:${id}`], args)) === 1
  }

  async plan(id: string): Promise<string | null> {
    return this.#link.ask('plan', redis => redis.get(`${partitionPrefix(partitionOf(id))}plan:${id}`))
  }
}
