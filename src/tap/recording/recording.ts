import { setTimeout as wait } from 'node:timers/promises'
import { RecordError, type RecordSink } from '../../record/record-sink.ts'
import type { Logger } from '../../support/logger.ts'
import { within } from '../../support/time/within.ts'
import type { Order, RecorderConfig } from './orders.ts'
import { RECORDER_THREAD, RecorderWorker } from './recorder-worker.ts'

export interface RecordingLimits {
  /** Pause before it is started again: doubled each time, from the first to the second, milliseconds. */
  readonly backoffMs: readonly [first: number, most: number]
  /** What lived so long did not die of its start. */
  readonly steadyMs: number
  readonly lookEveryMs: number
  /** Without an answer for so long it fails: Envoy has ended its sessions. */
  readonly silentMs: number
  /** Without an answer for so long it is ended, and another one comes. */
  readonly deafMs: number
}

export const RECORDING_LIMITS: RecordingLimits = {
  backoffMs: [500, 10_000],
  steadyMs: 60_000,
  lookEveryMs: 500,
  silentMs: 2000,
  deafMs: 60_000,
}

/** Beside the time that it is given: for last words of sessions, and for one that does not answer any more. */
const STOPS_WITHIN_MS = 3000

export interface RecordingParts {
  readonly config: RecorderConfig
  readonly log: Logger
  readonly limits?: Partial<RecordingLimits>
  /** What the thread runs. */
  readonly program?: string | URL
}

/**
 * Recorded sessions, by a thread of their own. Where it dies, its sessions end and none begins until there is another one, which ends what
 * that one left. The rest of the tap goes on.
 */
export class Recording {
  readonly #parts: RecordingParts
  readonly #limits: RecordingLimits
  readonly #stopping = new AbortController()
  #record: RecordSink | null = null
  #worker: RecorderWorker | null = null
  #timer: NodeJS.Timeout | undefined
  #deaths = 0
  #downAt: number | null = null
  #isSilent = false

  private constructor(parts: RecordingParts) {
    this.#parts = parts
    this.#limits = { ...RECORDING_LIMITS, ...parts.limits }
  }

  /** Null where no setting says that sessions are kept. Rejects where spool or keys cannot be used. */
  static async open(parts: RecordingParts): Promise<Recording | null> {
    const { recorderListen, sessionsDirectory } = parts.config
    if (sessionsDirectory === null) {
      if (recorderListen === null) return null
      throw new Error('LEASEGATE_RECORDER_LISTEN wants LEASEGATE_SESSIONS_DIRECTORY')
    }
    const recording = new Recording(parts)
    await recording.#start()
    return recording
  }

  /** Brings them into this record from now on, and listens for Envoy. Rejects where it cannot. */
  async begin(record: RecordSink): Promise<void> {
    this.#record = record
    await this.#worker?.ask({ kind: 'begin' })
    this.#timer = setInterval(() => this.#look(), this.#limits.lookEveryMs)
    this.#timer.unref()
  }

  /** For how long nothing could be recorded; 0 while it can. */
  get failingSeconds(): number {
    if (this.#downAt !== null) return (performance.now() - this.#downAt) / 1000
    const silentMs = this.#worker?.silentMs ?? 0
    return silentMs > this.#limits.silentMs ? silentMs / 1000 : 0
  }

  /** Takes no new session, waits so long for those that run, then cuts them. */
  async stopListening(graceMs: number): Promise<void> {
    this.#stopping.abort()
    clearInterval(this.#timer)
    await this.#told({ kind: 'stop-listening', graceMs }, graceMs)
  }

  /** What is not in the record by then stays in the spool. */
  async stop(withinMs: number): Promise<void> {
    const given = Math.max(withinMs, 0)
    await this.#told({ kind: 'stop', withinMs: given }, given)
    const worker = this.#worker
    if (worker === null) return
    worker.end()
    // One that waits for its disk holds up the end of the process, too: whoever wants it gone has to kill it.
    await within(STOPS_WITHIN_MS, worker.over).catch(() => undefined)
  }

  async #told(order: Order, ms: number): Promise<void> {
    const told = this.#worker?.ask(order) ?? Promise.resolve()
    await within(ms + STOPS_WITHIN_MS, told).catch(err =>
      this.#parts.log.warn({ err }, 'the recorder does not end what it has; it stays in the spool'),
    )
  }

  async #start(): Promise<void> {
    const { config, program = RECORDER_THREAD } = this.#parts
    const worker = new RecorderWorker(config, program, (rows, name) => this.#write(rows, name))
    const startedAt = performance.now()
    try {
      await worker.ask({ kind: 'open' })
      if (this.#stopping.signal.aborted) return worker.end()
      if (this.#record !== null) await worker.ask({ kind: 'begin' })
    } catch (error) {
      worker.end()
      throw error
    }
    this.#worker = worker
    this.#downAt = null
    this.#isSilent = false
    void worker.over.then(why => this.#died(why, performance.now() - startedAt))
  }

  /** What is taken as written is gone from the spool. */
  async #write(...given: Parameters<RecordSink['write']>): Promise<void> {
    if (this.#record === null) throw new RecordError('unavailable', 'there is no record yet')
    return this.#record.write(...given)
  }

  #died(err: Error, livedMs: number): void {
    this.#worker = null
    if (this.#stopping.signal.aborted) return
    this.#downAt = performance.now()
    this.#deaths = livedMs < this.#limits.steadyMs ? this.#deaths + 1 : 1
    this.#parts.log.error({ err }, 'the recorder died, and its sessions have ended; it is started again')
    void this.#startAgain()
  }

  async #startAgain(): Promise<void> {
    const { signal } = this.#stopping
    const [first, most] = this.#limits.backoffMs
    for (; !signal.aborted; this.#deaths++) {
      await wait(Math.min(first * 2 ** (this.#deaths - 1), most), undefined, { signal }).catch(() => undefined)
      if (signal.aborted) return
      try {
        await this.#start()
        return
      } catch (err) {
        this.#parts.log.error({ err }, 'the recorder cannot be started again yet')
      }
    }
  }

  #look(): void {
    const worker = this.#worker
    if (worker === null) return
    const { silentMs, deafMs } = this.#limits
    this.#tell(worker.silentMs > silentMs)
    if (worker.silentMs > deafMs) worker.end()
    worker.look()
  }

  #tell(isSilent: boolean): void {
    const { log } = this.#parts
    if (isSilent && !this.#isSilent)
      log.error('the recorder does not answer, as where its disk hangs: nothing is recorded')
    if (!isSilent && this.#isSilent) log.info('the recorder answers again')
    this.#isSilent = isSilent
  }
}
