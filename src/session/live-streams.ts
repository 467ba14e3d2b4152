import { setImmediate } from 'node:timers/promises'
import type { LeaseState } from '../lease/lease.ts'
import { partitionOf } from '../lease/lease-id.ts'
import type { LeaseLedger } from '../lease/lease-store.ts'

/** A watch, log or exec that runs right now under a lease. */
export interface LiveStream {
  readonly auditId: string
  readonly lease: string
  /** How often its lease and those above it had been narrowed, in all, when it was let through; not there where none was. */
  readonly narrowed?: number
  /** Whether it runs only while somebody watches it. */
  readonly watched?: true
  /** Of a session whose seconds a budget counts: those that were taken for its beginning. Not there where none does. */
  readonly seconds?: number
  /** Ends the stream at once; harmless when it has ended already. */
  readonly cut: (reason: CutReason) => void
}

export type CutReason =
  | 'lease_revoked'
  | 'lease_frozen'
  /** It was let through by what its lease, or one above it, was before. */
  | 'lease_narrowed'
  | 'lease_expired'
  | 'lease_unknown'
  | 'lease_unconfirmed'
  /** By a person, this one alone. */
  | 'session_ended'
  /** It has to be watched, and nobody does. */
  | 'session_unwatched'
  /** Its lease, or one above it, has no seconds left. */
  | 'session_spent'
  /** The store could not be asked for further seconds. */
  | 'session_unpaid'
  | 'shutdown'

interface Settings {
  readonly ledger: Pick<LeaseLedger, 'states' | 'followEnds'>
  /** Leases that one was narrowed from, by its signed contract; null when there is no such lease. */
  readonly ancestorsOf: (lease: string) => Promise<readonly string[] | null>
  /** How often these were narrowed, in all, as far as it is known here; not there where nobody knows of it. */
  readonly timesNarrowed?: (leases: readonly string[]) => Promise<number>
  /** Epoch milliseconds, by which the store is asked. */
  readonly now: () => number
  /** Milliseconds that only go forward, by which its silence is measured: the other may be set back, and just then nothing is answered. */
  readonly steady: () => number
  /** Every so often each lease is asked for, milliseconds. */
  readonly confirmEveryMs: number
  /** Streams whose lease could not be confirmed for so long are cut, milliseconds. */
  readonly unconfirmedLimitMs: number
  readonly onCut: (stream: LiveStream, reason: CutReason) => void
}

const REASONS = {
  expired: 'lease_expired',
  revoked: 'lease_revoked',
  frozen: 'lease_frozen',
  unknown: 'lease_unknown',
} as const satisfies Record<Exclude<LeaseState['kind'], 'active'>, CutReason>

/** So long streams are cut without a break. */
const TURN_MS = 2

const UNKNOWN: LeaseState = { kind: 'unknown' }

/**
 * Cuts what a lease no longer allows, of itself or of one above it. The store tells of ends as they happen; what it says about
 * each live lease every second counts as well, so that a lost message or a reconnect cannot leave a stream open; and silence
 * of the store ends streams too.
 */
export class LiveStreams {
  readonly #settings: Settings
  readonly #byLease = new Map<string, Set<LiveStream>>()
  readonly #confirmedAt = new Map<string, number>()
  /** By a lease with streams, those that it was narrowed from. */
  readonly #above = new Map<string, readonly string[]>()
  /** The other way round: by a lease above, those with streams. */
  readonly #below = new Map<string, Set<string>>()

  /** Behind it the next turn of whoever cuts. */
  #turns: Promise<unknown> = Promise.resolve()
  #turnBegan = 0

  constructor(settings: Settings) {
    this.#settings = settings
  }

