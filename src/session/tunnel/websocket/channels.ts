import type { SessionEventKind } from '../../recording/session-event.ts'
import { Resizes } from '../resizes.ts'
import type { Put, Side } from '../tunnel.ts'
import { Base64 } from './base64.ts'
import type { Messages } from './frames.ts'

/** k8s.io/streaming/pkg/httpstream/wsstream: the first byte of a message is its channel, from v5 on 255 closes one. */
export interface ChannelProtocol {
  readonly base64: boolean
  readonly closes: boolean
}

const KINDS: Readonly<Record<Side, ReadonlyMap<number, SessionEventKind>>> = {
  client: new Map([
    [0, 'input'],
    [4, 'resize'],
  ]),
  server: new Map([
    [1, 'output'],
    [2, 'error-output'],
    [3, 'status'],
  ]),
}
const LAST_CHANNEL = 4
const CLOSE = 255
const ZERO = 0x30

/** The messages of one direction. */
export class Channels implements Messages {
  readonly #side: Side
  readonly #protocol: ChannelProtocol
  readonly #put: () => Put
  readonly #resizes = new Resizes()
  readonly #base64 = new Base64()
  /** Of this message, once it is read. */
  #channel: number | null = null
  /** Which this message closes. */
  #closing: number | null = null
  readonly #closed = new Set<number>()

  constructor(side: Side, protocol: ChannelProtocol, put: () => Put) {
    this.#side = side
    this.#protocol = protocol
    this.#put = put
  }

  begin(text: boolean): string | null {
    this.#channel = null
    this.#closing = null
    // Servers read both kinds alike, clients do not.
    return this.#side === 'server' && text !== this.#protocol.base64 ? 'a kind of message that is not agreed on' : null
  }

  part(bytes: Uint8Array): string | null {
    if (this.#channel !== null || bytes.length === 0) return this.#data(bytes)
    const [first = 0] = bytes
    this.#channel = this.#protocol.base64 ? first - ZERO : first
    if (!this.#isClose() && !KINDS[this.#side].has(this.#channel)) return 'data on a channel that is none'
    return this.#data(bytes.subarray(1))
  }

  end(): string | null {
    if (this.#channel === null) return null
    if (this.#isClose()) return this.#close()
    return this.#protocol.base64 && !this.#base64.end() ? 'base64 that is none' : null
  }

  #data(bytes: Uint8Array): string | null {
    if (bytes.length === 0 || this.#channel === null) return null
    if (this.#isClose()) {
      if (this.#closing !== null || bytes.length > 1) return 'a close of more than one channel'
      this.#closing = bytes[0] ?? null
      return null
    }
    if (this.#closed.has(this.#channel)) return 'data on a channel that was closed'
    if (!this.#protocol.base64) return this.#carry(this.#channel, bytes)
    const plain = this.#base64.part(bytes)
    return this.#carry(this.#channel, plain.bytes) ?? (plain.valid ? null : 'base64 that is none')
  }

  #carry(channel: number, bytes: Uint8Array): string | null {
    const kind = KINDS[this.#side].get(channel)
    if (kind === undefined) return 'data on a channel that is none'
    if (kind === 'resize') return this.#resizes.read(bytes, this.#put())
    this.#put()(kind, bytes)
    return null
  }

  #isClose(): boolean {
    return this.#channel === CLOSE && this.#side === 'client' && this.#protocol.closes
  }

  #close(): string | null {
    const closing = this.#closing
    if (closing === null || closing > LAST_CHANNEL) return 'a close of no channel'
    if (closing === 0 && !this.#closed.has(0)) this.#put()('input-end', new Uint8Array())
    this.#closed.add(closing)
    return null
  }
}
