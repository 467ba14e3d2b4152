import type { Row } from '../record-sink.ts'
import { ByteWriter } from './byte-writer.ts'
import { type Kind, kindOf, putterOf, UnfitValue } from './column-kinds.ts'

export interface Column {
  readonly name: string
  /** As ClickHouse describes it. */
  readonly type: string
}

type Values = Row['values']
type Cell = Values[string] | null

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
    // Once: to look for a name in a row is the slowest of it.
    const cells = rows.map(row => row[name] ?? null)
    // The engine puts the column's own default in the place of a null.
    const nullable = kind.nullable || (!kind.list && cells.includes(null))
    writer.text(name)
    writer.text(typeText(kind, nullable))
    if (kind.list) putLists(writer, kind, cells)
    else putValues(writer, kind, nullable, cells)
  }
  return writer.written
}

function typeText({ list, base }: Kind, nullable: boolean): string {
  if (list) return `Array(${base})`
  return nullable ? `Nullable(${base})` : base
}

function putValues(writer: ByteWriter, { base, nothing }: Kind, nullable: boolean, cells: readonly Cell[]): void {
  if (nullable) for (const cell of cells) writer.byte(cell === null ? 1 : 0)
  const put = putterOf(base)
  for (const cell of cells) put(writer, cell ?? nothing)
}

/** First where each of them ends, then what is in all of them. */
function putLists(writer: ByteWriter, { base }: Kind, cells: readonly Cell[]): void {
  let end = 0
  const lists = cells.map(cell => listOf(cell ?? []))
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
