import { Gathered } from '../gathered.ts'
import type { Side } from '../tunnel.ts'

/** What stands in messages. Each method returns null, or why it cannot be read. */
export interface Messages {
  begin(text: boolean): string | null
  part(bytes: Uint8Array): string | null
  end(): string | null
}

const CONTINUATION = 0
const TEXT = 1
const BINARY = 2
const CLOSE = 8
const PING = 9
const PONG = 10

const MAX_HEAD = 14
const MAX_CONTROL_BYTES = 125

interface Frame {
  readonly last: boolean
  readonly opcode: number
  readonly length: number
  /** Null: not masked. */
  readonly mask: Uint8Array | null
}

/** One direction of a WebSocket (RFC 6455, section 5) without extensions. Payloads are passed on as they come, whatever length is announced. */
export class Frames {
  readonly #side: Side
  readonly #messages: Messages
  readonly #head = new Gathered(MAX_HEAD)
  #frame: Frame | null = null
  #passed = 0
  #inMessage = false
  #closed = false

  constructor(side: Side, messages: Messages) {
    this.#side = side
    this.#messages = messages
  }

  read(bytes: Uint8Array): string | null {
    for (let at = 0; at < bytes.length; ) {
      // The API server stops reading there, and what follows would be on record as if it had been typed.
      if (this.#closed && this.#side === 'client') return 'bytes behind the last frame'
      if (this.#frame === null) {
        at += this.#head.take(bytes, at, headLength(this.#head.bytes))
        if (this.#head.length < headLength(this.#head.bytes)) continue
        const why = this.#begin(parseHead(this.#head.bytes))
        if (why !== null) return why
      } else {
        const part = bytes.subarray(at, at + this.#frame.length - this.#passed)
        at += part.length
        const why = this.#payload(this.#frame, part)
        if (why !== null) return why
      }
    }
    return null
  }

  #begin(frame: Frame | string): string | null {
    if (typeof frame === 'string') return frame
    if ((frame.mask === null) === (this.#side === 'client')) return 'only what a client sends is masked, and all of it'
    const why = frame.opcode >= CLOSE ? checkControl(frame) : this.#beginData(frame)
    if (why !== null) return why
    this.#head.clear()
    this.#frame = frame
    this.#passed = 0
    return frame.length === 0 ? this.#end(frame) : null
  }

  #beginData({ opcode, last }: Frame): string | null {
    if (opcode > BINARY) return 'an opcode that is none'
    if ((opcode === CONTINUATION) !== this.#inMessage) return 'a message within a message, or the rest of none'
    // golang.org/x/net/websocket, which the API server and kubelets read with, takes each piece for a message of its own.
    if (this.#side === 'client' && !last) return 'a message in pieces, which the API server does not put together'
    this.#inMessage = true
    return opcode === CONTINUATION ? null : this.#messages.begin(opcode === TEXT)
  }

  #payload(frame: Frame, part: Uint8Array): string | null {
    const { opcode, mask, length } = frame
    const why = opcode >= CLOSE ? null : this.#messages.part(mask === null ? part : unmask(part, mask, this.#passed))
    this.#passed += part.length
    if (why !== null) return why
    return this.#passed === length ? this.#end(frame) : null
  }

  #end({ opcode, last }: Frame): string | null {
    this.#frame = null
    if (opcode === CLOSE) this.#closed = true
    if (opcode >= CLOSE || !last) return null
    this.#inMessage = false
    return this.#messages.end()
  }
}

function checkControl({ opcode, last, length }: Frame): string | null {
  if (opcode !== CLOSE && opcode !== PING && opcode !== PONG) return 'an opcode that is none'
  return last && length <= MAX_CONTROL_BYTES ? null : 'a control frame that is too long, or in pieces'
}

/** As far as it can be told yet. */
function headLength(head: Uint8Array): number {
  const [, second] = head
  if (second === undefined) return 2
  const short = second & 0x7f
  return 2 + (short === 126 ? 2 : short === 127 ? 8 : 0) + (second & 0x80 ? 4 : 0)
}

function parseHead(head: Uint8Array): Frame | string {
  const [first = 0, second = 0] = head
  if ((first & 0x70) !== 0) return 'reserved bits: no extension was agreed on'
  const masked = (second & 0x80) !== 0
  const maskAt = head.length - (masked ? 4 : 0)
  const length = parseLength(second & 0x7f, head.subarray(2, maskAt))
  if (length === null) return 'a length that is none'
  return { last: (first & 0x80) !== 0, opcode: first & 0x0f, length, mask: masked ? head.slice(maskAt) : null }
}

/** The shortest form alone is one; beyond what is exact as a number no frame is. */
function parseLength(short: number, long: Uint8Array): number | null {
  if (long.length === 0) return short
  const length = long.reduce((sum, byte) => sum * 256 + byte, 0)
  const least = long.length === 2 ? 126 : 0x1_0000
  return length < least || !Number.isSafeInteger(length) ? null : length
}

/** Four bytes at a time. */
function unmask(part: Uint8Array, mask: Uint8Array, passed: number): Uint8Array {
  const plain = new Uint8Array(part)
  const turned = Uint8Array.from(mask, (_, at) => mask[(passed + at) & 3] ?? 0)
  const words = new Uint32Array(plain.buffer, 0, plain.length >> 2)
  const [word = 0] = new Uint32Array(turned.buffer)
  for (let at = 0; at < words.length; at += 1) words[at] = (words[at] ?? 0) ^ word
  for (let at = 4 * words.length; at < plain.length; at += 1) plain[at] = (plain[at] ?? 0) ^ (turned[at & 3] ?? 0)
  return plain
}
