import { hash } from 'node:crypto'
import { Readable } from 'node:stream'
import type { ClickHouseClient } from '@clickhouse/client'
import { UnfitValue } from './insert/column-kinds.ts'
import { ColumnTypes } from './insert/column-types.ts'
import { type Column, toNativeBlock } from './insert/native-block.ts'
import { Prepared } from './insert/prepared.ts'
import { RecordError, type RecordSink, type Row, type Table } from './record-sink.ts'

/**
 * Errors that a row brings with it, by ClickHouse's numbers (src/Common/ErrorCodes.cpp); all others may pass. 117 is not
 * one of them: it is also the answer to a column that the database lacks, and would set the whole journal aside.
 */
const ROW_ERRORS: ReadonlySet<string> = new Set([
  '6', // CANNOT_PARSE_TEXT
  '25', // CANNOT_PARSE_ESCAPE_SEQUENCE
  '26', // CANNOT_PARSE_QUOTED_STRING
  '27', // CANNOT_PARSE_INPUT_ASSERTION_FAILED
  '38', // CANNOT_PARSE_DATE
  '41', // CANNOT_PARSE_DATETIME
  '53', // TYPE_MISMATCH
  '69', // ARGUMENT_OUT_OF_BOUND
  '72', // CANNOT_PARSE_NUMBER
  '130', // CANNOT_READ_ARRAY_FROM_TEXT
  '349', // CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN
  '467', // CANNOT_PARSE_BOOL
])

export function createClickHouseSink(writer: ClickHouseClient): RecordSink {
  const types = new ColumnTypes(writer)
  /** Of lists of one table. */
  const blocks = new Prepared<readonly Row[], Block | null>()
  return {
    write: async (rows, name) => {
      for (const [table, ofTable] of Map.groupBy(rows, row => row.table)) {
        try {
          const values = ofTable.map(row => row.values)
          const block = blocks.of(rows) ?? toBlock(await types.of(table, values), values)
          await insert(writer, table, block, name)
        } catch (error) {
          throw toRecordError(table, error)
        }
      }
    },
    prepare: rows => {
      const [first] = rows
      if (first === undefined || rows.some(({ table }) => table !== first.table)) return
      blocks.prepare(rows, () => {
        const values = rows.map(row => row.values)
        const columns = types.known(first.table, values)
        return columns === null ? null : toBlock(columns, values)
      })
    },
  }
}

interface Block {
  /** As a statement has them. */
  readonly columns: string
  readonly bytes: Buffer
}

function toBlock(columns: readonly Column[], rows: readonly Row['values'][]): Block {
  return { columns: columns.map(({ name }) => `\`${name}\``).join(', '), bytes: toNativeBlock(columns, rows) }
}

/** The same batch, sent again after a lost answer or by another tap, has the same token and is one batch. */
async function insert(
  writer: ClickHouseClient,
  table: Table,
  { columns, bytes }: Block,
  name: string | undefined,
): Promise<void> {
  const { stream } = await writer.exec({
    query: `INSERT INTO ${table} (${columns}) FORMAT Native`,
    values: Readable.from([bytes]),
    clickhouse_settings: {
      // On by default in newer servers, and then an answer no longer means that the rows are kept.
      async_insert: 0,
      insert_deduplication_token: `${table} ${name ?? hash('sha256', bytes, 'hex')}`,
      // A crash may fall between a table and the roll-ups behind it: each decides by itself whether it has the batch.
      deduplicate_blocks_in_dependent_materialized_views: 1,
      // A row may lack what others of its batch have: that is left to the table.
      input_format_null_as_default: 1,
      insert_null_as_default: 1,
    },
  })
  await stream.toArray()
}

/** ClickHouse quotes the row it stumbled over: of what it says only number and name go on. */
function toRecordError(table: Table, error: unknown): RecordError {
  if (error instanceof UnfitValue) return new RecordError('refused', `insert into ${table}: a value of another type`)
  if (error instanceof RecordError) return error
  const answer = answerOf(error)
  if (answer === null) return new RecordError('unavailable', `insert into ${table}: no answer`, error)
  const code = ROW_ERRORS.has(answer.code) ? 'refused' : 'unavailable'
  return new RecordError(code, `insert into ${table}: ${answer.code} ${answer.type}`)
}

/** By shape: server and embedded engine throw this error from two copies of its class. */
function answerOf(error: unknown): { readonly code: string; readonly type: string } | null {
  if (!(error instanceof Error) || !('type' in error) || !('code' in error)) return null
  return { code: String(error.code), type: String(error.type) }
}
