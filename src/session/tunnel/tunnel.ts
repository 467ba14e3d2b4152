import type { SessionEventKind } from '../recording/session-event.ts'

export type Side = 'client' | 'server'

/** What was carried, in order. The bytes may be a view of what was read. */
export type Put = (kind: SessionEventKind, bytes: Uint8Array) => void

/** Reads both directions of one upgraded connection. */
export interface Tunnel {
  /** Null, or why it cannot be read; then it must not be asked again. */
  read(from: Side, bytes: Uint8Array, put: Put): string | null
}
