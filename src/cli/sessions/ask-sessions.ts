import type { QueryResult } from '../../record/queries/run-query.ts'
import type { Terminal } from '../command/terminal.ts'
import { askRecord } from '../record/query/query-runner.ts'

export interface Wanted {
  readonly since?: string
  readonly agent?: string
  readonly lease?: string
  /** One of them, by its audit id. */
  readonly session?: string
  /** Only those that are not over. */
  readonly running?: true
}

/** What the record knows of sessions: their rows, without what was said in them. */
export function askSessions(terminal: Terminal, wanted: Wanted): Promise<QueryResult> {
  const given = Object.entries(wanted).filter(([, value]) => value !== undefined)
  const params = Object.fromEntries(given.map(([name, value]) => [name, String(value)]))
  return askRecord(terminal, { kind: 'saved', name: 'exec-sessions', params })
}

export function column({ columns }: QueryResult, name: string): number {
  return columns.findIndex(each => each.name === name)
}
