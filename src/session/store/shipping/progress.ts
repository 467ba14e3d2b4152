import { join } from 'node:path'
import { firstHash } from '../chunk.ts'
import { contextOf, seal, unseal } from '../seal.ts'
import { SessionError } from '../session-error.ts'
import { contentOf, PROGRESS, replaceFile } from '../spool/spool.ts'

/** What the record has of a session. */
export interface Progress {
  /** Number of the next chunk. */
  readonly n: number
  /** Over all chunks before it. */
  readonly hash: string
  /** Of events, before compression. */
  readonly bytes: number
  /** As they are kept. */
  readonly stored: number
}

/** Throws a SessionError when it was altered. */
export function readProgress(session: string, auditId: string, key: Uint8Array): Progress {
  const sealed = contentOf(join(session, PROGRESS))
  if (sealed === null) return { n: 0, hash: firstHash(auditId), bytes: 0, stored: 0 }
  const text = unseal(key, contextOf({ auditId, kind: 'progress', n: 0 }), sealed)
  if (text === null) throw new SessionError('altered', `${join(session, PROGRESS)} was altered`)
  return JSON.parse(text.toString()) as Progress
}

export function writeProgress(session: string, auditId: string, key: Uint8Array, progress: Progress): void {
  const text = Buffer.from(JSON.stringify(progress))
  replaceFile(join(session, PROGRESS), seal(key, contextOf({ auditId, kind: 'progress', n: 0 }), text))
}
