/** What is asked of the record about one session. */
export type SessionPart = 'key' | 'end' | 'deletion' | 'last' | 'chunks'

export interface SessionQuestion {
  readonly kind: 'session'
  readonly auditId: string
  readonly part: SessionPart
  /** Of chunks: the number of the first. */
  readonly from?: number
}

/** Chunks of one answer: some MiB, since one has about 256 KiB before it is compressed. */
export const CHUNKS_AT_ONCE = 16

/** What was inserted twice is there once; what differs in anything is there twice, for the reader to find. */
const SQL: Readonly<Record<SessionPart, string>> = {
  key: `SELECT DISTINCT lease, toString(started_at), verb, protocol, tty, key_id, wrapped
    FROM session_keys WHERE audit_id = {audit_id:String}`,
  end: `SELECT DISTINCT lease, toString(started_at), toString(ended_at), why, chunks, toString(bytes), toString(stored), hash
    FROM session_ends WHERE audit_id = {audit_id:String}`,
  deletion: `SELECT DISTINCT toString(at), by, why FROM session_deletions WHERE audit_id = {audit_id:String} ORDER BY at`,
  last: `SELECT DISTINCT n, kind, lease, toString(started_at), base64Encode(sealed)
    FROM session_chunks WHERE audit_id = {audit_id:String} AND kind = 'end' LIMIT 2`,
  chunks: `SELECT DISTINCT n, kind, lease, toString(started_at), base64Encode(sealed)
    FROM session_chunks WHERE audit_id = {audit_id:String} AND n >= {from:UInt32} ORDER BY n LIMIT ${CHUNKS_AT_ONCE}`,
}

export function toSessionSql({ auditId, part, from = 0 }: SessionQuestion) {
  return { sql: SQL[part], params: { audit_id: auditId, from: String(from) } }
}
