import { Resizes } from '../resizes.ts'
import type { Put, Side } from '../tunnel.ts'
import type { Handler } from './frames.ts'
import { HeaderBlocks } from './headers.ts'
import { kindOf, type Stream, type Streams } from './streams.ts'

const SYN_STREAM = 1
const SYN_REPLY = 2
const RST_STREAM = 3
const SETTINGS = 4
const PING = 6
const GOAWAY = 7
const WINDOW_UPDATE = 9

const FIN = 1

/** moby/spdystream takes as many bytes of these as they should have, however many there are, and reads on behind them. */
const EXACT: ReadonlyMap<number, number> = new Map([
  [RST_STREAM, 8],
  [PING, 4],
  [GOAWAY, 8],
  [WINDOW_UPDATE, 8],
])

/** What one side of a session says on its streams (k8s.io/streaming/pkg/httpstream/spdy). */
export class SideHandler implements Handler {
  readonly #side: Side
  readonly #streams: Streams
  readonly #put: () => Put
  readonly #headers = new HeaderBlocks()
  readonly #resizes = new Resizes()
  #gone = false

  constructor(side: Side, streams: Streams, put: () => Put) {
    this.#side = side
    this.#streams = streams
    this.#put = put
  }

  control(type: number, flags: number, payload: Uint8Array): string | null {
    if (this.#isOver()) return OVER
    const frame = Buffer.from(payload)
    if (type === SYN_STREAM) return this.#opened(flags, frame)
    if (type === SYN_REPLY) return this.#replied(flags, frame)
    if (type === SETTINGS) return isSettings(frame) ? null : 'settings that are none'
    const length = EXACT.get(type)
    if (length === undefined) return 'a control frame that no session needs'
    if (frame.length !== length || flags !== 0) return 'a control frame of another length, or with flags'
    if (type === RST_STREAM) return this.#reset(frame.readUInt32BE(0))
    if (type === GOAWAY) this.#gone = true
    return null
  }

  data(id: number, bytes: Uint8Array): string | null {
    const stream = this.#isOver() ? OVER : this.#speaking(id)
    if (typeof stream === 'string') return stream
    const kind = kindOf(stream.type, this.#side)
    if (kind === undefined) return 'data on a stream of the other side'
    if (kind === 'resize') return this.#resizes.read(bytes, this.#put())
    this.#put()(kind, bytes)
    return null
  }

  dataEnd(id: number, last: boolean): string | null {
    const stream = this.#isOver() ? OVER : this.#speaking(id)
    if (typeof stream === 'string') return stream
    if (last) this.#done(stream)
    return null
  }

  #opened(flags: number, frame: Buffer): string | null {
    if (this.#side !== 'client') return 'a stream that the server opens'
    if (frame.length < 10 || (flags & ~FIN) !== 0) return 'a stream that is opened in an odd way'
    const [id, parent] = [frame.readUInt32BE(0), frame.readUInt32BE(4)]
    const headers = this.#headers.read(frame.subarray(10))
    if (headers === null) return HEADERS
    if (parent !== 0) return 'a stream within a stream'
    const stream = this.#streams.open(id, headers.get('streamtype'))
    if (typeof stream === 'string') return stream
    if (flags === FIN) this.#done(stream)
    return null
  }

  #replied(flags: number, frame: Buffer): string | null {
    if (this.#side !== 'server') return 'a reply of the client'
    if (frame.length < 4 || (flags & ~FIN) !== 0) return 'a stream that is answered in an odd way'
    const stream = this.#streams.get(frame.readUInt32BE(0))
    if (stream === undefined || stream.replied) return 'a reply to no stream, or the second'
    if (this.#headers.read(frame.subarray(4)) === null) return HEADERS
    stream.replied = true
    if (flags === FIN) this.#done(stream)
    return null
  }

  #reset(id: number): string | null {
    const stream = this.#streams.get(id)
    if (stream === undefined) return 'a reset of no stream'
    this.#done(stream)
    return null
  }

  #done(stream: Stream): void {
    const first = !stream.done.has(this.#side)
    stream.done.add(this.#side)
    if (first && this.#side === 'client' && stream.type === 'stdin') this.#put()('input-end', new Uint8Array())
  }

  /** The stream on which this side may say something, or why it may not. */
  #speaking(id: number): Stream | string {
    const stream = this.#streams.get(id)
    if (stream === undefined) return 'data on no stream'
    // Servers of the first version do, on a stream that they have reset: no client hears of it.
    if (stream.done.has('client') && this.#side === 'client') return 'data on a stream that was ended'
    return this.#side === 'server' && !stream.replied ? 'data on a stream before its reply' : stream
  }

  /** Servers read nothing behind it, and what follows would be on record as if it had been typed. */
  #isOver(): boolean {
    return this.#gone && this.#side === 'client'
  }
}

const OVER = 'a frame behind the last'
const HEADERS = 'headers that are none, or more than a session needs'

function isSettings(frame: Buffer): boolean {
  return frame.length >= 4 && frame.length === 4 + frame.readUInt32BE(0) * 8
}
