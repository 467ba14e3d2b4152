import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { createClickHouseSink } from '../../src/record/clickhouse-record-sink.ts'
import type { Row } from '../../src/record/record-sink.ts'
import { toRow } from '../../src/record/to-rows.ts'
import { openTestDatabase, select } from './embedded.ts'
import { decision, item, leaseEvent } from './entries.ts'

const database = await openTestDatabase()
const { writer } = database.clickhouse
const sink = createClickHouseSink(writer)

afterAll(() => database[Symbol.asyncDispose]())
beforeEach(() => database.clear())

const rowsOf = async (table: string): Promise<unknown> => (await select(writer, `SELECT count() AS n FROM ${table}`))[0]

describe('createClickHouseSink', () => {
  test('the same batch twice is one batch, another batch right after it is not lost', async () => {
    const batch = [toRow(item(leaseEvent())), toRow(item(leaseEvent({ lease: 'lse_2' })))]
    await writer.command({ query: 'SYSTEM STOP MERGES lease_events' })
    await sink.write(batch)
    await sink.write(batch)
    expect(await rowsOf('lease_events')).toEqual({ n: 2 })
    await sink.write([toRow(item(leaseEvent({ lease: 'lse_3' })))])
    expect(await rowsOf('lease_events')).toEqual({ n: 3 })
    await writer.command({ query: 'SYSTEM START MERGES lease_events' })
  })

  test('what is counted out of inserts counts a named batch once, whatever it is written with or after', async () => {
    await writer.command({
      query: `CREATE TABLE counted (n UInt64) ENGINE = SummingMergeTree ORDER BY tuple()
        SETTINGS non_replicated_deduplication_window = 1000`,
    })
    await writer.command({
      query: 'CREATE MATERIALIZED VIEW counting TO counted AS SELECT count() AS n FROM request_halves',
    })
    const counted = async () => (await select(writer, 'SELECT sum(n) AS n FROM counted'))[0]
    const rows = [toRow(item(decision())), toRow(item(decision({ auditId: 'a-2' })))]
    await sink.write(rows, 'one')
    await sink.write([toRow(item(decision({ auditId: 'a-3' })))], 'two')
    await sink.write(rows, 'one')
    expect(await counted()).toEqual({ n: 3 })

    // A crash between the table and what is counted from it: the table has the batch, the count has not.
    await writer.command({ query: 'RENAME TABLE counted TO elsewhere' })
    const late = [toRow(item(decision({ auditId: 'a-4' })))]
    await expect(sink.write(late, 'three')).rejects.toMatchObject({ code: 'unavailable' })
    await writer.command({ query: 'RENAME TABLE elsewhere TO counted' })
    await sink.write(late, 'three')
    await sink.write(late, 'three')
    expect(await counted()).toEqual({ n: 4 })
    expect(await rowsOf('requests')).toEqual({ n: 4 })
    await writer.command({ query: 'DROP TABLE counting' })
    await writer.command({ query: 'DROP TABLE counted' })
  })

  test('what was made before its turn is written once, in the place of nothing else', async () => {
    const [one, other] = [[toRow(item(decision()))], [toRow(item(decision({ auditId: 'a-2' })))]]
    // The first time the types of its columns are not known.
    for (const rows of [one, other]) {
      sink.prepare?.(rows)
      await sink.write(rows)
    }
    // Of two tables, and the columns of the second are among those of the first.
    const mixed: readonly Row[] = [
      toRow(item(decision({ auditId: 'a-3' }))),
      { table: 'lease_events', values: { lease: 'lse_9', agent: 'fixer' } },
    ]
    sink.prepare?.(mixed)
    await sink.write(mixed)
    const ids = await select(writer, 'SELECT audit_id FROM requests ORDER BY audit_id')
    expect(ids).toEqual(['a-1', 'a-2', 'a-3'].map(audit_id => ({ audit_id })))
  })

  test('what will never be taken is told of when it is written, not before', async () => {
    const rows: readonly Row[] = [
      { table: 'request_halves', values: { ...toRow(item(decision())).values, status: 70_000 } },
    ]
    await sink.write([toRow(item(decision()))])
    sink.prepare?.(rows)
    await expect(sink.write(rows)).rejects.toMatchObject({ code: 'refused' })
  })

  test('rows of several tables go where they belong', async () => {
    await sink.write([toRow(item(decision())), toRow(item(leaseEvent())), toRow(item(decision({ auditId: 'a-2' })))])
    expect(await rowsOf('requests')).toEqual({ n: 2 })
    expect(await rowsOf('lease_events')).toEqual({ n: 1 })
  })

  test.each<{ name: string; values: Row['values']; code: string }>([
    { name: 'a row with half a surrogate pair', values: { lease: 'canary\ud800' }, code: 'refused' },
    { name: 'a row with another type', values: { lease: 'canary', at: 'canary' }, code: 'refused' },
    {
      name: 'a column that the database lacks: no fault of the row',
      values: { lease: 'canary', canary: 'x' },
      code: 'unavailable',
    },
  ])('$name: $code, and the error does not quote it', async ({ values, code }) => {
    const error = await sink.write([{ table: 'lease_events', values }]).catch((thrown: Error) => thrown)
    expect(error).toMatchObject({ name: 'RecordError', code })
    expect(JSON.stringify([(error as Error).message, (error as Error).stack, (error as Error).cause])).not.toContain(
      'canary',
    )
  })

  test('a table that is not there may come: unavailable', async () => {
    await writer.command({ query: 'RENAME TABLE lease_events TO elsewhere' })
    await expect(sink.write([toRow(item(leaseEvent()))])).rejects.toMatchObject({ code: 'unavailable' })
    await writer.command({ query: 'RENAME TABLE elsewhere TO lease_events' })
    await sink.write([toRow(item(leaseEvent()))])
    expect(await rowsOf('lease_events')).toEqual({ n: 1 })
  })
})
