import type { SessionHead } from '../../recording/session-event.ts'
import { altered } from '../session-error.ts'

/** What the record says of the end of a session, outside of the seal. */
export interface EndRow {
  readonly lease: string
  readonly startedAt: string
  readonly at: string
  readonly why: string
  readonly chunks: number
  readonly bytes: number
  readonly stored: number
  readonly hash: string
}

export function toEnd(auditId: string, rows: readonly (readonly unknown[])[]): EndRow | null {
  const [row, ...others] = rows
  if (row === undefined) return null
  if (others.length > 0) throw altered(auditId, 'its end is there more than once')
  const [lease, startedAt, at, why, chunks, bytes, stored, hash] = row.map(String)
  return {
    lease: lease ?? '',
    startedAt: toRfc3339(startedAt),
    at: toRfc3339(at),
    why: why ?? '',
    chunks: Number(chunks),
    bytes: Number(bytes),
    stored: Number(stored),
    hash: hash ?? '',
  }
}

export function toHead(auditId: string, row: readonly unknown[]) {
  const [lease, startedAt, verb, protocol, , keyId, wrapped] = row.map(String)
  const head = { auditId, lease, startedAt: toRfc3339(startedAt), verb, protocol, tty: row[4] === true }
  return { head: head as SessionHead, wrapped: { keyId: keyId ?? '', wrapped: wrapped ?? '' } }
}

/** Of `2026-11-29 10:00:00.000`. */
export function toRfc3339(text = ''): string {
  return `${text.replace(' ', 'T')}Z`
}
