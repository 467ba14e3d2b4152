import { Gathered } from './gathered.ts'
import type { Put } from './tunnel.ts'

/** One is `{"Width":80,"Height":24}`. */
const MAX_BYTES = 1024
const CLOSING = 0x7d

/** The API server decodes JSON values as they come, whatever frames they stand in: so does this. */
export class Resizes {
  readonly #held = new Gathered(MAX_BYTES)

  read(bytes: Uint8Array, put: Put): string | null {
    for (let at = 0; at < bytes.length; at += 1) {
      if (this.#held.take(bytes, at, this.#held.length + 1) === 0 || this.#held.length === MAX_BYTES) {
        return 'a window size that is none'
      }
      if (bytes[at] !== CLOSING || !isObject(this.#held.bytes)) continue
      put('resize', trimmed(this.#held.bytes))
      this.#held.clear()
    }
    return null
  }
}

function isObject(bytes: Uint8Array): boolean {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'))
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}

/** Lines may stand between them. */
function trimmed(bytes: Uint8Array): Uint8Array {
  return Buffer.from(Buffer.from(bytes).toString('utf8').trim())
}
