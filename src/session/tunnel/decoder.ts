import type { SessionEvent } from '../recording/session-event.ts'
import { EventList } from './event-list.ts'
import type { InputPolicy, InputRule } from './input/input-policy.ts'
import { openInputPolicy } from './input/open-input-policy.ts'
import { openSpdy } from './spdy/open-spdy.ts'
import type { Addition, Side, Tunnel } from './tunnel.ts'
import { openWebSocket } from './websocket/open-websocket.ts'

export interface Unreadable {
  readonly kind: 'unreadable'
  readonly why: string
  /** Of the same bytes: what stood before that which cannot be read. */
  readonly events: readonly SessionEvent[]
}

/**
 * Turns the bytes of a tunnel into what they mean. The API server and its clients read the same bytes with code of their own: whatever
 * one of them could read in another way is unreadable here, so that nothing passes that is not on record. However the bytes are cut, the
 * events say the same; and no more is held than one small frame, or a line of masked input.
 */
export interface TunnelDecoder {
  /** `atMs`: since the session began. After the first answer that is unreadable there is no other. */
  push(from: Side, bytes: Uint8Array, atMs: number): readonly SessionEvent[] | Unreadable
  /** To what was pushed last: how the client is kept from taking a connection that breaks for a command that went well. */
  addition(): Addition | null
  /** The connection is over: what was still held back. */
  end(atMs: number): readonly SessionEvent[]
}

export interface Decoding {
  readonly upgrade: 'websocket' | 'spdy'
  /** As the server chose it; '' where it named none, which is the first version. */
  readonly protocol: string
  /** What is kept of standard input: all of it, where nothing is said. */
  readonly inputs?: InputRule
  /** Masking depends on it: only a terminal echoes. */
  readonly tty?: boolean
}

export type OpenDecoder = typeof openDecoder

export function openDecoder({ upgrade, protocol, inputs = 'kept', tty = true }: Decoding): TunnelDecoder {
  const tunnel = upgrade === 'websocket' ? openWebSocket(protocol) : openSpdy(protocol)
  return new Decoder(tunnel, openInputPolicy(inputs, tty))
}

class Decoder implements TunnelDecoder {
  readonly #tunnel: Tunnel | null
  readonly #policy: InputPolicy
  #why: string | null = null
  #lastMs = 0

  constructor(tunnel: Tunnel | null, policy: InputPolicy) {
    this.#tunnel = tunnel
    this.#policy = policy
    if (tunnel === null) this.#why = 'the protocol is none that is known'
  }

  push(from: Side, bytes: Uint8Array, atMs: number): readonly SessionEvent[] | Unreadable {
    if (this.#tunnel === null || this.#why !== null) return this.#unreadable([])
    const list = this.#listAt(atMs)
    this.#policy.before(list)
    const why = this.#tunnel.read(from, bytes, (kind, part) => this.#policy.put(list, kind, part))
    if (why === null) return list.events()
    this.#why = why
    return this.#unreadable(list.events())
  }

  addition(): Addition | null {
    return this.#tunnel?.addition?.() ?? null
  }

  end(atMs: number): readonly SessionEvent[] {
    const list = this.#listAt(atMs)
    this.#policy.end(list)
    return list.events()
  }

  /** A clock that is set back must not turn the order of events round. */
  #listAt(atMs: number): EventList {
    this.#lastMs = Math.max(this.#lastMs, atMs)
    return new EventList(this.#lastMs)
  }

  #unreadable(events: readonly SessionEvent[]): Unreadable {
    return { kind: 'unreadable', why: this.#why ?? '', events }
  }
}
