import { canonical, type Half, halvesOf, SHAPES } from '../ledger/format/row-halves.ts'
import type { Table } from '../record-sink.ts'

/** From `from` on and before `until`, epoch milliseconds. */
export interface Span {
  readonly from: number
  readonly until: number
}

export type RowValues = Readonly<Record<string, unknown>>

/** Rows of the record as they lie there, merged or not; and as readers see them, where that is something else. */
export interface RowSource {
  rows(table: Table, span: Span): AsyncIterable<RowValues>
}

/** What is read of a table: all that is hashed. */
export const TABLES: ReadonlyMap<Table, { readonly time: string; readonly columns: readonly string[] }> = new Map(
  [...Map.groupBy(Object.values(SHAPES), shape => shape.table)].map(([table, shapes]) => [
    table,
    {
      time: shapes[0]?.key[0] ?? '',
      columns: [...new Set(shapes.flatMap(({ key, columns }) => [...key, ...columns]))],
    },
  ]),
)

/** Where the answer has 64 bits as text. */
const NUMBERS: ReadonlySet<string> = new Set([
  ...['grace_period_seconds', 'masked', 'status', 'duration_ms', 'boundary_us', 'bytes_in', 'bytes_out', 'exit_code'],
  ...['count', 'bytes', 'stored'],
])

export async function* halvesIn(source: RowSource, span: Span): AsyncGenerator<Half> {
  for (const table of TABLES.keys()) {
    for await (const row of source.rows(table, span)) yield* halvesOf({ table, values: withNumbers(row) })
  }
}

export function hashesOf(table: Table, row: RowValues): readonly string[] {
  return halvesOf({ table, values: withNumbers(row) }).map(({ kind, hash }) => `${kind} ${hash}`)
}

/** Canonical bytes of the half that was entered, as far as the record has it. */
export async function rowOf(source: RowSource, { kind, at, hash }: Half): Promise<string | null> {
  const { table } = SHAPES[kind]
  for await (const row of source.rows(table, { from: at, until: at + 1 })) {
    const values = withNumbers(row)
    if (halvesOf({ table, values }).some(half => half.kind === kind && half.hash === hash))
      return canonical(kind, values)
  }
  return null
}

/** Numbers of 64 bits may come as text. */
export function withNumbers(row: RowValues): RowValues {
  const entries = Object.entries(row).map(([column, value]) => [
    column,
    NUMBERS.has(column) && typeof value === 'string' ? Number(value) : value,
  ])
  return Object.fromEntries(entries)
}
