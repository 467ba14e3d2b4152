import type { SessionEventKind } from '../recording/session-event.ts'

export type Side = 'client' | 'server'

/** What was carried, in order. The bytes may be a view of what was read. */
export type Put = (kind: SessionEventKind, bytes: Uint8Array) => void

/** What the client gets besides what the server sent: `bytes`, behind the first `at` bytes of the server's piece that was read last. */
export interface Addition {
  readonly at: number
  readonly bytes: Uint8Array
}

/** Reads both directions of one upgraded connection. */
export interface Tunnel {
  /** Null, or why it cannot be read; then it must not be asked again. */
  read(from: Side, bytes: Uint8Array, put: Put): string | null
  /** Each is told once; nothing, where a protocol needs none. */
  addition?(): Addition | null
}
