import type { ClickHouseClient } from '@clickhouse/client'
import { RecordError, type Row, type Table } from '../record-sink.ts'
import type { Column } from './native-block.ts'

type Types = ReadonlyMap<string, string>

/** The types of the tables' columns, which the database is asked for once. */
export class ColumnTypes {
  readonly #writer: ClickHouseClient
  readonly #known = new Map<Table, Types>()

  constructor(writer: ClickHouseClient) {
    this.#writer = writer
  }

  /** All columns that any of the rows has. Rejects for one that the database lacks, which is a missing migration: nothing is lost in silence. */
  async of(table: Table, rows: readonly Row['values'][]): Promise<readonly Column[]> {
    const known = this.known(table, rows)
    if (known !== null) return known
    const columns = toColumns(rows, await this.#ask(table))
    if (columns === null) throw new RecordError('unavailable', `insert into ${table}: it lacks a column; migrate`)
    return columns
  }

  /** The same, of what the database was asked for before; else null. */
  known(table: Table, rows: readonly Row['values'][]): readonly Column[] | null {
    const types = this.#known.get(table)
    return types === undefined ? null : toColumns(rows, types)
  }

  async #ask(table: Table): Promise<Types> {
    const result = await this.#writer.query({ query: `DESCRIBE TABLE ${table}`, format: 'JSONEachRow' })
    const columns = await result.json<Column>()
    const types = new Map(columns.map(({ name, type }) => [name, type]))
    this.#known.set(table, types)
    return types
  }
}

/** Null where there is no such type. */
function toColumns(rows: readonly Row['values'][], types: Types): readonly Column[] | null {
  const columns = new Map<string, Column>()
  for (const row of rows) {
    for (const name in row) {
      if (columns.has(name)) continue
      const type = types.get(name)
      if (type === undefined) return null
      columns.set(name, { name, type })
    }
  }
  return [...columns.values()]
}
