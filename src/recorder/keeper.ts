import type { RecorderCut } from '../session/recording/recorder-cut.ts'
import type { SessionEvent } from '../session/recording/session-event.ts'
import type { OpenSession } from '../session/recording/session-sink.ts'
import { DeadlineError, within } from '../support/time/within.ts'

interface Batch {
  readonly events: SessionEvent[]
  bytes: number
  readonly kept: Promise<RecorderCut | null>
}

/**
 * Hands the events of one session to its sink, one batch at a time: what comes while one is written is the next. So a slow disk has few
 * writes to do, and no event is written before one that came earlier.
 */
export class Keeper {
  readonly #session: OpenSession
  readonly #patienceMs: number
  #waiting: Batch | null = null
  #last: Promise<RecorderCut | null> = Promise.resolve(null)
  #failed: RecorderCut | null = null
  #held = 0
  /** What the sink has been given, whether it is in time or not. */
  #writing: Promise<unknown> = Promise.resolve()

  constructor(session: OpenSession, patienceMs: number) {
    this.#session = session
    this.#patienceMs = patienceMs
  }

  /** Bytes that came and are not kept yet. */
  get held(): number {
    return this.#held
  }

  /** Resolves when these and all before them are kept. `bytes`: how many of the tunnel they were. */
  keep(events: readonly SessionEvent[], bytes: number): Promise<RecorderCut | null> {
    if (events.length === 0) return this.#last
    const batch = this.#waiting ?? this.#nextBatch()
    batch.events.push(...events)
    batch.bytes += bytes
    this.#held += bytes
    return batch.kept
  }

  /** The last word, when all that was given to the sink is written or has failed. */
  async end(end: { readonly at: string; readonly why: string }): Promise<void> {
    await this.#last
    await this.#writing.catch(() => undefined)
    await this.#session.end(end)
  }

  #nextBatch(): Batch {
    const batch: Batch = { events: [], bytes: 0, kept: this.#last.then(() => this.#write(batch)) }
    this.#waiting = batch
    this.#last = batch.kept
    return batch
  }

  async #write(batch: Batch): Promise<RecorderCut | null> {
    this.#waiting = null
    if (this.#failed === null) {
      this.#writing = this.#append(batch.events)
      this.#failed = await within(this.#patienceMs, this.#writing).then(() => null, toCut)
    }
    this.#held -= batch.bytes
    return this.#failed
  }

  /** A sink that throws has failed like any other. */
  async #append(events: readonly SessionEvent[]): Promise<void> {
    return this.#session.append(events)
  }
}

/** What a sink that failed means for the session. */
export function toCut(error: unknown): RecorderCut {
  return error instanceof DeadlineError ? 'recorder_slow' : 'recorder_failed'
}
