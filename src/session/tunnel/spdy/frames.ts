import { Gathered } from '../gathered.ts'

/** What stands in the frames of one direction. Each method returns null, or why it cannot be read. */
export interface Handler {
  control(type: number, flags: number, payload: Uint8Array): string | null
  /** One part of a stream's data. */
  data(stream: number, bytes: Uint8Array): string | null
  /** A frame of data is over; `last`: the stream's side, too. */
  dataEnd(stream: number, last: boolean): string | null
}

const HEAD_BYTES = 8
const MAX_CONTROL_BYTES = 8192
const VERSION = 3
const FIN = 1

type Frame =
  | { readonly kind: 'control'; readonly type: number; readonly flags: number; readonly length: number }
  | { readonly kind: 'data'; readonly stream: number; readonly flags: number; readonly length: number }

/** One direction of SPDY/3.1 (section 2.2): data is passed on as it comes, control frames are gathered. */
export class Frames {
  readonly #handler: Handler
  readonly #onFrame: (endsAt: number) => void
  readonly #head = new Gathered(HEAD_BYTES)
  readonly #control = new Gathered(MAX_CONTROL_BYTES)
  #frame: Frame | null = null
  #passed = 0
  /** How many bytes of the piece are read. */
  #at = 0

  /** `onFrame` is told of each frame that was handled, and where in the piece it ends. */
  constructor(handler: Handler, onFrame: (endsAt: number) => void) {
    this.#handler = handler
    this.#onFrame = onFrame
  }

  read(bytes: Uint8Array): string | null {
    for (this.#at = 0; this.#at < bytes.length; ) {
      if (this.#frame === null) {
        this.#at += this.#head.take(bytes, this.#at, HEAD_BYTES)
        if (this.#head.length < HEAD_BYTES) continue
        const why = this.#begin(parseHead(this.#head.bytes))
        if (why !== null) return why
      } else {
        const part = bytes.subarray(this.#at, this.#at + this.#frame.length - this.#passed)
        this.#at += part.length
        const why = this.#payload(this.#frame, part)
        if (why !== null) return why
      }
    }
    return null
  }

  #begin(frame: Frame | null): string | null {
    if (frame === null) return 'a control frame of another version'
    if (frame.kind === 'control' && frame.length > MAX_CONTROL_BYTES) return 'a control frame that is too long'
    if (frame.kind === 'data' && (frame.flags & ~FIN) !== 0) return 'data with flags that are none'
    this.#head.clear()
    this.#control.clear()
    this.#frame = frame
    this.#passed = 0
    return frame.length === 0 ? this.#end(frame) : null
  }

  #payload(frame: Frame, part: Uint8Array): string | null {
    this.#passed += part.length
    if (frame.kind === 'control') this.#control.take(part, 0, this.#passed)
    else {
      const why = this.#handler.data(frame.stream, part)
      if (why !== null) return why
    }
    return this.#passed === frame.length ? this.#end(frame) : null
  }

  #end(frame: Frame): string | null {
    this.#frame = null
    const why =
      frame.kind === 'data'
        ? this.#handler.dataEnd(frame.stream, (frame.flags & FIN) !== 0)
        : this.#handler.control(frame.type, frame.flags, this.#control.bytes)
    if (why === null) this.#onFrame(this.#at)
    return why
  }
}

/** A frame of data that ends nothing. */
export function toDataFrame(stream: number, bytes: Uint8Array): Uint8Array {
  const head = Buffer.alloc(HEAD_BYTES)
  head.writeUInt32BE(stream, 0)
  head.writeUIntBE(bytes.length, 5, 3)
  return Buffer.concat([head, bytes])
}

function parseHead(bytes: Uint8Array): Frame | null {
  const head = Buffer.from(bytes)
  const [flags, length] = [head.readUInt8(4), head.readUIntBE(5, 3)]
  if (head.readUInt8(0) < 0x80) return { kind: 'data', stream: head.readUInt32BE(0), flags, length }
  // moby/spdystream reads whatever version it is as the third.
  if (head.readUInt16BE(0) !== 0x8000 + VERSION) return null
  return { kind: 'control', type: head.readUInt16BE(2), flags, length }
}
