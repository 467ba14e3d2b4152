import type { JournalItem, PoisonItem } from './journal-entry.ts'

/** Names one item: `id` is unique within `stream`. */
export interface ItemKey {
  readonly stream: string
  readonly id: string
}

export interface StreamLag {
  readonly stream: string
  /** Items that were not acknowledged yet. */
  readonly length: number
  /** Bytes of them. */
  readonly bytes: number
  /** When the oldest of them was written, epoch milliseconds; null when there is none. */
  readonly oldestAt: number | null
  /** Items set aside. */
  readonly deadLetters: number
}

export interface DeadLetter extends ItemKey {
  /** As it was found. */
  readonly entry: string
  readonly settled: string
  readonly problem: string
  /** When it was set aside, epoch milliseconds. */
  readonly asideAt: number
}

/** A stream that could not be read. */
export interface Unread {
  readonly stream: string
  readonly problem: string
}

/** What one read brings at most. */
export interface Most {
  /** Of each stream. */
  readonly items: number
  /** Of all together; the last of them may go some hundred items beyond. */
  readonly bytes: number
}

/** What the tap needs of the journal. Every method rejects when the store cannot answer. */
export interface JournalReader {
  /**
   * Waits for items and returns them, at most `batch` of each stream and no more bytes than the reader may have in hand, each once to
   * this process; empty after about a second without any, and when aborted. What an earlier process of this name, or another that went away, read and never
   * acknowledged comes again: at least once. Of a journal that is on several servers it returns what those have that answer.
   */
  read(batch: number, signal: AbortSignal): Promise<readonly (JournalItem | PoisonItem)[]>
  /** Whether there may be more that could be read at once: the last `read` stopped at a limit, or looked at what was left alone. */
  readonly hasMore: boolean
  /** What the last `read` could not look at. */
  readonly unread: readonly Unread[]
  /** Only when the record has them: they are deleted, of a server that is away once it is back. */
  acknowledge(items: readonly ItemKey[]): Promise<void>
  /** Moves an item that cannot be recorded out of the way, to the dead letters. */
  setAside(item: PoisonItem): Promise<void>
  lag(): Promise<readonly StreamLag[]>
  /** Of those streams whose server answers; rejects where none does. */
  lagWhereItIs(): Promise<readonly StreamLag[]>
}

/** What was set aside. */
export interface DeadLetters {
  /** Oldest first, at most `limit` of each stream. */
  list(limit: number): Promise<readonly DeadLetter[]>
  /** Null when there is none of this name. */
  find(key: ItemKey): Promise<DeadLetter | null>
  /** Gives a dead letter back to its stream, to be read again. False when it is no longer there. */
  rescue(letter: ItemKey): Promise<boolean>
  /** Forgets a dead letter for good. False when it is no longer there. */
  drop(letter: ItemKey): Promise<boolean>
}

export function isPoison(item: JournalItem | PoisonItem): item is PoisonItem {
  return 'problem' in item
}
