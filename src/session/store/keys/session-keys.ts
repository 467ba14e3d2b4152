import { randomBytes } from 'node:crypto'
import type { SessionHead } from '../../recording/session-event.ts'
import { KEY_BYTES } from '../seal.ts'

/** A session's own key, as it is kept beside the session: only an installation's key opens it. */
export interface WrappedKey {
  /** Which of the installation's keys. */
  readonly keyId: string
  /** Base64. */
  readonly wrapped: string
}

/** The keys of an installation, which never leave what holds them. */
export interface SessionKeys {
  wrap(dataKey: Uint8Array, context: string): Promise<WrappedKey>
  /** Rejects with a SessionError: no-key where it is not there, altered where it does not open this. */
  unwrap(wrapped: WrappedKey, context: string): Promise<Buffer>
}

export function newDataKey(): Buffer {
  return randomBytes(KEY_BYTES)
}

/** What a wrapped key is bound to: with another head it does not open, so no part of the head can be changed. */
export function headContext({ auditId, lease, startedAt, verb, protocol, tty }: SessionHead): string {
  return JSON.stringify(['leasegate/session-key/1', auditId, lease, startedAt, verb, protocol, tty])
}
