import type { Clock } from '../../support/clock.ts'
import type { Logger } from '../../support/logger.ts'
import { NotReachedError } from './notifier.ts'

/** More tries at once than that would be no help to a receiver that is slow. */
const AT_ONCE = 8
/** Before the next try, each longer than the one before. */
const AGAIN_MS = [1000, 2000, 5000, 15_000, 30_000] as const

interface Surroundings {
  readonly clock: Clock
  readonly log: Pick<Logger, 'info' | 'warn'>
  /** Called when it has room after it had none. */
  readonly onRoom: () => void
}

/** What goes to one receiver: one that is down or slow holds up nobody but itself. */
export class Lane {
  readonly #name: string
  readonly #clock: Clock
  readonly #log: Pick<Logger, 'info' | 'warn'>
  readonly #onRoom: () => void
  readonly #running = new Set<Promise<void>>()
  #notBefore = 0
  #failing = false

  constructor(name: string, { clock, log, onRoom }: Surroundings) {
    this.#name = name
    this.#clock = clock
    this.#log = log
    this.#onRoom = onRoom
  }

  get hasRoom(): boolean {
    return this.#running.size < AT_ONCE && this.#notBefore <= this.#clock()
  }

  /** `work` never rejects. */
  run(work: () => Promise<void>): void {
    const running = work().finally(() => {
      const wasFull = this.#running.size >= AT_ONCE
      this.#running.delete(running)
      if (wasFull) this.#onRoom()
    })
    this.#running.add(running)
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

  async stop(): Promise<void> {
    await Promise.all(this.#running)
  }
}
