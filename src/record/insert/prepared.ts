/** What was made of lists before it was asked for; nothing is kept of a list that nobody has any more. */
export class Prepared<List extends object, Made> {
  readonly #made = new WeakMap<List, Made>()

  /** Never throws: of what cannot be made, whoever asks for it hears. */
  prepare(list: List, make: () => Made): void {
    try {
      this.#made.set(list, make())
    } catch {}
  }

  of(list: List): Made | null {
    return this.#made.get(list) ?? null
  }
}
