import type { RedisLink } from '../../redis/connect/connect-redis.ts'
import { ENDS_KEPT, KEEP_END_MS, KEEP_MS, KEEP_UNUSED_MS, PARTITIONS, partitionPrefix } from '../../redis/keys.ts'
import { parseWords } from '../../redis/parse-reply.ts'
import { RedisError } from '../../redis/redis-error.ts'
import { CREATE, NARROW, REVOKE } from '../../redis/scripts.ts'
import type { Hold } from '../hold/hold.ts'
import { toHold } from '../hold/redis-hold-store.ts'
import { type Turn, timesNarrowed } from '../lease.ts'
import { partitionOf } from '../lease-id.ts'
import {
  BECAME,
  type Became,
  type Created,
  LEASE_LIMITS,
  type LeaseLimit,
  type LeaseRecord,
  type LeaseStore,
  type Narrowing,
  type NewLease,
  type Page,
  type PageOf,
  type Revocation,
} from '../lease-store.ts'
import { LIMITS, type Limits } from '../limits.ts'
import type { Stopped } from '../stop/stop.ts'
import { parseSubjectKey, subjectsOf } from '../stop/subject.ts'
import { missingIn } from './from-each.ts'
import { readPage } from './page.ts'
import { readRecords, recordsThere } from './records.ts'
import { LEDGER_DEFAULTS } from './redis-lease-ledger.ts'
import { knownPartition } from './states.ts'

export interface StoreSettings {
  readonly partitions: number
  readonly journalHardLimit: number
  readonly journalHardBytes: number
  readonly limits: Limits
}

const { journalHardLimit, journalHardBytes } = LEDGER_DEFAULTS
const DEFAULTS: StoreSettings = { partitions: PARTITIONS, journalHardLimit, journalHardBytes, limits: LIMITS }

const COUNTED = /^(?:0|[1-9]\d*)$/

/** What a contract has more once it is narrowed: who did, and why. */
const SAID_BYTES = 4096

/** What the broker needs of leases. Writes resolve when they are durable. */
export class RedisLeaseStore implements LeaseStore {
  readonly #link: RedisLink
  readonly #settings: StoreSettings

  constructor(link: RedisLink, settings: Partial<StoreSettings> = {}) {
    this.#link = link
    this.#settings = { ...DEFAULTS, ...settings }
  }

  async turn(id: string): Promise<Turn> {
    const prefix = partitionPrefix(partitionOf(id))
    const [epoch, acts] = await Promise.all([
      this.#link.ask('turn', redis => redis.hget(`${prefix}epoch`, 'n')),
      this.#link.ask('turn', redis => redis.get(`${prefix}turn`)),
    ])
    return toTurn(epoch, acts)
  }

