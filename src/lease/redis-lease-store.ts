import type { RedisLink } from '../redis/connect-redis.ts'
import { KEEP_END_MS, KEEP_MS, PARTITIONS, partitionPrefix } from '../redis/keys.ts'
import { parseWords } from '../redis/parse-reply.ts'
import { RedisError } from '../redis/redis-error.ts'
import { CREATE, REVOKE } from '../redis/scripts.ts'
import { BUDGETS, type Budget } from './lease.ts'
import { agentPartition, partitionName, partitionOf } from './lease-id.ts'
import type { LeaseRecord, LeaseStore, NewLease, Revocation } from './lease-store.ts'
import { LEDGER_DEFAULTS } from './redis-lease-ledger.ts'
import { knownPartition, readStates } from './redis-lease-states.ts'

export interface StoreSettings {
  readonly partitions: number
  readonly journalHardLimit: number
}

/** Ends that followers can still read after having been away. */
const ENDS_KEPT = 10_000
const LIST_CHUNK = 500

/** What the broker needs of leases. Writes resolve when they are durable. */
export class RedisLeaseStore implements LeaseStore {
  readonly #link: RedisLink
  readonly #settings: StoreSettings

  constructor(link: RedisLink, settings: Partial<StoreSettings> = {}) {
    this.#link = link
    this.#settings = { partitions: PARTITIONS, journalHardLimit: LEDGER_DEFAULTS.journalHardLimit, ...settings }
  }

  async create({ lease, contract, limit, event }: NewLease): ReturnType<LeaseStore['create']> {
    const { id, agent, template, expiresAt, budgets } = lease
    if (!knownPartition(id, this.#settings.partitions)) {
      throw new RedisError('not-creatable', 'create: the id names no partition of this store')
    }
    const prefix = partitionPrefix(partitionOf(id))
    const limits = BUDGETS.flatMap(budget => (budgets[budget] === undefined ? [] : [budget, budgets[budget]]))
    const terms = [contract, expiresAt, limit, lease.ancestors.join(' ')]
    const args = [
      prefix,
      lease.issuedAt,
      id,
      agent,
      template,
      ...terms,
      event,
      this.#settings.journalHardLimit,
      KEEP_MS,
    ]
    const reply = await this.#link.runDurably(
      CREATE,
      [`${prefix}lease:${id}`, `${prefix}journal`],
      [...args, ...limits],
    )
    return toCreated(parseWords('create', reply))
  }

  async find(id: string, now: number): Promise<LeaseRecord | null> {
    if (!knownPartition(id, this.#settings.partitions)) return null
    const key = `${partitionPrefix(partitionOf(id))}lease:${id}`
    const [fields, [state]] = await Promise.all([
      this.#link.ask('find', redis => redis.hgetall(key)),
      readStates(this.#link, [id], now, this.#settings.partitions),
    ])
    const contract = fields['contract']
    if (contract === undefined || state === undefined) return null
    return { contract, state, taken: toTaken(fields) }
  }

  async list(agent: string | null, now: number): Promise<readonly LeaseRecord[]> {
    const { partitions } = this.#settings
    const keys =
      agent === null
        ? Array.from({ length: partitions }, (_, index) => `${partitionPrefix(partitionName(index))}leases`)
        : [`${partitionPrefix(agentPartition(agent, partitions))}agent:${agent}`]
    const live = (key: string) => this.#link.ask('list', redis => redis.zrange(key, now + 1, '+inf', 'BYSCORE'))
    const ids = (await Promise.all(keys.map(live))).flat().toSorted()
    const records: LeaseRecord[] = []
    for (let start = 0; start < ids.length; start += LIST_CHUNK) {
      const found = await Promise.all(ids.slice(start, start + LIST_CHUNK).map(id => this.find(id, now)))
      records.push(...found.filter(record => record !== null))
    }
    return records.filter(record => record.state.kind === 'active')
  }

  async revoke({ id, by, reason, now, event }: Revocation): Promise<boolean> {
    if (!knownPartition(id, this.#settings.partitions)) return false
    const prefix = partitionPrefix(partitionOf(id))
    const args = [prefix, now, id, by, reason, event, KEEP_END_MS, ENDS_KEPT]
    return (await this.#link.runDurably(REVOKE, [`${prefix}end:${id}`, `${prefix}journal`], args)) === 1
  }
}

function toCreated([kind, ...held]: readonly [string, ...string[]]): Awaited<ReturnType<LeaseStore['create']>> {
  switch (kind) {
    case 'created':
      return { kind: 'created' }
    case 'too-many':
      return { kind: 'too-many', held }
    case 'journal-full':
      throw new RedisError('journal-full', 'create: the record is not being written out')
    case 'ended':
      throw new RedisError('not-creatable', 'create: the lease, or one above it, is not live')
    case 'taken':
      throw new RedisError('not-creatable', 'create: the id belongs to another lease')
    default:
      throw new RedisError('bad-reply', 'create: an answer of the store cannot be read')
  }
}

function toTaken(fields: Readonly<Record<string, string>>): Partial<Record<Budget, number>> {
  const counted = BUDGETS.map(budget => [budget, Number(fields[`taken:${budget}`] ?? 0)] as const)
  return Object.fromEntries(counted.filter(([, count]) => count > 0))
}
