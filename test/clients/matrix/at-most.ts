/** Lets so many of them run at a time; the others wait for their turn. */
export class AtMost {
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(many: number) {
    this.#free = many
  }

  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--
    else await new Promise<void>(resolve => this.#waiting.push(resolve))
    try {
      return await task()
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#free++
      else next()
    }
  }
}
