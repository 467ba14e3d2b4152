import type { QueryRequest, QueryResult } from '../queries/run-query.ts'
import type { Table } from '../record-sink.ts'
import { hashesOf, type RowSource, type RowValues, type Span, TABLES } from './rows.ts'

/** Rows of one answer: it has to fit into the limits of a reader. */
const ROWS = 20_000

/** Where what readers see is made of several rows. */
const MERGED: ReadonlySet<Table> = new Set(['request_halves'])

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
    const read = async (from: string): Promise<readonly RowValues[]> => {
      const found = await answer(`SELECT ${columns.join(', ')} FROM ${from} WHERE ${within}`)
      return found.map(row => Object.fromEntries(columns.map((column, index) => [column, row[index]])))
    }
    const lying = await read(table)
    yield* lying
    if (!MERGED.has(table)) return
    // A row that is neither half has no hash, and yet changes what the others come to.
    const known = new Set(lying.flatMap(row => hashesOf(table, row)))
    for (const row of await read(`${table} FINAL`)) {
      if (hashesOf(table, row).some(hash => !known.has(hash))) yield row
    }
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
