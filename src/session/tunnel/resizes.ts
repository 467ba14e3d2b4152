import { readWindowSize } from '../recording/parse-window-size.ts'
import { Gathered } from './gathered.ts'
import type { Put } from './tunnel.ts'

/** One is `{"Width":80,"Height":24}`. */
const MAX_BYTES = 128
const OPENING = 0x7b
const CLOSING = 0x7d
/** What may stand between JSON values. */
const SPACES: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d])
const NONE = 'a window size that is none'

/**
 * The API server decodes JSON values as they come, whatever frames they stand in: so does this. A size has nothing nested in it, so that it
 * ends at the first brace; it is on record where it is another one than before.
 */
export class Resizes {
  readonly #held = new Gathered(MAX_BYTES)
  #last = ''

  read(bytes: Uint8Array, put: Put): string | null {
    for (let at = 0; at < bytes.length; at += 1) {
      const byte = bytes[at] ?? 0
      if (this.#held.length === 0) {
        if (SPACES.has(byte)) continue
        if (byte !== OPENING) return NONE
      }
      if (this.#held.length === MAX_BYTES) return NONE
      this.#held.take(bytes, at, this.#held.length + 1)
      if (byte === CLOSING && !this.#close(put)) return NONE
    }
    return null
  }

  #close(put: Put): boolean {
    const said = Buffer.from(this.#held.bytes)
    this.#held.clear()
    const size = readWindowSize(said.toString('utf8'))
    if (size === null) return false
    if (size === 'unknown') return true
    const name = `${size.columns}x${size.rows}`
    if (name !== this.#last) put('resize', said)
    this.#last = name
    return true
  }
}
