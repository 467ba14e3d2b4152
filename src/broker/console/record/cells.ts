import type { Row } from './record.ts'

/** `''` where there is none. */
export function textOf(row: Row, column: string): string {
  const value = row[column]
  return value === null || value === undefined ? '' : String(value)
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
