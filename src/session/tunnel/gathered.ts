/** A few bytes that are needed whole, as they come. */
export class Gathered {
  readonly #bytes: Uint8Array
  #length = 0

  constructor(limit: number) {
    this.#bytes = new Uint8Array(limit)
  }

  get length(): number {
    return this.#length
  }

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  /** Takes until there are `wanted` (at most the limit); returns how many it took. */
  take(bytes: Uint8Array, at: number, wanted: number): number {
    const part = bytes.subarray(at, at + wanted - this.#length)
    this.#bytes.set(part, this.#length)
    this.#length += part.length
    return part.length
  }

  clear(): void {
    this.#length = 0
  }
}