  async create(asked: NewLease): Promise<Created> {
    const { id } = asked.lease
    if (!knownPartition(id, this.#settings.partitions)) {
      throw new RedisError('not-creatable', 'create: the id names no partition of this store')
    }
    const prefix = partitionPrefix(partitionOf(id))
    const keys = [`${prefix}lease:${id}`, `${prefix}journal`]
    return toCreated(parseWords('create', await this.#link.runDurably(CREATE, keys, this.#terms(prefix, asked))))
  }

  #terms(prefix: string, { lease, contract, limit, mostHanded = 0, event }: NewLease): (string | number)[] {
    const { journalHardLimit, journalHardBytes, limits } = this.#settings
    const { id, agent, template, issuedAt, expiresAt, ancestors, turn } = lease
    const { leases, leasesPerMinute, children, levels, contractBytes, kept } = limits
    return [
      ...[prefix, issuedAt, id, agent, template, contract, expiresAt, ancestors.join(' '), event],
      ...[journalHardLimit, journalHardBytes, KEEP_MS, limit],
      ...[leases, leasesPerMinute, children, levels, contractBytes, kept],
      JSON.stringify(subjectsOf(lease)),
      ...[lease.delegated?.by ?? '', mostHanded],
      ...[turn?.epoch ?? '', turn?.acts ?? ''],
    ]
  }

  async find(id: string, now: number): Promise<LeaseRecord | null> {
    if (!knownPartition(id, this.#settings.partitions)) return null
    return (await readRecords(this.#link, [id], now)).get(id) ?? null
  }

  async list(page: PageOf, now: number): Promise<Page<LeaseRecord>> {
    const { partitions } = this.#settings
    const { agent, partial = false } = page
    // What was handed to it is where its giver's leases are.
    const named = agent === null ? ['listed'] : [`listed:${agent}`, `listed:to:${agent}`]
    const { items: ids, next, missing: away = [] } = await readPage(this.#link, { partitions, named }, page)
    const { records, missing } = await recordsThere(this.#link, ids, now, partial)
    const items = ids
      .flatMap(id => records.get(id) ?? [])
      .filter(({ state }) => state.kind === 'active' || state.kind === 'frozen')
    return { items, next, ...missingIn([...away, ...missing]) }
  }

  async revoke({ id, by, reason, now, event }: Revocation): Promise<boolean> {
    if (!knownPartition(id, this.#settings.partitions)) return false
    const prefix = partitionPrefix(partitionOf(id))
    const kept = [KEEP_END_MS, ENDS_KEPT, KEEP_UNUSED_MS, this.#settings.limits.kept]
    const keys = [`${prefix}end:${id}`, `${prefix}journal`]
    const isEnded = (await this.#link.runDurably(REVOKE, keys, [prefix, now, id, by, reason, event, ...kept])) === 1
    if (isEnded) this.#link.witnessed(prefix, `end:${id}`, now)
    return isEnded
  }

  async narrow({ lease, contract, before, now, event, isByHolder }: Narrowing): Promise<Became> {
    const { id, expiresAt, narrowed } = lease
    if (!knownPartition(id, this.#settings.partitions)) return 'ended'
    const prefix = partitionPrefix(partitionOf(id))
    const end = `end:${id}/${timesNarrowed(before)}`
    const by = [narrowed?.by ?? '', narrowed?.reason ?? '']
    const args = [prefix, now, id, timesNarrowed(before), contract, expiresAt, before.expiresAt, ...by, event]
    const keys = [`${prefix}${end}`, `${prefix}journal`]
    const { journalHardLimit, journalHardBytes, limits } = this.#settings
    const most = [limits.contractBytes + SAID_BYTES, ...(isByHolder ? [journalHardLimit, journalHardBytes] : ['', ''])]
    const reply = await this.#link.runDurably(NARROW, keys, [...args, KEEP_END_MS, ENDS_KEPT, ...most])
    const [word] = parseWords('narrow', reply)
    if (word === 'journal-full') throw new RedisError('journal-full', 'narrow: the record is not being written out')
    const kind = BECAME.find(one => one === word)
    if (kind === undefined) throw new RedisError('bad-reply', 'narrow: an answer of the store cannot be read')
    if (kind === 'narrowed') this.#link.witnessed(prefix, end, now)
    return kind
  }
}

/** As the store counts: anything else would never be its turn. */
function toTurn(epoch: string | null, acts: string | null): Turn {
  const [first, second] = [epoch ?? '0', acts ?? '0'].map(text => (COUNTED.test(text) ? Number(text) : Number.NaN))
  if (!Number.isSafeInteger(first) || !Number.isSafeInteger(second))
    throw new RedisError('bad-reply', 'turn: an answer of the store cannot be read')
  return { epoch: first ?? 0, acts: second ?? 0 }
}

function toCreated([kind, ...rest]: readonly [string, ...string[]]): Created {
  switch (kind) {
    case 'created':
      return { kind: 'created' }
    case 'too-many':
      return { kind: 'too-many', held: rest }
    case 'limit':
      return { kind: 'limit', limit: toLimit(rest[0]) }
    case 'held':
      return { kind: 'held', hold: heldBy(rest) }
    case 'stopped':
      return { kind: 'stopped', stopped: stoppedBy(rest) }
    case 'moved':
      return { kind: 'moved', turn: toTurn(rest[0] ?? '', rest[1] ?? '') }
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

function heldBy(row: readonly string[]): Hold {
  const hold = toHold(row)
  if (hold === null) throw new RedisError('bad-reply', 'create: an answer of the store cannot be read')
  return hold
}

function stoppedBy([key = '', text, by = '', reason = '']: readonly string[]): Stopped {
  const subject = parseSubjectKey(key)
  const kind = STOPPED.find(one => one === text)
  if (subject === null || kind === undefined) {
    throw new RedisError('bad-reply', 'create: an answer of the store cannot be read')
  }
  return { subject, kind, by, reason }
}

const STOPPED = ['ended', 'stopped', 'frozen'] as const satisfies readonly Stopped['kind'][]

function toLimit(text: string | undefined): LeaseLimit {
  const limit = LEASE_LIMITS.find(one => one === text)
  if (limit === undefined) throw new RedisError('bad-reply', 'create: an answer of the store cannot be read')
  return limit
}
