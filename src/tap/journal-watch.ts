import type { JournalReader, StreamLag } from '../record/journal/journal.ts'
import type { Logger } from '../support/logger.ts'
import type { TapStatus } from './tap-status.ts'

export interface WatchLimits {
  readonly everyMs: number
  /** Entries of one stream from which the operator is told. */
  readonly manyEntries: number
  /** Age of the oldest entry from which the operator is told, milliseconds. */
  readonly oldMs: number
}

/** Looks at how far the record is behind, and says so when that is far. */
export class JournalWatch {
  readonly #journal: Watched
  readonly #limits: WatchLimits
  readonly #log: Logger
  readonly #timer: NodeJS.Timeout
  #behind = false
  #deadLetters = 0

  constructor(journal: Watched, limits: WatchLimits, log: Logger) {
    this.#journal = journal
    this.#limits = limits
    this.#log = log
    this.#timer = setInterval(() => void this.#look(), limits.everyMs)
    this.#timer.unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  async #look(): Promise<void> {
    // A store that does not answer is told of by whoever reads the journal.
    const lag = await this.#journal.lagWhereItIs().catch(() => null)
    if (lag === null) return
    this.#tellOfLag(lag)
    this.#tellOfDeadLetters(lag)
  }

  #tellOfLag(lag: readonly StreamLag[]): void {
    const { manyEntries, oldMs } = this.#limits
    const now = Date.now()
    const far = lag.filter(({ length, oldestAt }) => length >= manyEntries || now - (oldestAt ?? now) >= oldMs)
    if (far.length > 0) this.#log.warn({ streams: far.map(shown) }, 'the record is behind: the journal keeps')
    // Of what is not there nobody knows.
    else if (this.#journal.unread.length > 0) return
    else if (this.#behind) this.#log.info('the record has caught up with the journal')
    this.#behind = far.length > 0
  }

  #tellOfDeadLetters(lag: readonly StreamLag[]): void {
    const count = lag.reduce((sum, { deadLetters }) => sum + deadLetters, 0)
    if (count > this.#deadLetters) {
      this.#log.error({ count }, 'there are dead letters: leasegate record dead-letters list')
    }
    this.#deadLetters = count
  }
}

type Watched = Pick<JournalReader, 'lagWhereItIs' | 'unread'>

/** How far the record is behind in each stream. One whose server is away has been behind for as long at least, and had as many entries. */
export class KnownLag {
  readonly #journal: Watched
  readonly #begunAt = Date.now()
  readonly #known = new Map<string, { readonly lag: StreamLag; readonly at: number }>()

  constructor(journal: Watched) {
    this.#journal = journal
  }

  /** Rejects when no server answers. */
  async now(): Promise<TapStatus['journal']> {
    const found = await this.#journal.lagWhereItIs()
    const at = Date.now()
    for (const lag of found) this.#known.set(lag.stream, { lag, at })
    const never = this.#journal.unread.filter(({ stream }) => !this.#known.has(stream))
    return [
      ...[...this.#known.values()].map(({ lag, at: seenAt }) => ({
        stream: lag.stream,
        entries: lag.length,
        lagSeconds: Math.max(secondsSince(lag.oldestAt), seenAt === at ? 0 : secondsSince(seenAt)),
        deadLetters: lag.deadLetters,
      })),
      ...never.map(({ stream }) => ({ stream, entries: 0, lagSeconds: secondsSince(this.#begunAt), deadLetters: 0 })),
    ]
  }
}

function shown({ stream, length, oldestAt }: StreamLag) {
  return { stream, entries: length, oldestSeconds: secondsSince(oldestAt) }
}

export function secondsSince(at: number | null): number {
  return at === null ? 0 : Math.max(0, Math.round((Date.now() - at) / 1000))
}
