import { join } from 'node:path'
import { contextOf, seal, unseal } from '../seal.ts'
import { contentOf, ENDING, replaceFile } from './spool.ts'

/** How a session ended, as whoever wrote it knows. */
export interface Ending {
  /** RFC 3339. */
  readonly at: string
  readonly why: string
  /** How many segments there are. */
  readonly segments: number
}

export function writeEnding(session: string, auditId: string, key: Uint8Array, ending: Ending): void {
  const text = Buffer.from(JSON.stringify(ending))
  replaceFile(join(session, ENDING), seal(key, contextOf({ auditId, kind: 'ending', n: 0 }), text))
}

/** Null while it runs, 'altered' when it cannot be read. */
export function readEnding(session: string, auditId: string, key: Uint8Array): Ending | null | 'altered' {
  const sealed = contentOf(join(session, ENDING))
  if (sealed === null) return null
  const text = unseal(key, contextOf({ auditId, kind: 'ending', n: 0 }), sealed)
  return text === null ? 'altered' : (JSON.parse(text.toString()) as Ending)
}
