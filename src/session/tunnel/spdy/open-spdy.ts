import type { Addition, Put, Side, Tunnel } from '../tunnel.ts'
import { Frames, toDataFrame } from './frames.ts'
import { SideHandler } from './side-handler.ts'
import { Streams, type StreamType } from './streams.ts'

const PLAIN: readonly StreamType[] = ['error', 'stdin', 'stdout', 'stderr']

/** Window sizes came with the third version. */
const TYPES: ReadonlyMap<string, readonly StreamType[]> = new Map([
  ['', PLAIN],
  ['channel.k8s.io', PLAIN],
  ['v2.channel.k8s.io', PLAIN],
  ['v3.channel.k8s.io', [...PLAIN, 'resize']],
  ['v4.channel.k8s.io', [...PLAIN, 'resize']],
])

/** Before it, an end was a text, and of a command that went well the server said nothing. */
const ENDS_WITH_STATUS = 'v4.channel.k8s.io'

/** Null: none of the protocols that exec and attach speak over SPDY. */
export function openSpdy(protocol: string): Tunnel | null {
  const types = TYPES.get(protocol)
  return types === undefined ? null : new SpdyTunnel(new Streams(types), protocol === ENDS_WITH_STATUS)
}

/**
 * client-go takes an error stream that ends empty for a command that went well (k8s.io/client-go/tools/remotecommand, watchErrorStream),
 * also where the connection broke. So the stream is not left empty: a blank goes before the Status, which JSON passes over, and which is
 * no Status where none follows.
 */
const NOT_YET = Buffer.from(' ')

class SpdyTunnel implements Tunnel {
  readonly #frames: Readonly<Record<Side, Frames>>
  readonly #streams: Streams
  #put: Put = () => {}
  /** The error stream is still to get its blank. */
  #isEmpty: boolean
  #addition: Addition | null = null

  constructor(streams: Streams, endsWithStatus: boolean) {
    this.#streams = streams
    this.#isEmpty = endsWithStatus
    const handlerOf = (side: Side) => new SideHandler(side, streams, () => this.#put)
    this.#frames = {
      client: new Frames(handlerOf('client'), () => undefined),
      server: new Frames(handlerOf('server'), endsAt => this.#fill(endsAt)),
    }
  }

  read(from: Side, bytes: Uint8Array, put: Put): string | null {
    this.#put = put
    return this.#frames[from].read(bytes)
  }

  addition(): Addition | null {
    const addition = this.#addition
    this.#addition = null
    return addition
  }

  #fill(at: number): void {
    const stream = this.#isEmpty ? this.#streams.speakable('error') : null
    if (stream === null) return
    this.#isEmpty = false
    this.#addition = { at, bytes: toDataFrame(stream, NOT_YET) }
  }
}
