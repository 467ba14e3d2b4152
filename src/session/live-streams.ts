import type { LeaseState } from '../lease/lease.ts'
import type { LeaseLedger } from '../lease/lease-store.ts'

/** A watch, log or exec that runs right now under a lease. */
export interface LiveStream {
  readonly auditId: string
  readonly lease: string
  /** Ends the stream at once; harmless when it has ended already. */
  readonly cut: (reason: CutReason) => void
}

export type CutReason = 'lease_revoked' | 'lease_expired' | 'lease_unknown' | 'lease_unconfirmed' | 'shutdown'

interface Settings {
  readonly ledger: Pick<LeaseLedger, 'states' | 'followEnds'>
  /** Epoch milliseconds. */
  readonly now: () => number
  /** Every so often each lease is asked for, milliseconds. */
  readonly confirmEveryMs: number
  /** Streams whose lease could not be confirmed for so long are cut, milliseconds. */
  readonly unconfirmedLimitMs: number
  readonly onCut: (stream: LiveStream, reason: CutReason) => void
}

const REASONS = {
  expired: 'lease_expired',
  revoked: 'lease_revoked',
  unknown: 'lease_unknown',
} as const satisfies Record<Exclude<LeaseState['kind'], 'active'>, CutReason>

/**
 * Cuts what a lease no longer allows. The store tells of ends as they happen; what it says about each live lease every second
 * counts as well, so that a lost message or a reconnect cannot leave a stream open; and silence of the store ends streams too.
 */
export class LiveStreams {
  readonly #settings: Settings
  readonly #byLease = new Map<string, Set<LiveStream>>()
  readonly #confirmedAt = new Map<string, number>()

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
      this.#confirmedAt.set(stream.lease, this.#settings.now())
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
      void this.#confirm([...this.#byLease.keys()])
    }, this.#settings.confirmEveryMs)
    try {
      // Whatever ends with a lease above it is named as well.
      await this.#settings.ledger.followEnds(({ lease }) => this.#cutLease(lease, 'lease_revoked'), signal)
    } finally {
      clearInterval(timer)
    }
  }

  cutAll(reason: CutReason): void {
    for (const lease of [...this.#byLease.keys()]) this.#cutLease(lease, reason)
  }

  async #confirm(leases: readonly string[]): Promise<void> {
    if (leases.length === 0) return
    const now = this.#settings.now()
    try {
      const states = await this.#settings.ledger.states(leases, now)
      for (const [index, lease] of leases.entries()) this.#settle(lease, states[index] ?? { kind: 'unknown' }, now)
    } catch {
      this.#cutUnconfirmed()
    }
  }

  #settle(lease: string, state: LeaseState, now: number): void {
    if (state.kind !== 'active') this.#cutLease(lease, REASONS[state.kind])
    else if (this.#byLease.has(lease)) this.#confirmedAt.set(lease, now)
  }

  #cutUnconfirmed(): void {
    const oldest = this.#settings.now() - this.#settings.unconfirmedLimitMs
    for (const [lease, confirmedAt] of [...this.#confirmedAt]) {
      if (confirmedAt < oldest) this.#cutLease(lease, 'lease_unconfirmed')
    }
  }

  #cutLease(lease: string, reason: CutReason): void {
    const streams = this.#byLease.get(lease) ?? []
    this.#forget(lease)
    for (const stream of streams) {
      stream.cut(reason)
      this.#settings.onCut(stream, reason)
    }
  }

  #forget(lease: string): void {
    this.#byLease.delete(lease)
    this.#confirmedAt.delete(lease)
  }
}
