import type { CutReason, LiveStream } from './live-streams.ts'

interface Settings {
  /** Until when somebody watches the sessions of the lease, epoch milliseconds; 0: nobody does. Rejects when the store does not say. */
  readonly watchedUntil: (lease: string) => Promise<number>
  /** Epoch milliseconds. */
  readonly now: () => number
  /** Milliseconds that only go forward: a mark that was seen runs out by these, wherever the other clock is set to. */
  readonly steady: () => number
  /** So long a mark counts at most, milliseconds: a stream for which none was ever seen runs no longer than that. */
  readonly markMs: number
  readonly everyMs: number
  readonly onCut: (stream: LiveStream, reason: CutReason) => void
}

interface Watched {
  readonly streams: Set<LiveStream>
  /** As far as is known, on the clock that only goes forward. */
  until: number
}

/** Cuts sessions that somebody has to watch and that nobody does, also when the store does not say: then with the last mark that was seen. */
export class WatchedStreams {
  readonly #settings: Settings
  readonly #byLease = new Map<string, Watched>()

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /** Streams that nobody has to watch are none of its business. */
  open(stream: LiveStream): void {
    if (stream.watched !== true) return
    const known = this.#byLease.get(stream.lease)
    if (known === undefined) {
      const { steady, markMs } = this.#settings
      this.#byLease.set(stream.lease, { streams: new Set([stream]), until: steady() + markMs })
    } else {
      known.streams.add(stream)
    }
  }

  close(stream: LiveStream): void {
    const known = this.#byLease.get(stream.lease)
    known?.streams.delete(stream)
    if (known?.streams.size === 0) this.#byLease.delete(stream.lease)
  }

  /** Until aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const looking = new Set<string>()
    const timer = setInterval(() => {
      // First, and without waiting for anybody: a store that never answers must not keep a stream open.
      this.#cutOver()
      for (const lease of this.#byLease.keys()) {
        if (looking.has(lease)) continue
        looking.add(lease)
        void this.#look(lease).finally(() => looking.delete(lease))
      }
    }, this.#settings.everyMs)
    signal.addEventListener('abort', () => resolve(), { once: true })
    if (!signal.aborted) await promise
    clearInterval(timer)
  }

  async #look(lease: string): Promise<void> {
    const watched = this.#byLease.get(lease)
    const until = await this.#settings.watchedUntil(lease).catch(() => null)
    if (watched === undefined || until === null) return
    const { now, steady, markMs } = this.#settings
    watched.until = steady() + Math.min(until - now(), markMs)
    this.#cutOver()
  }

  #cutOver(): void {
    const now = this.#settings.steady()
    for (const [lease, { streams, until }] of [...this.#byLease]) {
      if (now < until) continue
      this.#byLease.delete(lease)
      for (const stream of streams) {
        stream.cut('session_unwatched')
        this.#settings.onCut(stream, 'session_unwatched')
      }
    }
  }
}
