import type { Row } from '../record-sink.ts'
import { ByteWriter } from './byte-writer.ts'
import { type Kind, kindOf, putterOf, UnfitValue } from './column-kinds.ts'

export interface Column {
  readonly name: string
  /** As ClickHouse describes it. */
  readonly type: string
}

type Values = Row['values']

/**
 * Rows as a block of ClickHouse's Native format: columns one after the other, each with its name and type
 * (https://clickhouse.com/docs/interfaces/formats/Native). The engine takes them as they are, where JSON is read again value by value.
 * What a row lacks is null, or left to the table where the column knows no null. Throws an UnfitValue for what is not of its column's type.
 */
export function toNativeBlock(columns: readonly Column[], rows: readonly Values[]): Buffer {
  const writer = new ByteWriter()
  writer.length(columns.length)
  writer.length(rows.length)
  for (const { name, type } of columns) {
    const kind = kindOf(type)
    // The engine puts the column's own default in the place of a null.
    const nullable = kind.nullable || (!kind.list && rows.some(row => isMissing(row, name)))
    writer.text(name)
    writer.text(typeText(kind, nullable))
    if (kind.list) putLists(writer, name, kind, rows)
    else putValues(writer, name, kind, nullable, rows)
  }
  return writer.written
}

function typeText({ list, base }: Kind, nullable: boolean): string {
  if (list) return `Array(${base})`
  return nullable ? `Nullable(${base})` : base
}

function isMissing(row: Values, name: string): boolean {
  return row[name] === undefined || row[name] === null
}

function putValues(
  writer: ByteWriter,
  name: string,
  { base, nothing }: Kind,
  nullable: boolean,
  rows: readonly Values[],
): void {
  if (nullable) for (const row of rows) writer.byte(isMissing(row, name) ? 1 : 0)
  const put = putterOf(base)
  for (const row of rows) put(writer, row[name] ?? nothing)
}

/** First where each of them ends, then what is in all of them. */
function putLists(writer: ByteWriter, name: string, { base }: Kind, rows: readonly Values[]): void {
  let end = 0
  const lists = rows.map(row => listOf(row[name] ?? []))
  for (const list of lists) {
    end += list.length
    writer.integer64(end)
  }
  const put = putterOf(base)
  for (const list of lists) for (const value of list) put(writer, value)
}

function listOf(value: unknown): readonly string[] {
  if (!Array.isArray(value)) throw new UnfitValue()
  return value
}
