/** One thing that is waited for; in a ring with the others, the first to end behind the one that is none. */
export interface Waiting {
  /** By the clock that only goes forward, milliseconds. */
  readonly until: number
  readonly giveUp: () => void
  before: Waiting
  after: Waiting
}

/** Node.js takes a longer one for none. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/**
 * Gives up each that was not `met` so many milliseconds after it was added. One timer looks after all of them: nearly all are met at once, and a
 * timer for each is several times as dear. After a pause of this process an answer may lie in a socket unread: it is read first.
 */
export class Deadlines {
  readonly #ms: number
  readonly #none: Waiting = aRing()
  #timer: NodeJS.Timeout | null = null

  constructor(ms: number) {
    this.#ms = ms
  }

  add(giveUp: () => void): Waiting {
    const none = this.#none
    const isFirst = none.after === none
    const one: Waiting = { until: performance.now() + this.#ms, giveUp, before: none.before, after: none }
    one.before.after = one
    none.before = one
    if (isFirst || this.#timer === null) this.#wake(this.#ms)
    return one
  }

  met(one: Waiting): void {
    one.before.after = one.after
    one.after.before = one.before
    // Met once more, or given up meanwhile: nothing is to be done.
    one.before = one
    one.after = one
    // Nobody's process stays for what is not waited for.
    if (this.#none.after === this.#none) this.#timer?.unref()
  }

  #wake(ms: number): void {
    // One that runs already ends no later than this.
    if (this.#timer === null) this.#timer = setTimeout(this.#look, Math.min(Math.max(1, ms), LONGEST_TIMER_MS))
    else this.#timer.ref()
  }

  readonly #look = (): void => {
    this.#timer = null
    const now = performance.now()
    const over: Waiting[] = []
    for (let one = this.#none.after; one !== this.#none && one.until <= now; one = one.after) over.push(one)
    const next = over.at(-1)?.after ?? this.#none.after
    if (over.length > 0) setImmediate(() => this.#giveUp(over))
    if (next !== this.#none) this.#wake(next.until - now)
  }

  #giveUp(over: readonly Waiting[]): void {
    for (const one of over) {
      if (one.after === one) continue
      this.met(one)
      one.giveUp()
    }
  }
}

function aRing(): Waiting {
  const none = { until: 0, giveUp: () => undefined } as unknown as Waiting
  none.before = none
  none.after = none
  return none
}

/** By how long they are; there are few. */
const known = new Map<number, Deadlines>()

/** Those of all who wait so long. */
export function deadlinesOf(ms: number): Deadlines {
  const before = known.get(ms)
  if (before !== undefined) return before
  const made = new Deadlines(ms)
  known.set(ms, made)
  return made
}
