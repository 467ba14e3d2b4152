/** What is forgotten early counts as ended: so it is many. About 150 bytes each. */
const MOST = 500_000

/**
 * Ids of leases or approvals that are over for this process, whatever the store says later: whoever can write to the store
 * must not be able to take that back. Of what no longer fits, everything as old is over too; ids sort by their time.
 */
export class Remembered<T> {
  readonly #most: number
  readonly #over = new Map<string, { readonly value: T; readonly until: number }>()
  /** The newest id that was dropped before its time. */
  #floor = ''

  constructor(most = MOST) {
    this.#most = most
  }

  /** `until` is when the id is of no more use anyway, epoch milliseconds. The first value stays. */
  add(id: string, value: T, until: number, now: number): void {
    const known = this.#over.get(id)
    if (known !== undefined && known.until >= until) return
    if (known === undefined && this.#over.size >= this.#most) this.#makeRoom(now)
    this.#over.set(id, { value: known?.value ?? value, until })
  }

  /** Takes back what this process itself learned to be so no longer. */
  remove(id: string): void {
    this.#over.delete(id)
  }

  /** 'forgotten': it is over, and nobody knows how. Null: not known to be over. */
  get(id: string): T | 'forgotten' | null {
    return this.#over.get(id)?.value ?? (this.#floor !== '' && id <= this.#floor ? 'forgotten' : null)
  }

  #makeRoom(now: number): void {
    for (const [id, { until }] of this.#over) if (until < now) this.#over.delete(id)
    for (const id of this.#over.keys()) {
      if (this.#over.size < this.#most * 0.9) return
      this.#over.delete(id)
      if (id > this.#floor) this.#floor = id
    }
  }
}
