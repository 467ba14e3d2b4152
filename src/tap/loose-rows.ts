import { uuidv7 } from 'uuidv7'
import type { Row } from '../record/record-sink.ts'
import type { Writer } from './writer.ts'

export interface LooseLimits {
  /** Rows of one insert. */
  readonly maxRows: number
  /** How long a row waits for company, milliseconds. */
  readonly maxAgeMs: number
  /** Rows held in memory while the sink is away. */
  readonly maxLoose: number
}

/** Rows that nobody could send again: written together by age or number, kept as long as there is room, counted otherwise. */
export class LooseRows {
  readonly #writer: Writer
  readonly #limits: LooseLimits
  #waiting: Row[] = []
  #held = 0
  #lost = 0
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> = Promise.resolve()

  constructor(writer: Writer, limits: LooseLimits) {
    this.#writer = writer
    this.#limits = limits
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
    this.#waiting.push(row)
    if (this.#waiting.length >= this.#limits.maxRows) this.#send()
    else this.#timer ??= setTimeout(() => this.#send(), this.#limits.maxAgeMs)
  }

  /** Resolves when all that was offered is written, refused or given up. */
  async flush(): Promise<void> {
    this.#send()
    await this.#writing
  }

  #send(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const rows = this.#waiting
    this.#waiting = []
    if (rows.length === 0) return
    const sent = this.#write(rows)
    this.#writing = Promise.all([this.#writing, sent]).then(() => undefined)
  }

  async #write(rows: readonly Row[]): Promise<void> {
    const batch = { rows, source: `outcomes ${uuidv7()}`, ids: rows.map((_, index) => String(index)) }
    const refusals = await this.#writer.write(batch).catch((error: Error) => rows.map(() => error.message))
    this.#held -= rows.length
    this.#lost += refusals.filter(refusal => refusal !== null).length
  }
}
