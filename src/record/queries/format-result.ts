import { escapedJson } from '../../support/text/escaped-json.ts'
import { cut } from '../journal/cut.ts'
import type { QueryResult } from './run-query.ts'

export const RESULT_FORMATS = ['table', 'csv', 'json'] as const
export type ResultFormat = (typeof RESULT_FORMATS)[number]

/** `longest`: characters of a value in a table, before it is cut with a mark; the other formats have all of it. */
export function formatResult(result: QueryResult, format: ResultFormat, longest = Number.POSITIVE_INFINITY): string {
  switch (format) {
    case 'table':
      return toTable(result, longest)
    case 'csv':
      return toCsv(result)
    case 'json':
      return toJson(result)
  }
}

/**
 * Columns as kubectl prints them: no boxes, upper-case titles, three spaces between. Columns that say nothing are left out, and what
 * is the same in every row is said once, above.
 */
function toTable({ columns, rows }: QueryResult, longest: number): string {
  if (rows.length === 0) return 'No rows.\n'
  const cells = rows.map(row => row.map(value => cut(printable(cellOf(value)), longest)))
  const says = columns.map((_, column) => cells.some(row => row[column] !== '-'))
  const same = columns.map((_, column) => cells.length > 1 && cells.every(row => row[column] === cells[0]?.[column]))
  const title = (column: number) => printable((columns[column]?.name ?? '').toUpperCase())
  const all = columns.map((_, column) => column).filter(column => says[column])
  const above = all.filter(column => same[column]).map(column => [title(column), cells[0]?.[column] ?? ''])
  const shown = all.filter(column => !same[column])
  const table = [shown.map(title), ...cells.map(row => shown.map(column => row[column] ?? ''))]
  return [...(above.length === 0 ? [] : [aligned(above), '\n']), ...(shown.length === 0 ? [] : [aligned(table)])].join(
    '',
  )
}

function aligned(lines: readonly (readonly string[])[]): string {
  const widths = (lines[0] ?? []).map((_, i) => lines.reduce((most, line) => Math.max(most, line[i]?.length ?? 0), 0))
  const padded = lines.map(line => line.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('   '))
  return padded.map(line => `${line.trimEnd()}\n`).join('')
}

function cellOf(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? '-' : value.map(String).join(' ')
  const text = asText(value)
  return text === '' ? '-' : text.replace(/^(\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2})\.\d{3}$/, '$1')
}

/** Agents choose some of these texts: no escape sequence and no direction mark of theirs reaches a terminal. */
function printable(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\ufffd')
}

/**
 * RFC 4180, with a line of titles; control characters other than in line ends and tabs are replaced, and direction marks. A text that a spreadsheet would
 * take for a formula gets a quote in front: agents choose some of these texts, and a formula can send what stands beside it away.
 */
function toCsv({ columns, rows }: QueryResult): string {
  const titles = columns.map(({ name }) => quoted(name)).join(',')
  const lines = rows.map(row => row.map((value, i) => quoted(csvText(value, columns[i]?.type ?? ''))).join(','))
  return [titles, ...lines].map(line => `${line}\r\n`).join('')
}

function csvText(value: unknown, type: string): string {
  const text = asText(value)
  return !IS_NUMBER.test(type) && /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/.test(text) ? `'${text}` : text
}

/** What has a sign of its own. */
const IS_NUMBER = /^(?:Nullable\(|LowCardinality\()*(?:U?Int|B?Float|Decimal|Date|Time|Interval)/

function quoted(text: string): string {
  const safe = text.replace(/(?![\t\r\n])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\ufffd')
  return /[",\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe
}

/** A list of objects, one on each line; what a terminal could act on is escaped. */
function toJson({ columns, rows }: QueryResult): string {
  const objects = rows.map(row => Object.fromEntries(columns.map(({ name }, i) => [name, row[i] ?? null])))
  return objects.length === 0 ? '[]\n' : `[\n${objects.map(each => escapedJson(each)).join(',\n')}\n]\n`
}

function asText(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
