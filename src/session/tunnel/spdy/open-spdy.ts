import type { Put, Side, Tunnel } from '../tunnel.ts'
import { Frames } from './frames.ts'
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

/** Null: none of the protocols that exec and attach speak over SPDY. */
export function openSpdy(protocol: string): Tunnel | null {
  const types = TYPES.get(protocol)
  return types === undefined ? null : new SpdyTunnel(new Streams(types))
}

class SpdyTunnel implements Tunnel {
  readonly #frames: Readonly<Record<Side, Frames>>
  #put: Put = () => {}

  constructor(streams: Streams) {
    const framesOf = (side: Side) => new Frames(new SideHandler(side, streams, () => this.#put))
    this.#frames = { client: framesOf('client'), server: framesOf('server') }
  }

  read(from: Side, bytes: Uint8Array, put: Put): string | null {
    this.#put = put
    return this.#frames[from].read(bytes)
  }
}
