import type { QueryResult } from './run-query.ts'

/** One row, by the names of its columns. Texts in it are agents' as often as not. */
export type Row = Readonly<Record<string, unknown>>

export function rowsOf({ columns, rows }: QueryResult): readonly Row[] {
  return rows.map(row => Object.fromEntries(columns.map(({ name }, index) => [name, row[index]])))
}

/** `''` where there is none. */
export function textOf(row: Row, column: string): string {
  const value = row[column]
  return value === null || value === undefined ? '' : String(value)
}

export function textsOf(row: Row, column: string): readonly string[] {
  const value = row[column]
  return Array.isArray(value) ? value.map(String) : []
}

/** ClickHouse may write numbers of 64 bits as text; null where there is none. */
export function numberOf(row: Row, column: string): number | null {
  const text = textOf(row, column)
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : null
}

/** `2026-11-29 06:17:44.123`, of a column whose zone is UTC, as epoch milliseconds; null where there is none. */
export function timeOf(row: Row, column: string): number | null {
  const text = textOf(row, column)
  const ms = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(\.\d+)?$/.test(text)
    ? Date.parse(`${text.replace(' ', 'T')}Z`)
    : Number.NaN
  return Number.isNaN(ms) ? null : ms
}
