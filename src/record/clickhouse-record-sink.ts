import { createHash } from 'node:crypto'
import type { ClickHouseClient } from '@clickhouse/client'
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
  return {
    write: async (rows, name) => {
      for (const [table, ofTable] of Map.groupBy(rows, row => row.table)) {
        const values = ofTable.map(row => row.values)
        await insert(writer, table, values, `${table} ${name ?? hash(JSON.stringify(values))}`)
      }
    },
  }
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** The same batch, sent again after a lost answer or by another tap, has the same token and is one batch. */
async function insert(
  writer: ClickHouseClient,
  table: Table,
  values: readonly Row['values'][],
  token: string,
): Promise<void> {
  const columns = columnsOf(values)
  try {
    await writer.insert({
      table,
      columns: columns.map(quoted) as [string, ...string[]],
      // The names of fifty columns in each row cost more than what is in them.
      values: values.map(row => columns.map(column => row[column] ?? null)),
      format: 'JSONCompactEachRow',
      clickhouse_settings: {
        // On by default in newer servers, and then an answer no longer means that the rows are kept.
        async_insert: 0,
        insert_deduplication_token: token,
        // A crash may fall between a table and the roll-ups behind it: each decides by itself whether it has the batch.
        deduplicate_blocks_in_dependent_materialized_views: 1,
        // A row may lack what others of its batch have: that is left to the table.
        input_format_null_as_default: 1,
      },
    })
  } catch (error) {
    throw toRecordError(table, error)
  }
}

/** All that any of them has. One that the database lacks is a missing migration, which it says: nothing is lost in silence. */
function columnsOf(rows: readonly Row['values'][]): readonly string[] {
  const columns = new Set<string>()
  for (const row of rows) for (const column in row) columns.add(column)
  return [...columns]
}

function quoted(column: string): string {
  return `\`${column}\``
}

/** ClickHouse quotes the row it stumbled over: of what it says only number and name go on. */
function toRecordError(table: Table, error: unknown): RecordError {
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
