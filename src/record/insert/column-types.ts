import type { ClickHouseClient } from '@clickhouse/client'
import { RecordError, type Row, type Table } from '../record-sink.ts'
import type { Column } from './native-block.ts'

/** The types of the tables' columns, which the database is asked for once. */
export class ColumnTypes {
  readonly #writer: ClickHouseClient
  readonly #known = new Map<Table, ReadonlyMap<string, string>>()

  constructor(writer: ClickHouseClient) {
    this.#writer = writer
  }

  /** All columns that any of the rows has. Rejects for one that the database lacks, which is a missing migration: nothing is lost in silence. */
  async of(table: Table, rows: readonly Row['values'][]): Promise<readonly Column[]> {
    const names = new Set<string>()
    for (const row of rows) for (const name in row) names.add(name)
    let types = this.#known.get(table)
    if (types === undefined || [...names].some(name => types?.has(name) === false)) types = await this.#ask(table)
    return [...names].map(name => {
      const type = types.get(name)
      if (type === undefined) throw new RecordError('unavailable', `insert into ${table}: it lacks a column; migrate`)
      return { name, type }
    })
  }

  async #ask(table: Table): Promise<ReadonlyMap<string, string>> {
    const result = await this.#writer.query({ query: `DESCRIBE TABLE ${table}`, format: 'JSONEachRow' })
    const columns = await result.json<Column>()
    const types = new Map(columns.map(({ name, type }) => [name, type]))
    this.#known.set(table, types)
    return types
  }
}
