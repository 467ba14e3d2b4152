import type { QueryRunner } from '../../../record/queries/run-query.ts'
import type { SessionPart } from '../../../record/sessions/session-questions.ts'
import type { SessionRecording } from '../../recording/session-event.ts'
import { headContext, type SessionKeys } from '../keys/session-keys.ts'
import { altered, SessionError } from '../session-error.ts'
import { type More, readChunks, readLast } from './read-chunks.ts'
import { type EndRow, toEnd, toHead, toRfc3339 } from './read-rows.ts'

/** Recorded sessions, as whoever has the keys reads them. */
export interface SessionSource {
  /**
   * Null where none was recorded. Rejects with a SessionError when it is gone, cannot be opened or was altered. With `more`, what is read
   * of one that is open goes on for as long as that says so.
   */
  open(auditId: string, more?: More): Promise<StoredSession | null>
}

export interface StoredSession extends SessionRecording {
  /** Null while it is open: what is read then is what the record has by now. */
  readonly ended: { readonly at: string; readonly why: string } | null
  /** Rejects with a SessionError at the first chunk that is missing, altered, or in another one's place. */
  readonly events: SessionRecording['events']
}

type Ask = (part: SessionPart, from?: number) => Promise<readonly (readonly unknown[])[]>

export function createSessionSource(run: QueryRunner, keys: SessionKeys): SessionSource {
  return {
    open: async (auditId, more) => {
      const ask: Ask = async (part, from = 0) => (await run({ kind: 'session', auditId, part, from })).rows
      const end = toEnd(auditId, await ask('end'))
      let rows = await ask('key')
      if (rows.length === 0) {
        // A key is written before the chunks: only who saw chunks and then finds none can say that it is missing.
        const chunks = (await ask('chunks')).length > 0
        rows = await ask('key')
        if (rows.length === 0) return whyGone(auditId, await ask('deletion'), end, chunks)
      }
      const [first, ...others] = rows
      if (first === undefined || others.length > 0) throw altered(auditId, 'its key is there more than once')
      const { head, wrapped } = toHead(auditId, first)
      const key = await keys.unwrap(wrapped, headContext(head))
      const reading = { head, key, end, ask: (from: number) => ask('chunks', from), more: more ?? null }
      const last = await readLast(reading, await ask('last'))
      const ended = last ?? end
      return {
        head,
        ended: ended && { at: ended.at, why: ended.why },
        events: () => readChunks(reading),
      }
    },
  }
}

/** Null when nothing of it was there. Throws a SessionError for what is left of one that has no key. */
function whyGone(
  auditId: string,
  deletions: readonly (readonly unknown[])[],
  end: EndRow | null,
  chunks: boolean,
): null {
  const [deletion] = deletions.map(row => row.map(String))
  if (deletion !== undefined) {
    const [at, by, why] = deletion
    throw new SessionError('gone', `session ${auditId} was deleted by ${by} at ${toRfc3339(at)}: ${why}`)
  }
  if (end !== null) {
    throw new SessionError('gone', `session ${auditId} is no longer there: older than sessions are kept, or taken away`)
  }
  if (chunks) throw new SessionError('gone', `session ${auditId} is there without its key: nobody can read it`)
  return null
}
