import type { QueryRequest, QueryResult } from '../queries/run-query.ts'
import type { Table } from '../record-sink.ts'
import { type RowSource, type RowValues, type Span, TABLES } from './rows.ts'

/** Rows of one answer: it has to fit into the limits of a reader. */
const ROWS = 20_000

/** The record by questions that any reader of its tables may ask. */
export function queryRows(ask: (request: QueryRequest) => Promise<QueryResult>, atOnce = ROWS): RowSource {
  const answer = async (sql: string) => (await ask({ kind: 'sql', sql })).rows
  return { rows }

  async function* rows(table: Table, span: Span): AsyncGenerator<RowValues> {
    const { time, columns } = TABLES.get(table) ?? { time: '', columns: [] }
    const within = `${time} >= ${at(span.from)} AND ${time} < ${at(span.until)}`
    const [[count, first, last] = []] = await answer(
      `SELECT count(), toString(toUnixTimestamp64Milli(toDateTime64(min(${time}), 3, 'UTC'))),
        toString(toUnixTimestamp64Milli(toDateTime64(max(${time}), 3, 'UTC'))) FROM ${table} WHERE ${within}`,
    )
    if (Number(count) === 0) return
    const tight = { from: Number(first), until: Number(last) + 1 }
    if (Number(count) > atOnce && tight.until - tight.from > 1) {
      for (const half of halves(tight)) yield* rows(table, half)
      return
    }
    const found = await answer(`SELECT ${columns.join(', ')} FROM ${table} WHERE ${within}`)
    for (const row of found) yield Object.fromEntries(columns.map((column, index) => [column, row[index]]))
  }
}

function halves({ from, until }: Span): readonly Span[] {
  const middle = Math.floor((from + until) / 2)
  return [
    { from, until: middle },
    { from: middle, until },
  ]
}

function at(ms: number): string {
  return `fromUnixTimestamp64Milli(toInt64(${Math.trunc(ms)}), 'UTC')`
}
