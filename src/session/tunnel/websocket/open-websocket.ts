import type { Put, Side, Tunnel } from '../tunnel.ts'
import { type ChannelProtocol, Channels } from './channels.ts'
import { Frames } from './frames.ts'

const PROTOCOL = /^(?:v([2345])\.)?(base64\.)?channel\.k8s\.io$/

/** Null: none of the protocols that exec and attach speak over a WebSocket. */
export function openWebSocket(protocol: string): Tunnel | null {
  const parsed = parseProtocol(protocol)
  return parsed === null ? null : new WebSocketTunnel(parsed)
}

function parseProtocol(protocol: string): ChannelProtocol | null {
  if (protocol === '') return { base64: false, closes: false }
  const match = PROTOCOL.exec(protocol)
  if (match === null) return null
  const [, version, base64] = match
  const closes = version === '5'
  // There is no fifth version in base64.
  return closes && base64 !== undefined ? null : { base64: base64 !== undefined, closes }
}

class WebSocketTunnel implements Tunnel {
  readonly #frames: Readonly<Record<Side, Frames>>
  #put: Put = () => {}

  constructor(protocol: ChannelProtocol) {
    const framesOf = (side: Side) => new Frames(side, new Channels(side, protocol, () => this.#put))
    this.#frames = { client: framesOf('client'), server: framesOf('server') }
  }

  read(from: Side, bytes: Uint8Array, put: Put): string | null {
    this.#put = put
    return this.#frames[from].read(bytes)
  }
}
