import { setTimeout as wait } from 'node:timers/promises'
import { type ItemKey, isPoison, type JournalReader, type Unread } from '../record/journal/journal.ts'
import type { JournalItem, PoisonItem } from '../record/journal/journal-entry.ts'
import { toRow } from '../record/to-rows.ts'
import type { Logger } from '../support/logger.ts'
import type { Writer } from './writer.ts'

/** Items of each stream that are in hand at once, where the reader has room for them: an insert costs the same, however little is in it. */
const READ_BATCH = 10_000
const RETRY_MS = 500

export interface RoadParts {
  readonly journal: JournalReader
  readonly writer: Writer
  readonly log: Logger
  readonly stopping: AbortSignal
  /** Between two reads that found little, so that items come together, milliseconds. */
  readonly pauseMs: number
}

type Item = JournalItem | PoisonItem

/**
 * Takes items from the journal into the record: read, write, acknowledge, read on. What was read of one stream is written
 * and acknowledged by itself, and comes again as the same set after a crash: so each batch has the same name every time,
 * and is written once.
 */
export class JournalRoad {
  readonly #parts: RoadParts
  #setAside = 0
  #untold = ''

  constructor(parts: RoadParts) {
    this.#parts = parts
  }

  /** Items that were set aside. */
  get setAside(): number {
    return this.#setAside
  }

  /** Resolves after a stop. `onCaughtUp` hears when all that was journaled before that time is recorded. */
  async run(onCaughtUp: (readAt: number) => Promise<void>): Promise<void> {
    const { journal, stopping, pauseMs } = this.#parts
    while (!stopping.aborted) {
      const askedAt = Date.now()
      const items = (await this.#insist('read', () => journal.read(READ_BATCH, stopping))) ?? []
      const readAt = Date.now()
      const streams = Map.groupBy(items, item => item.stream)
      for (const ofStream of streams.values()) if (!(await this.#record(ofStream))) return
      if (journal.hasMore) continue
      this.#tell(journal.unread)
      if (journal.unread.length === 0) await onCaughtUp(askedAt)
      const pause = items.length === 0 ? 0 : readAt + pauseMs - Date.now()
      if (pause > 0) await wait(pause, undefined, { signal: stopping }).catch(() => {})
    }
  }

  /** Once for each change: it may last. */
  #tell(unread: readonly Unread[]): void {
    const { log } = this.#parts
    const streams = unread.map(({ stream }) => stream).join()
    if (streams === this.#untold) return
    if (unread.length > 0)
      log.warn({ unread }, 'a part of the journal is not there: the rest is recorded, and this kept')
    else log.info('all of the journal is read again')
    this.#untold = streams
  }

  /** False when the tap stopped before it knew; then nothing may be acknowledged. */
  async #record(items: readonly Item[]): Promise<boolean> {
    const { journal } = this.#parts
    const good = items.filter((item): item is JournalItem => !isPoison(item))
    const refused = await this.#write(good)
    if (refused === null) return false
    for (const item of [...items.filter(isPoison), ...refused]) await this.#putAside(item)
    const gone = new Set(refused.map(({ id }) => id))
    const kept: readonly ItemKey[] = good.filter(({ id }) => !gone.has(id))
    if (kept.length > 0) await this.#insist('acknowledge', () => journal.acknowledge(kept))
    return true
  }

  /** The items that will never be taken; null when the tap stopped before it knew. */
  async #write(items: readonly JournalItem[]): Promise<readonly PoisonItem[] | null> {
    const { writer } = this.#parts
    const refused: PoisonItem[] = []
    const entries = items.map(item => ({ item, row: toRow(item) }))
    for (const [table, ofTable] of Map.groupBy(entries, ({ row }) => row.table)) {
      const source = `${table} of ${ofTable[0]?.item.stream}`
      const batch = { rows: ofTable.map(({ row }) => row), source, ids: ofTable.map(({ item }) => item.id) }
      const refusals = await writer.write(batch).catch(() => null)
      if (refusals === null) return null
      for (const [index, problem] of refusals.entries()) {
        const item = ofTable[index]?.item
        if (problem !== null && item !== undefined) refused.push({ stream: item.stream, id: item.id, problem })
      }
    }
    return refused
  }

  async #putAside(item: PoisonItem): Promise<void> {
    const { journal, log } = this.#parts
    log.error(item, 'a journal item cannot be recorded and is set aside')
    await this.#insist('set aside', () => journal.setAside(item))
    this.#setAside += 1
  }

  /** The journal gives an item to a process once, so whatever is done with it is done until it succeeds, or the stop. */
  async #insist<T>(what: string, act: () => Promise<T>): Promise<T | null> {
    const { log, stopping } = this.#parts
    for (;;) {
      try {
        return await act()
      } catch (err) {
        if (stopping.aborted) return null
        log.warn({ err }, `the journal does not answer (${what})`)
        await wait(RETRY_MS, undefined, { signal: stopping }).catch(() => {})
      }
    }
  }
}
