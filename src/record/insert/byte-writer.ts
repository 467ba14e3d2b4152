/** Bytes that grow, little-endian. */
export class ByteWriter {
  #bytes: Buffer
  #at = 0

  constructor(size = 64 * 1024) {
    this.#bytes = Buffer.allocUnsafe(size)
  }

  /** What was written; it is good until more is. */
  get written(): Buffer {
    return this.#bytes.subarray(0, this.#at)
  }

  byte(value: number): void {
    this.#room(1)
    this.#bytes[this.#at++] = value
  }

  /** LEB128, as ClickHouse has lengths. */
  length(value: number): void {
    this.#room(8)
    let left = value
    for (; left >= 128; left = Math.floor(left / 128)) this.#bytes[this.#at++] = (left % 128) | 128
    this.#bytes[this.#at++] = left
  }

  unsigned16(value: number): void {
    this.#room(2)
    this.#at = this.#bytes.writeUInt16LE(value, this.#at)
  }

  unsigned32(value: number): void {
    this.#room(4)
    this.#at = this.#bytes.writeUInt32LE(value, this.#at)
  }

  signed32(value: number): void {
    this.#room(4)
    this.#at = this.#bytes.writeInt32LE(value, this.#at)
  }

  /** Of a safe integer; below 0 as two's complement. */
  integer64(value: number): void {
    this.#room(8)
    this.#at = this.#bytes.writeUInt32LE(value >>> 0, this.#at)
    this.#at = this.#bytes.writeInt32LE(Math.floor(value / 2 ** 32), this.#at)
  }

  /** Its length and UTF-8. Half a surrogate pair would come out as another text: that is for the caller to look at. */
  text(value: string): void {
    const { length } = value
    this.#room(3 * length + 8)
    if (length <= SHORT && this.#plain(value)) return
    this.length(Buffer.byteLength(value))
    this.#at += this.#bytes.write(value, this.#at)
  }

  bytes(value: Uint8Array): void {
    this.#room(value.length + 8)
    this.length(value.length)
    this.#bytes.set(value, this.#at)
    this.#at += value.length
  }

  /** Most texts are short and ASCII: a call into native code takes longer than they do. */
  #plain(value: string): boolean {
    const bytes = this.#bytes
    const at = this.#at + 1
    for (let n = 0; n < value.length; n += 1) {
      const code = value.charCodeAt(n)
      if (code > 127) return false
      bytes[at + n] = code
    }
    bytes[this.#at] = value.length
    this.#at = at + value.length
    return true
  }

  #room(size: number): void {
    if (this.#at + size <= this.#bytes.length) return
    const larger = Buffer.allocUnsafe(Math.max(2 * this.#bytes.length, this.#at + size))
    this.#bytes.copy(larger, 0, 0, this.#at)
    this.#bytes = larger
  }
}

const SHORT = 40
