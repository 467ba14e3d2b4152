import { type Row, rowsOf } from '../../queries/cells.ts'
import { QueryError, type QueryRequest, type QueryResult } from '../../queries/run-query.ts'

/** What the record knows of one lease. Each list is the beginning of what there is, and says how much that is. */
export interface LeaseReport {
  readonly lease: Row
  readonly actions: readonly Row[]
  readonly objects: Part
  readonly sessions: readonly Row[]
  /** Typed in them; null where whoever asks may not read it. */
  readonly commands: Part | null
  readonly denials: Part
  readonly questions: readonly Row[]
  readonly answers: Part
  readonly story: Part
}

export interface Part {
  readonly rows: readonly Row[]
  readonly total: number
}

export type Ask = (request: QueryRequest) => Promise<QueryResult>

/** A page that can be sent and read: whoever wants more asks the record. */
const MOST = {
  objects: 200,
  sessions: 100,
  commands: 500,
  denials: 100,
  questions: 100,
  answers: 200,
  story: 500,
} as const
/** Longer than any record is kept. */
const EVER = '3650d'

/** Null where no such lease is on record. */
export async function askLeaseReport(ask: Ask, lease: string): Promise<LeaseReport | null> {
  const rows = async (name: string, params: Readonly<Record<string, string | number>> = {}) => {
    const given = Object.fromEntries(Object.entries(params).map(([key, value]) => [key, String(value)]))
    return rowsOf(await ask({ kind: 'saved', name, params: { lease, ...given } }))
  }
  const part = async (name: string, most: number, params: Readonly<Record<string, string>> = {}) =>
    toPart(await rows(name, { most, ...params }))
  const [found] = await rows('lease')
  if (found === undefined) return null
  return {
    lease: found,
    actions: await rows('lease-actions'),
    objects: await part('lease-objects', MOST.objects),
    sessions: (await rows('exec-sessions', { since: EVER, most: MOST.sessions + 1 })).toReversed(),
    commands: await part('session-commands', MOST.commands, { since: EVER }).catch(notForUs),
    denials: await part('lease-denials', MOST.denials),
    questions: await rows('lease-approvals', { most: MOST.questions + 1 }),
    answers: await part('lease-answers', MOST.answers),
    story: await part('lease-story', MOST.story),
  }
}

/** Those who may not watch sessions have a report without what was typed in them. */
function notForUs(error: unknown): null {
  if (error instanceof QueryError && error.code === 'wrong') return null
  throw error
}

function toPart(rows: readonly Row[]): Part {
  return { rows, total: Number(rows[0]?.['total'] ?? 0) }
}
