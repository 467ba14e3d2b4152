import QuickLRU from 'quick-lru'

interface Measure {
  /** What one agent may have taken at one moment, in any unit. */
  readonly most: number
  /** How much of it is given back each second. */
  readonly perSecond: number
}

interface Taken {
  amount: number
  /** Epoch milliseconds. */
  at: number
}

const MAX_AGENTS = 10_000

/** What one agent may take of something that all of them need: a bucket for each, which runs dry by itself. */
export class Share {
  readonly #measure: Measure
  readonly #taken = new QuickLRU<string, Taken>({ maxSize: MAX_AGENTS })

  constructor(measure: Measure) {
    this.#measure = measure
  }

  /** Takes so much if it fits, and says whether it did. */
  take(agent: string, amount: number, now: number): boolean {
    if (this.#left(agent, now) < amount) return false
    this.charge(agent, amount, now)
    return true
  }

  /** For what is only known when it was spent; may leave nothing for a while. */
  charge(agent: string, amount: number, now: number): void {
    this.#taken.set(agent, { amount: this.#level(agent, now) + amount, at: now })
  }

  giveBack(agent: string, amount: number, now: number): void {
    this.#taken.set(agent, { amount: Math.max(0, this.#level(agent, now) - amount), at: now })
  }

  hasSome(agent: string, now: number): boolean {
    return this.#left(agent, now) > 0
  }

  #left(agent: string, now: number): number {
    return this.#measure.most - this.#level(agent, now)
  }

  #level(agent: string, now: number): number {
    const taken = this.#taken.get(agent)
    if (taken === undefined) return 0
    return Math.max(0, taken.amount - (Math.max(0, now - taken.at) / 1000) * this.#measure.perSecond)
  }
}
