import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { SessionHead } from '../../recording/session-event.ts'
import { headContext, type SessionKeys, type WrappedKey } from '../keys/session-keys.ts'
import { SessionError } from '../session-error.ts'
import { HEAD } from './spool.ts'

/** A session of the spool, and the key to it. */
export interface SpooledHead {
  readonly head: SessionHead
  readonly wrapped: WrappedKey
  readonly key: Buffer
}

const fileSchema = z.strictObject({
  head: z.strictObject({
    auditId: z.string(),
    lease: z.string(),
    startedAt: z.string(),
    verb: z.enum(['exec', 'attach']),
    protocol: z.string(),
    tty: z.boolean(),
  }),
  wrapped: z.strictObject({ keyId: z.string(), wrapped: z.string() }),
})

export function toHeadFile(head: SessionHead, wrapped: WrappedKey): string {
  return JSON.stringify({ head, wrapped })
}

/** Rejects with a SessionError when it was altered, or no key opens it. */
export async function readHead(session: string, keys: SessionKeys): Promise<SpooledHead> {
  const read = fileSchema.safeParse(parseFile(join(session, HEAD)))
  if (!read.success) throw new SessionError('altered', `${session} has no head that can be read`)
  const { head, wrapped } = read.data
  return { head, wrapped, key: await keys.unwrap(wrapped, headContext(head)) }
}

function parseFile(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}
