/** Plans at once, and those that wait for their turn: each is some thirty calls of the API server. */
const AT_ONCE = 4
const WAITING = 64

/** Lets so many through at a time, and turns away whoever would wait too long. */
export class Gate {
  #running = 0
  readonly #waiting: (() => void)[] = []

  async pass<T>(run: () => Promise<T>): Promise<T | 'busy'> {
    if (this.#running >= AT_ONCE) {
      if (this.#waiting.length >= WAITING) return 'busy'
      await new Promise<void>(resolve => this.#waiting.push(resolve))
    } else this.#running += 1
    try {
      return await run()
    } finally {
      // Whoever waits takes this place over.
      const next = this.#waiting.shift()
      if (next === undefined) this.#running -= 1
      else next()
    }
  }
}
