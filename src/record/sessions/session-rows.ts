import type { Row } from '../record-sink.ts'

/** What the record says of a session in words: whose it was, and what kind. */
export interface SessionFacts {
  readonly auditId: string
  readonly lease: string
  /** RFC 3339. */
  readonly startedAt: string
  readonly verb: string
  readonly protocol: string
  readonly tty: boolean
}

export interface KeyInRecord {
  readonly keyId: string
  readonly wrapped: string
}

export type ChunkKind = 'events' | 'gap' | 'end'

export function toKeyRow({ auditId, lease, startedAt, verb, protocol, tty }: SessionFacts, wrapped: KeyInRecord): Row {
  return {
    table: 'session_keys',
    values: {
      audit_id: auditId,
      lease,
      started_at: time(startedAt),
      verb,
      protocol,
      tty,
      key_id: wrapped.keyId,
      wrapped: wrapped.wrapped,
    },
  }
}

export function toChunkRow(head: SessionFacts, n: number, kind: ChunkKind, sealed: Buffer): Row {
  const { auditId, lease, startedAt } = head
  const values = { audit_id: auditId, lease, started_at: time(startedAt), n, kind }
  return { table: 'session_chunks', values: { ...values, sealed } }
}

export interface Ended {
  /** RFC 3339. */
  readonly at: string
  readonly why: string
  readonly chunks: number
  readonly bytes: number
  readonly stored: number
  readonly hash: string
}

export function toEndRow({ auditId, lease, startedAt }: SessionFacts, ended: Ended): Row {
  const { at, ...rest } = ended
  return {
    table: 'session_ends',
    values: { audit_id: auditId, lease, started_at: time(startedAt), ended_at: time(at), ...rest },
  }
}

/** As ClickHouse prints it. */
function time(rfc3339: string): string {
  return new Date(rfc3339).toISOString().replace('T', ' ').replace('Z', '')
}
