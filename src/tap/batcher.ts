import { setTimeout as wait } from 'node:timers/promises'
import { RecordError, type RecordSink, type Row } from '../record/record-sink.ts'

export interface BatchLimits {
  /** Rows of one insert. */
  readonly maxRows: number
  /** How long a row waits for company, milliseconds. */
  readonly maxAgeMs: number
  /** Loose rows held in memory while the sink is away. */
  readonly maxLoose: number
  /** Pause after a failed insert: doubled each time, from the first to the second, milliseconds. */
  readonly backoffMs: readonly [first: number, most: number]
}

export const BATCH_LIMITS: BatchLimits = { maxRows: 5000, maxAgeMs: 1000, maxLoose: 50_000, backoffMs: [200, 10_000] }

/** Why the sink will never take a row; null: it has it. */
type Refusal = string | null

interface Waiting {
  readonly row: Row
  readonly since: number
  readonly done: (refusal: Refusal) => void
  readonly failed: (error: Error) => void
}

/**
 * Collects rows and writes them, one insert at a time, in the order they came. While the sink is away the same insert is
 * tried again and again; a row that the sink refuses is found by halving, so that it never holds up the others.
 */
export class Batcher {
  readonly #sink: RecordSink
  readonly #limits: BatchLimits
  readonly #onProblem: (error: Error) => void
  readonly #stopping = new AbortController()
  readonly #givingUp = new AbortController()
  readonly #finished: Promise<void>
  #waiting: Waiting[] = []
  #loose = 0
  #dropped = 0
  #wake: () => void = () => {}

  constructor(sink: RecordSink, limits: BatchLimits, onProblem: (error: Error) => void) {
    this.#sink = sink
    this.#limits = limits
    this.#onProblem = onProblem
    this.#finished = this.#run()
  }

  /** Loose rows that found no room, or were refused or lost at a stop. */
  get dropped(): number {
    return this.#dropped
  }

  get length(): number {
    return this.#waiting.length
  }

  /** Resolves when the sink has every row, in their order: null, or why it refused the row. Rejects at a stop. */
  write(rows: readonly Row[]): Promise<readonly Refusal[]> {
    return Promise.all(
      rows.map(row => new Promise<Refusal>((resolve, reject) => this.#add({ row, done: resolve, failed: reject }))),
    )
  }

  /** For a row that nobody could send again: kept if there is room, counted otherwise. */
  offer(row: Row): void {
    if (this.#loose >= this.#limits.maxLoose) {
      this.#dropped += 1
      return
    }
    this.#loose += 1
    const done = (refusal: Refusal): void => {
      this.#loose -= 1
      if (refusal !== null) this.#dropped += 1
    }
    this.#add({ row, done, failed: error => done(error.message) })
  }

  /** Writes what is there, and gives up on the rest after `withinMs`. */
  async stop(withinMs: number): Promise<void> {
    this.#stopping.abort()
    this.#wake()
    const late = setTimeout(() => this.#givingUp.abort(), withinMs)
    await this.#finished
    clearTimeout(late)
  }

  #add(entry: Omit<Waiting, 'since'>): void {
    if (this.#stopping.signal.aborted) {
      entry.failed(new Error('the tap is stopping'))
      return
    }
    this.#waiting.push({ ...entry, since: Date.now() })
    if (this.#waiting.length === 1 || this.#waiting.length >= this.#limits.maxRows) this.#wake()
  }

  async #run(): Promise<void> {
    while (await this.#due()) await this.#deliver(this.#waiting.splice(0, this.#limits.maxRows))
  }

  /** True when there is a batch to write, false when there will never be one again. */
  async #due(): Promise<boolean> {
    for (;;) {
      const [oldest] = this.#waiting
      if (this.#stopping.signal.aborted) return oldest !== undefined
      const ageMs = oldest === undefined ? 0 : Date.now() - oldest.since
      const full = this.#waiting.length >= this.#limits.maxRows
      if (oldest !== undefined && (full || ageMs >= this.#limits.maxAgeMs)) return true
      await this.#woken(oldest === undefined ? null : this.#limits.maxAgeMs - ageMs)
    }
  }

  async #woken(withinMs: number | null): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#wake = resolve
    const timer = withinMs === null ? undefined : setTimeout(resolve, withinMs)
    await promise
    clearTimeout(timer)
  }

  async #deliver(batch: readonly Waiting[]): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      const error = await this.#attempt(batch)
      if (error === null) return settle(batch, null)
      if (error instanceof RecordError && error.code === 'refused') return this.#isolate(batch, error)
      if (this.#givingUp.signal.aborted) return fail(batch, error)
      this.#onProblem(error)
      const [first, most] = this.#limits.backoffMs
      await wait(Math.min(first * 2 ** attempt, most), undefined, { signal: this.#givingUp.signal }).catch(() => {})
    }
  }

  /** Null when it went well. An insert that hangs must not outlast a stop. */
  async #attempt(batch: readonly Waiting[]): Promise<Error | null> {
    const { promise: gaveUp, resolve } = Promise.withResolvers<Error>()
    const giveUp = (): void => resolve(new Error('gave up on the record at the end of the stop'))
    this.#givingUp.signal.addEventListener('abort', giveUp, { once: true })
    const written = this.#sink.write(batch.map(({ row }) => row)).then(
      () => null,
      (error: Error) => error,
    )
    const result = await Promise.race([written, gaveUp])
    this.#givingUp.signal.removeEventListener('abort', giveUp)
    return result
  }

  async #isolate(batch: readonly Waiting[], error: Error): Promise<void> {
    this.#onProblem(error)
    if (batch.length === 1) return settle(batch, error.message)
    const half = Math.ceil(batch.length / 2)
    await this.#deliver(batch.slice(0, half))
    await this.#deliver(batch.slice(half))
  }
}

function settle(batch: readonly Waiting[], refusal: Refusal): void {
  for (const { done } of batch) done(refusal)
}

function fail(batch: readonly Waiting[], error: Error): void {
  for (const { failed } of batch) failed(error)
}
