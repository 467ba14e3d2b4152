import type { SessionEvent } from '../session/recording/session-event.ts'

export interface Unreadable {
  readonly kind: 'unreadable'
  readonly why: string
  /** Of the same bytes: what stood before that which cannot be read. */
  readonly events: readonly SessionEvent[]
}

/** What the bytes of a tunnel mean. Whatever is in them of a message that has not ended yet is among the events already. */
export interface TunnelDecoder {
  push(from: Side, bytes: Uint8Array, atMs: number): readonly SessionEvent[] | Unreadable
  /** The connection is over: what was still held back. */
  end(atMs: number): readonly SessionEvent[]
}

export type Side = 'client' | 'server'
export type InputRule = 'kept' | 'masked' | 'left-out'

export interface Decoding {
  readonly upgrade: 'websocket' | 'spdy'
  /** As the server chose it; '' where it named none. */
  readonly protocol: string
  readonly inputs: InputRule
  readonly tty: boolean
}

export type OpenDecoder = (decoding: Decoding) => TunnelDecoder
