import { uuidv7 } from 'uuidv7'
import type { Row } from '../../record/record-sink.ts'
import type { Writer } from '../writer.ts'
import { IN_MEMORY_ALONE, type KeptRows } from './kept-rows.ts'

export interface LooseLimits {
  /** Rows of one insert. */
  readonly maxRows: number
  /** How long a row waits for company, milliseconds. */
  readonly maxAgeMs: number
  /** Rows held in memory while the sink is away. */
  readonly maxLoose: number
}

interface LooseBatch {
  readonly id: string
  readonly rows: Row[]
}

/** Rows that nobody could send again: written together by age or number, kept as long as there is room, counted otherwise. */
export class LooseRows {
  readonly #writer: Writer
  readonly #limits: LooseLimits
  readonly #kept: KeptRows
  #waiting: LooseBatch = newBatch()
  #held = 0
  #lost = 0
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> = Promise.resolve()

  constructor(writer: Writer, limits: LooseLimits, kept: KeptRows = IN_MEMORY_ALONE) {
    this.#writer = writer
    this.#limits = limits
    this.#kept = kept
    for (const { id, rows } of kept.left()) {
      this.#held += rows.length
      this.#send({ id, rows: [...rows] })
    }
  }

  /** Rows that found no room, or were refused or lost at a stop. */
  get lost(): number {
    return this.#lost
  }

  /** Rows that the sink does not have yet. */
  get held(): number {
    return this.#held
  }

  offer(row: Row): void {
    if (this.#held >= this.#limits.maxLoose) {
      this.#lost += 1
      return
    }
    this.#held += 1
    this.#waiting.rows.push(row)
    this.#kept.keep(this.#waiting.id, row)
    if (this.#waiting.rows.length >= this.#limits.maxRows) this.#sendWaiting()
    else this.#timer ??= setTimeout(() => this.#sendWaiting(), this.#limits.maxAgeMs)
  }

  /** Resolves when all that was offered is written, refused or given up. */
  async flush(): Promise<void> {
    this.#sendWaiting()
    await this.#writing
  }

  #sendWaiting(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const batch = this.#waiting
    this.#waiting = newBatch()
    if (batch.rows.length > 0) this.#send(batch)
  }

  #send(batch: LooseBatch): void {
    const sent = this.#write(batch)
    this.#writing = Promise.all([this.#writing, sent]).then(() => undefined)
  }

  async #write({ id, rows }: LooseBatch): Promise<void> {
    const batch = { rows, source: `outcomes ${id}`, ids: rows.map((_, index) => String(index)) }
    const refusals = await this.#writer.write(batch).catch(() => null)
    this.#held -= rows.length
    // Given up: whoever comes next finds what is kept.
    if (refusals === null) this.#lost += this.#kept.has(id) ? 0 : rows.length
    else {
      this.#lost += refusals.filter(refusal => refusal !== null).length
      this.#kept.forget(id)
    }
  }
}

function newBatch(): LooseBatch {
  return { id: uuidv7(), rows: [] }
}
