import { createHash } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { RecordError, type RecordSink, type Row } from '../record/record-sink.ts'
import type { Logger } from '../support/logger.ts'

/** Rows of one table that go in together. */
export interface Batch {
  readonly rows: readonly Row[]
  /** Where they come from. */
  readonly source: string
  /** Names each row within the source: the same rows under the same ids are the same batch, whoever writes it when. */
  readonly ids: readonly string[]
}

/** Why the sink will never take a row; null: it has it. */
export type Refusal = string | null

export interface WriterLimits {
  /** Pause after a failed insert: doubled each time, from the first to the second, milliseconds. */
  readonly backoffMs: readonly [first: number, most: number]
  /** An insert that takes longer is worth a line in the log, milliseconds. */
  readonly slowMs: number
}

export interface Written {
  readonly rows: number
  readonly batches: number
  /** Attempts that failed. */
  readonly failures: number
  /** Since when no insert goes well, epoch milliseconds; null while they do. */
  readonly failingSince: number | null
}

/**
 * Writes batches one at a time, in the order they came. While the sink is away the same batch is tried again and again; a
 * row that the sink refuses is found by halving, so that it never holds up the others.
 */
export class Writer {
  readonly #sink: RecordSink
  readonly #limits: WriterLimits
  readonly #log: Logger
  readonly #givingUp = new AbortController()
  #turn: Promise<unknown> = Promise.resolve()
  /** Batches that are written or wait. */
  #ahead = 0
  #written: Written = { rows: 0, batches: 0, failures: 0, failingSince: null }

  constructor(sink: RecordSink, limits: WriterLimits, log: Logger) {
    this.#sink = sink
    this.#limits = limits
    this.#log = log
  }

  get written(): Written {
    return this.#written
  }

  /** Resolves when the sink has every row that it takes: for each row null, or why it was refused. Rejects after `giveUp`. */
  write(batch: Batch): Promise<readonly Refusal[]> {
    // The next one alone: what waits long need not take more memory for it.
    if (this.#ahead < 2) this.#sink.prepare?.(batch.rows)
    this.#ahead += 1
    const done = this.#turn.then(() => this.#deliver(batch))
    const isOver = (): void => {
      this.#ahead -= 1
    }
    this.#turn = done.then(isOver, isOver)
    return done
  }

  /** What is not written by now, or hangs, is given up. */
  giveUp(): void {
    this.#givingUp.abort()
  }

  async #deliver(batch: Batch): Promise<readonly Refusal[]> {
    for (let attempt = 0; ; attempt++) {
      const error = await this.#attempt(batch)
      if (error === null) return batch.rows.map(() => null)
      if (error instanceof RecordError && error.code === 'refused') return this.#isolate(batch, error)
      if (this.#givingUp.signal.aborted) throw error
      this.#failed(error, attempt)
      const [first, most] = this.#limits.backoffMs
      await wait(Math.min(first * 2 ** attempt, most), undefined, { signal: this.#givingUp.signal }).catch(() => {})
    }
  }

  /** Null when it went well. An insert that hangs must not outlast a stop. */
  async #attempt(batch: Batch): Promise<Error | null> {
    const { promise: gaveUp, resolve } = Promise.withResolvers<Error>()
    const giveUp = (): void => resolve(new Error('gave up on the record at the end of the stop'))
    if (this.#givingUp.signal.aborted) giveUp()
    this.#givingUp.signal.addEventListener('abort', giveUp, { once: true })
    const slow = setTimeout(() => this.#slow(batch), this.#limits.slowMs)
    const writing = this.#sink.write(batch.rows, nameOf(batch)).then(
      () => null,
      (error: Error) => error,
    )
    const result = await Promise.race([writing, gaveUp])
    clearTimeout(slow)
    this.#givingUp.signal.removeEventListener('abort', giveUp)
    if (result === null) this.#succeeded(batch.rows.length)
    return result
  }

  async #isolate(batch: Batch, error: Error): Promise<readonly Refusal[]> {
    if (batch.rows.length === 1) {
      this.#log.warn({ err: error }, 'the record refuses a row')
      return [error.message]
    }
    const half = Math.ceil(batch.rows.length / 2)
    return [...(await this.#deliver(part(batch, 0, half))), ...(await this.#deliver(part(batch, half)))]
  }

  #succeeded(rows: number): void {
    const { failingSince } = this.#written
    if (failingSince !== null) this.#log.info({ awayMs: Date.now() - failingSince }, 'the record is written again')
    this.#written = {
      ...this.#written,
      rows: this.#written.rows + rows,
      batches: this.#written.batches + 1,
      failingSince: null,
    }
  }

  #failed(err: Error, attempt: number): void {
    const { failures, failingSince } = this.#written
    this.#written = { ...this.#written, failures: failures + 1, failingSince: failingSince ?? Date.now() }
    this.#log.warn({ err, attempt: attempt + 1 }, 'the record cannot be written')
  }

  #slow({ rows, source }: Batch): void {
    this.#log.warn({ source, rows: rows.length, ms: this.#limits.slowMs }, 'the record takes long to write')
  }
}

function part({ rows, source, ids }: Batch, from: number, to?: number): Batch {
  return { rows: rows.slice(from, to), source, ids: ids.slice(from, to) }
}

function nameOf({ source, ids }: Batch): string {
  return createHash('sha256')
    .update(`${source}\n${ids.join('\n')}`)
    .digest('hex')
}
