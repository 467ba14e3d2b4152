import type { RedisLink } from '../../redis/connect/connect-redis.ts'
import { KEEP_END_MS, PARTITIONS, partitionPrefix } from '../../redis/keys.ts'
import { RedisError } from '../../redis/redis-error.ts'
import { HOLD, HOLDS, RELEASE } from '../../redis/scripts.ts'
import { CLOCK_LIMIT_MS } from '../../support/time/clock.ts'
import { agentPartition, partitionName } from '../lease-id.ts'
import type { Hold, HoldStore, Placing, Releasing } from './hold.ts'

/** Holds lie where the agent's leases are, so that the script which makes a lease sees them. */
export class RedisHoldStore implements HoldStore {
  readonly #link: RedisLink
  readonly #partitions: number

  constructor(link: RedisLink, settings: { readonly partitions?: number } = {}) {
    this.#link = link
    this.#partitions = settings.partitions ?? PARTITIONS
  }

  async place({ hold, event }: Placing): Promise<Hold> {
    const { agent, at, by, reason, until } = hold
    const prefix = this.#prefix(agent)
    const args = [prefix, at, agent, by, reason, until ?? '', event, KEEP_END_MS, CLOCK_LIMIT_MS]
    const stands = toHold(await this.#link.runDurably(HOLD, [`${prefix}hold:${agent}`, `${prefix}journal`], args))
    if (stands === null) throw new RedisError('bad-reply', 'hold: an answer of the store cannot be read')
    return stands
  }

  async release({ agent, now, event }: Releasing): Promise<Hold | null> {
    const prefix = this.#prefix(agent)
    const keys = [`${prefix}hold:${agent}`, `${prefix}journal`]
    return toHold(await this.#link.runDurably(RELEASE, keys, [prefix, now, agent, event]))
  }

  async find(agent: string, now: number): Promise<Hold | null> {
    const prefix = this.#prefix(agent)
    const [found] = rowsOf(await this.#link.run(HOLDS, [`${prefix}reads`], [prefix, now, agent]))
    return toHold(found ?? [])
  }

  async list(now: number): Promise<readonly Hold[]> {
    const partitions = Array.from({ length: this.#partitions }, (_, index) => partitionPrefix(partitionName(index)))
    const rows = await Promise.all(
      partitions.map(async prefix => rowsOf(await this.#link.run(HOLDS, [`${prefix}reads`], [prefix, now]))),
    )
    return rows
      .flat()
      .flatMap(row => toHold(row) ?? [])
      .toSorted((one, other) => one.at - other.at)
  }

  #prefix(agent: string): string {
    return partitionPrefix(agentPartition(agent, this.#partitions))
  }
}

function rowsOf(reply: unknown): readonly unknown[] {
  if (!Array.isArray(reply)) throw new RedisError('bad-reply', 'holds: an answer of the store cannot be read')
  return reply
}

/** Of a row of the scripts: agent, by, reason, at, until. An empty one is no hold; one that is odd in any other way is. */
export function toHold(row: unknown): Hold | null {
  if (!Array.isArray(row)) throw new RedisError('bad-reply', 'hold: an answer of the store cannot be read')
  if (row.length === 0) return null
  const [agent = '', by = '', reason = '', at = '', until = ''] = row.map(String)
  return { agent, by, reason, at: Number(at) || 0, until: Number(until) || null }
}
