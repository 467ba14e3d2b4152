import type { Logger } from '../../support/logger.ts'
import type { Clock } from '../../support/time/clock.ts'
import { NotReachedError } from './notifier.ts'

/** More tries at once than that would be no help to a receiver that is slow. */
const AT_ONCE = 8
/** Before the next try, each longer than the one before. */
const AGAIN_MS = [1000, 2000, 5000, 15_000, 30_000] as const

/** What goes to one receiver: one that is down or slow holds up nobody but itself. */
export class Lane {
  readonly #name: string
  readonly #clock: Clock
  readonly #log: Pick<Logger, 'info' | 'warn'>
  readonly #running = new Set<Promise<void>>()
  #waiting: (() => Promise<void>)[] = []
  #notBefore = 0
  #failing = false

  constructor(name: string, clock: Clock, log: Pick<Logger, 'info' | 'warn'>) {
    this.#name = name
    this.#clock = clock
    this.#log = log
  }

  /** `work` never rejects, and runs as soon as there is room. */
  add(work: () => Promise<void>): void {
    this.#waiting.push(work)
    this.goOn()
  }

  /** Starts what has room, unless the receiver said when to come again. */
  goOn(): void {
    while (this.#running.size < AT_ONCE && this.#notBefore <= this.#clock()) {
      const work = this.#waiting.shift()
      if (work === undefined) return
      const running = work().finally(() => {
        this.#running.delete(running)
        this.goOn()
      })
      this.#running.add(running)
    }
  }

  reached(): void {
    if (this.#failing) this.#log.info({ receiver: this.#name }, 'a receiver of questions is reached again')
    this.#failing = false
  }

  /** How long the next try waits, after so many. */
  failed(error: unknown, tries: number, approval: string): number {
    if (!this.#failing) {
      this.#log.warn({ err: error, approval, receiver: this.#name }, 'nobody was told of a question; tried again')
    }
    this.#failing = true
    const wanted = error instanceof NotReachedError ? error.againMs : null
    if (wanted !== null) this.#notBefore = this.#clock() + wanted
    return Math.max(wanted ?? 0, AGAIN_MS[Math.min(tries, AGAIN_MS.length - 1)] ?? 0)
  }

  /** What waits is for another broker to tell. */
  async stop(): Promise<void> {
    this.#waiting = []
    await Promise.all(this.#running)
  }
}