  get size(): number {
    let size = 0
    for (const streams of this.#byLease.values()) size += streams.size
    return size
  }

  /** Registers first and asks then: an end in between is seen by one of the two. */
  async open(stream: LiveStream): Promise<void> {
    const streams = this.#byLease.get(stream.lease)
    if (streams !== undefined) {
      streams.add(stream)
    } else {
      this.#byLease.set(stream.lease, new Set([stream]))
      this.#confirmedAt.set(stream.lease, this.#settings.steady())
    }
    await this.#confirm([stream.lease])
  }

  close(stream: LiveStream): void {
    const streams = this.#byLease.get(stream.lease)
    streams?.delete(stream)
    if (streams?.size === 0) this.#forget(stream.lease)
  }

  /** Watches over all streams until aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const timer = setInterval(() => {
      // First, and without waiting for anybody: a store that never answers must not keep a stream open.
      this.#cutUnconfirmed()
      // By partition: one of them may be away while the others answer.
      for (const leases of Map.groupBy(this.#byLease.keys(), partitionOf).values()) void this.#confirm(leases)
    }, this.#settings.confirmEveryMs)
    try {
      await this.#settings.ledger.followEnds(news => {
        if (news.kind === 'lease') this.#cutFamily(news.lease, 'lease_revoked')
        else if (news.kind === 'narrowed') this.#cutFamily(news.lease, 'lease_narrowed')
        else void this.#confirm([...this.#byLease.keys()].filter(lease => partitionOf(lease) === news.partition))
      }, signal)
    } finally {
      clearInterval(timer)
    }
  }

  cutAll(reason: CutReason): void {
    for (const lease of [...this.#byLease.keys()]) this.#cutLease(lease, reason)
  }

  async #confirm(leases: readonly string[]): Promise<void> {
    if (leases.length === 0) return
    const [now, askedAt] = [this.#settings.now(), this.#settings.steady()]
    try {
      await Promise.all(leases.map(lease => this.#learnAbove(lease)))
      const chains = leases.map(lease => [lease, ...(this.#above.get(lease) ?? [])])
      const ids = [...new Set(chains.flat())]
      const states = await this.#settings.ledger.states(ids, now)
      const byId = new Map(ids.map((id, index) => [id, states[index] ?? UNKNOWN]))
      for (const [index, lease] of leases.entries()) {
        await this.#settle(lease, chains[index] ?? [], byId, askedAt)
      }
    } catch {
      this.#cutUnconfirmed()
    }
  }

  /**
   * A thousand cuts take a while: whoever asks for something meanwhile is answered in between. An end of many leases is told by each partition,
   * and all of them take turns: one at a time, and none for long.
   */
  async #turn(): Promise<void> {
    if (performance.now() - this.#turnBegan < TURN_MS) return
    this.#turns = this.#turns.then(() => setImmediate())
    await this.#turns
    this.#turnBegan = performance.now()
  }

  /** By the signed contract: the store could name others. */
  async #learnAbove(lease: string): Promise<void> {
    if (this.#above.has(lease)) return
    const above = await this.#settings.ancestorsOf(lease)
    if (!this.#byLease.has(lease)) return
    // A lease whose contract cannot be read any more might have been narrowed from one that has ended.
    if (above === null) return this.#cutLease(lease, 'lease_unknown')
    this.#above.set(lease, above)
    for (const one of above) {
      const below = this.#below.get(one)
      if (below === undefined) this.#below.set(one, new Set([lease]))
      else below.add(lease)
    }
  }

  async #settle(
    lease: string,
    chain: readonly string[],
    states: ReadonlyMap<string, LeaseState>,
    askedAt: number,
  ): Promise<void> {
    const ended = chain.map(id => states.get(id) ?? UNKNOWN).find(state => state.kind !== 'active')
    if (ended !== undefined) {
      await this.#turn()
      return this.#cutLease(lease, REASONS[ended.kind])
    }
    if (this.#byLease.has(lease)) this.#confirmedAt.set(lease, askedAt)
    await this.#cutWider(lease, chain)
  }

  /** What was let through before the lease was narrowed, and came here after the news of that. */
  async #cutWider(lease: string, chain: readonly string[]): Promise<void> {
    const times = (await this.#settings.timesNarrowed?.(chain)) ?? 0
    const wider = [...(this.#byLease.get(lease) ?? [])].filter(({ narrowed = 0 }) => narrowed < times)
    for (const stream of wider) {
      this.close(stream)
      this.#cut(stream, 'lease_narrowed')
    }
  }

  #cutUnconfirmed(): void {
    const oldest = this.#settings.steady() - this.#settings.unconfirmedLimitMs
    for (const [lease, confirmedAt] of [...this.#confirmedAt]) {
      if (confirmedAt < oldest) this.#cutLease(lease, 'lease_unconfirmed')
    }
  }

  /** The lease, and what was narrowed from it. */
  #cutFamily(lease: string, reason: CutReason): void {
    for (const one of [lease, ...(this.#below.get(lease) ?? [])]) this.#cutLease(one, reason)
  }

  #cutLease(lease: string, reason: CutReason): void {
    const streams = this.#byLease.get(lease) ?? []
    this.#forget(lease)
    for (const stream of streams) this.#cut(stream, reason)
  }

  #cut(stream: LiveStream, reason: CutReason): void {
    stream.cut(reason)
    this.#settings.onCut(stream, reason)
  }

  #forget(lease: string): void {
    this.#byLease.delete(lease)
    this.#confirmedAt.delete(lease)
    for (const one of this.#above.get(lease) ?? []) {
      const below = this.#below.get(one)
      below?.delete(lease)
      if (below?.size === 0) this.#below.delete(one)
    }
    this.#above.delete(lease)
  }
}
