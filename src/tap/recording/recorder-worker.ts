import { Worker } from 'node:worker_threads'
import type { RecordSink } from '../../record/record-sink.ts'
import { Line } from './line.ts'
import { type Order, RECORDER_SETTINGS, type RecorderConfig, type Wish } from './orders.ts'

/** Of a bundle it is the file beside it (local/release/bundle.ts). */
export const RECORDER_THREAD: string | URL = new URL('./recorder-thread.ts', import.meta.url)

/** Past this the thread ends, and not the process. A thousand sessions take a fifth of it. */
const MOST_HEAP_MB = 512

/** The recorder's thread, from its start to its end. */
export class RecorderWorker {
  /** Resolves when it is over, with what went wrong. */
  readonly over: Promise<Error>
  readonly #worker: Worker
  readonly #line: Line<Order, Wish>
  #heardAt = performance.now()
  #isAsked = false

  /** `write`: into the record, which is the tap's. */
  constructor(config: RecorderConfig, program: string | URL, write: RecordSink['write']) {
    this.#worker = new Worker(program, {
      workerData: Object.fromEntries(RECORDER_SETTINGS.map(key => [key, config[key]])),
      // None of ours is for it: some hold passwords.
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: MOST_HEAP_MB },
    })
    this.#line = new Line(this.#worker, ({ rows, name }) => write(rows, name))
    this.over = new Promise(resolve => {
      let why = new Error('the thread ended')
      this.#worker.once('error', error => {
        why = error as Error
      })
      this.#worker.once('exit', () => {
        this.#line.close(why)
        resolve(why)
      })
    })
  }

  /** Rejects where it could not, or has ended. */
  ask(order: Order): Promise<void> {
    return this.#line.ask(order)
  }

  /** For how long it has not answered, milliseconds; 0 where it has since it was asked last. */
  get silentMs(): number {
    return this.#isAsked ? performance.now() - this.#heardAt : 0
  }

  /** Asks whether it turns, once at a time. */
  look(): void {
    if (this.#isAsked) return
    this.#isAsked = true
    this.#heardAt = performance.now()
    const answered = () => {
      this.#isAsked = false
    }
    this.ask({ kind: 'answer' }).then(answered, () => undefined)
  }

  /** Whatever it does. One that waits for its disk ends when it has it. */
  end(): void {
    void this.#worker.terminate()
  }
}
