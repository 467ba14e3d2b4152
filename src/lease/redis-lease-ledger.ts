import { z } from 'zod'
import type { RedisLink } from '../redis/connect-redis.ts'
import { KEEP_MS, PARTITIONS, partitionPrefix, REFUSALS_PREFIX } from '../redis/keys.ts'
import { parseReply } from '../redis/parse-reply.ts'
import { RedisError } from '../redis/redis-error.ts'
import { COMMIT, REFUSE } from '../redis/scripts.ts'
import { BUDGETS, type LeaseState } from './lease.ts'
import { isApprovalId, isLeaseId, partitionName, partitionOf } from './lease-id.ts'
import type { Commit, Committed, LeaseEnd, LeaseLedger, Refused } from './lease-store.ts'
import { followLeaseEnds } from './redis-lease-ends.ts'
import { endedSchema, knownPartition, readStates } from './redis-lease-states.ts'

export interface LedgerSettings {
  readonly partitions: number
  /** Entries in one partition's journal from which writes and exec are denied, and from which everything is. */
  readonly journalHighMark: number
  readonly journalHardLimit: number
  /** Refusals one source gets into the record in full each minute; the rest is counted. */
  readonly refusalsPerMinute: number
  /** Length of the refusals stream from which all are only counted. */
  readonly refusalsMark: number
}

/**
 * A full journal takes about 560 MB of Redis' memory in each partition (1.0 KB an entry). The high mark is an hour of 500
 * requests a second, spread over four partitions.
 */
export const LEDGER_DEFAULTS: LedgerSettings = {
  partitions: PARTITIONS,
  journalHighMark: 500_000,
  journalHardLimit: 550_000,
  refusalsPerMinute: 60,
  refusalsMark: 50_000,
}

/** Longer than Envoy could ever ask the same again. */
const ONCE_MS = 3 * 60_000
const SOURCES_PER_MINUTE = 1000

/** What the authorizer needs of leases, in one script call a request. */
export class RedisLeaseLedger implements LeaseLedger {
  readonly #link: RedisLink
  readonly #settings: LedgerSettings

  constructor(link: RedisLink, settings: Partial<LedgerSettings> = {}) {
    this.#link = link
    this.#settings = { ...LEDGER_DEFAULTS, ...settings }
  }

  async contract(id: string): Promise<string | null> {
    if (!knownPartition(id, this.#settings.partitions)) return null
    return this.#link.ask('contract', redis => redis.hget(`${partitionPrefix(partitionOf(id))}lease:${id}`, 'contract'))
  }

  async commit(commit: Commit): Promise<Committed> {
    const { id, lease, intent } = commit
    if (![lease.id, ...lease.ancestors].every(one => isLeaseId(one) && partitionOf(one) === partitionOf(lease.id))) {
      throw new RedisError('refused', 'commit: not a lease of this store')
    }
    const prefix = partitionPrefix(partitionOf(lease.id))
    const reply = await this.#link.run(
      COMMIT,
      [`${prefix}journal`, `${prefix}once:${id}`],
      this.#arguments(prefix, commit),
    )
    const committed = parseCommitted(reply)
    // The script never does this. Should it, nothing is let through.
    if (committed.kind === 'allowed' && intent.kind === 'deny')
      throw new RedisError('bad-reply', 'commit: allowed a denial')
    return committed
  }

  async refuse({ source, entry }: Refused): Promise<void> {
    const { refusalsPerMinute, refusalsMark } = this.#settings
    const args = [REFUSALS_PREFIX, source.slice(0, 64), refusalsPerMinute, SOURCES_PER_MINUTE, refusalsMark, entry]
    await this.#link.run(REFUSE, [`${REFUSALS_PREFIX}stream`], args)
  }

  states(ids: readonly string[], now: number): Promise<readonly LeaseState[]> {
    return readStates(this.#link, ids, now, this.#settings.partitions)
  }

  /** Settles when the signal is aborted, and not before: it waits for a store that is away. */
  async followEnds(onEnd: (end: LeaseEnd) => void, signal: AbortSignal): Promise<void> {
    const partitions = Array.from({ length: this.#settings.partitions }, (_, index) => partitionName(index))
    await Promise.all(partitions.map(partition => followLeaseEnds(this.#link, partition, onEnd, signal)))
  }

  #arguments(prefix: string, { lease, now, intent, risky, entry }: Commit): (string | number)[] {
    const { journalHighMark, journalHardLimit } = this.#settings
    const digest = intent.kind === 'approval' ? intent.digest : ''
    const fingerprint = `${lease.id} ${intent.kind} ${digest}`
    const chain = [lease.id, ...lease.ancestors].join(' ')
    const take = intent.kind === 'deny' ? '' : intent.take.join(' ')
    const marks = [risky ? 1 : 0, journalHighMark, journalHardLimit]
    const args = [prefix, now, chain, lease.expiresAt, intent.kind, take, ...marks, ONCE_MS, fingerprint, entry]
    if (intent.kind !== 'approval') return args
    if (!isApprovalId(intent.proposedId)) throw new RedisError('refused', 'commit: not an approval id')
    return [...args, digest, intent.proposedId, intent.question, intent.askMs, intent.useMs, lease.agent, KEEP_MS]
  }
}

const ALLOWED = '{"kind":"allowed","approval":null}'
const DENIED = '{"kind":"denied"}'

const committedSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('allowed'), approval: z.string().nullable() }),
  z.object({ kind: z.literal('denied') }),
  z.object({ kind: z.literal('pending'), approval: z.string() }),
  z.object({ kind: z.literal('rejected'), approval: z.string() }),
  z.object({ kind: z.literal('ended'), state: endedSchema }),
  z.object({ kind: z.literal('budget-spent'), budget: z.enum(BUDGETS) }),
  z.object({ kind: z.literal('journal-full') }),
])

/** Throws on anything but what the script says: then nothing is allowed. */
function parseCommitted(reply: unknown): Committed {
  if (reply === ALLOWED) return { kind: 'allowed', approval: null }
  if (reply === DENIED) return { kind: 'denied' }
  return parseReply('commit', committedSchema, reply)
}
