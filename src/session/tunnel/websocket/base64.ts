const OTHER = /[^A-Za-z0-9+/]/
const LAST = /^(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)$/

export interface Decoded {
  /** What stands before that which is no base64. */
  readonly bytes: Uint8Array
  readonly valid: boolean
}

/** Base64 of one message, as it comes. Go skips line ends, others do not: they are refused. */
export class Base64 {
  #held = ''
  #ended = false

  part(bytes: Uint8Array): Decoded {
    const text = this.#held + Buffer.from(bytes).toString('latin1')
    const other = text.search(OTHER)
    const plain = other === -1 ? text.length : other
    const whole = plain - (plain % 4)
    const last = text.slice(whole, whole + 4)
    if (other === -1 || last.length < 4) {
      this.#held = last
      return { bytes: Buffer.from(text.slice(0, whole), 'base64'), valid: !this.#ended || text === '' }
    }
    const valid = !this.#ended && LAST.test(last)
    this.#held = ''
    this.#ended = true
    const decoded = Buffer.from(valid ? text.slice(0, whole + 4) : text.slice(0, whole), 'base64')
    return { bytes: decoded, valid: valid && text.length === whole + 4 }
  }

  /** Whether nothing is missing. */
  end(): boolean {
    const complete = this.#held === ''
    this.#held = ''
    this.#ended = false
    return complete
  }
}
