import type { QueryResult } from './run-query.ts'

/** A request is told at once when it is over, and as open when it has run for so long. */
const OPEN_AFTER_MS = 2000

export interface Timeline {
  /** What the timeline of a lease says now and did not say before, a line each. `now`: epoch milliseconds. */
  news(result: QueryResult, now: number): readonly string[]
  /** Requests of which the end was not told yet. */
  open(): number
}

type Row = Readonly<Record<string, unknown>>

/** Remembers what was told of one lease. */
export function createTimeline(): Timeline {
  const told = new Map<string, string>()
  let open = 0
  return {
    open: () => open,
    news: ({ columns, rows }, now) => {
      const named = rows.map(row => Object.fromEntries(columns.map(({ name }, i) => [name, row[i]])))
      open = named.filter(row => row['state'] === 'open').length
      return named.flatMap(row => {
        const key = text(row, 'audit_id') || `${text(row, 'time')} ${text(row, 'what')}`
        const state = `${text(row, 'state')} ${text(row, 'decision')} ${text(row, 'status')}`
        if (told.get(key) === state || isYoung(row, now)) return []
        const line = told.has(key) ? changed(row) : first(row)
        told.set(key, state)
        return [line]
      })
    },
  }
}

function isYoung(row: Row, now: number): boolean {
  return row['state'] === 'open' && now - timeOf(row) < OPEN_AFTER_MS
}

function first(row: Row): string {
  const decision = text(row, 'decision') || '-'
  return line(timeOf(row), decision, row)
}

/** Where the end is known, the time is the end's. */
function changed(row: Row): string {
  const lasted = Number(row['duration_ms'] ?? 0)
  return line(timeOf(row) + lasted, row['state'] === 'open' ? 'open' : 'ended', row)
}

function line(at: number, word: string, row: Row): string {
  const command = text(row, 'command')
  const what = command === '' ? text(row, 'what') : `${text(row, 'what')}: ${command}`
  const parts = [new Date(at).toISOString().slice(11, 19), word.padEnd(7), what.padEnd(56), ...outcome(row)]
  return parts.join('  ').trimEnd()
}

function outcome(row: Row): readonly string[] {
  const status = Number(row['status'] ?? 0)
  const known = ['', 'completed', 'denied']
  const why = [
    text(row, 'reason'),
    text(row, 'approval'),
    known.includes(text(row, 'end_reason')) ? '' : text(row, 'end_reason'),
  ]
  const state = text(row, 'state') === 'done' ? '' : text(row, 'state')
  const lasted = row['duration_ms'] === null || row['duration_ms'] === undefined ? '' : took(Number(row['duration_ms']))
  return [status > 0 ? String(status) : '', lasted, state, ...why].filter(part => part !== '')
}

function took(ms: number): string {
  if (ms < 1000) return `${ms}ms`
  return ms < 60_000 ? `${(ms / 1000).toFixed(1)}s` : `${Math.floor(ms / 60_000)}m${Math.floor((ms % 60_000) / 1000)}s`
}

/** ClickHouse's text, which is UTC here. */
function timeOf(row: Row): number {
  return Date.parse(`${text(row, 'time').replace(' ', 'T')}Z`)
}

function text(row: Row, name: string): string {
  const value = row[name]
  return value === null || value === undefined ? '' : String(value)
}
