import type { ItemKey, JournalReader, Unread } from '../../src/record/journal/journal.ts'
import type { JournalItem, PoisonItem } from '../../src/record/journal/journal-entry.ts'
import { RecordError, type RecordSink, type Row } from '../../src/record/record-sink.ts'

const keyOf = ({ stream, id }: ItemKey): string => `${stream} ${id}`

/** A journal in memory with the promises of the port: an item is given to this reader once, and stays until acknowledged. */
export class MemoryJournal implements JournalReader {
  readonly items = new Map<string, JournalItem | PoisonItem>()
  readonly setAsideItems: PoisonItem[] = []
  readonly #given = new Set<string>()
  /** While true every call rejects. */
  away = false
  unread: readonly Unread[] = []
  hasMore = false

  append(...items: readonly (JournalItem | PoisonItem)[]): void {
    for (const item of items) this.items.set(keyOf(item), item)
  }

  /** What a new process would see: everything that was not acknowledged, again. */
  restart(): void {
    this.#given.clear()
  }

  async read(batch: number, signal: AbortSignal): Promise<readonly (JournalItem | PoisonItem)[]> {
    this.#answer()
    const fresh = [...this.items.values()].filter(item => !this.#given.has(keyOf(item))).slice(0, batch)
    this.hasMore = fresh.length >= batch
    for (const item of fresh) this.#given.add(keyOf(item))
    if (fresh.length === 0 && !signal.aborted) await new Promise(resolve => setTimeout(resolve, 5))
    return fresh
  }

  async acknowledge(items: readonly ItemKey[]): Promise<void> {
    this.#answer()
    for (const item of items) this.items.delete(keyOf(item))
  }

  async setAside(item: PoisonItem): Promise<void> {
    this.#answer()
    this.setAsideItems.push(item)
    this.items.delete(keyOf(item))
  }

  async lag(): Promise<[]> {
    return []
  }

  async lagWhereItIs(): Promise<[]> {
    return []
  }

  #answer(): void {
    if (this.away) throw new Error('journal away')
  }
}

/** A sink in memory that can be away, hang, or refuse rows. */
export class MemorySink implements RecordSink {
  readonly batches: (readonly Row[])[] = []
  readonly names: (string | undefined)[] = []
  readonly prepared: (readonly Row[])[] = []
  attempts = 0
  mode: 'up' | 'away' | 'hang' = 'up'
  refuses: (row: Row) => boolean = () => false

  get rows(): readonly Row[] {
    return this.batches.flat()
  }

  async write(rows: readonly Row[], name?: string): Promise<void> {
    this.attempts += 1
    if (this.mode === 'hang') await new Promise(() => {})
    if (this.mode === 'away') throw new RecordError('unavailable', 'away')
    if (rows.some(this.refuses)) throw new RecordError('refused', 'refused')
    this.batches.push(rows)
    this.names.push(name)
  }

  prepare(rows: readonly Row[]): void {
    this.prepared.push(rows)
  }
}
