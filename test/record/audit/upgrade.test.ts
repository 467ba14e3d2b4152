import { afterAll, expect, test } from 'vitest'
import { createClickHouseSink } from '../../../src/record/clickhouse-record-sink.ts'
import { migrate } from '../../../src/record/migrations/migrate.ts'
import type { RecordSink, Row } from '../../../src/record/record-sink.ts'
import { openTestDatabase, select } from '../embedded.ts'
import { makeLedgerFolder } from '../ledger/a-ledger.ts'
import { openSink, someRows, verify } from './a-record.ts'

const database = await openTestDatabase()
const { clickhouse } = database
const { writer, reader } = clickhouse
const folder = await makeLedgerFolder()

afterAll(async () => {
  await folder[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
})

/** As a tap of before wrote it, which knew of one risk a request. */
function ofBefore({ table, values: { risks: _, ...values } }: Row): Row {
  return { table, values }
}

async function write(owner: string, from: number, toRow: (row: Row) => Row = row => row): Promise<void> {
  const inner: RecordSink = createClickHouseSink(writer)
  const sink = await openSink(folder, clickhouse, owner, inner)
  await sink.write(someRows(from, 20).map(toRow), `${owner} ${from}`)
  await sink.checkpoint()
  await sink.close()
}

const risksOf = async () =>
  (await select(reader, 'SELECT DISTINCT risk, risks FROM requests ORDER BY risk, risks')).map(
    ({ risk, risks }) => `${risk}: ${risks}`,
  )

test('rows from before all risks were on record, of after, and of taps of both versions side by side are as they were entered', async () => {
  await writer.command({ query: 'DROP VIEW requests' })
  await writer.command({ query: 'ALTER TABLE request_halves DROP COLUMN risks' })
  await writer.command({
    query: 'ALTER TABLE schema_migrations DELETE WHERE version >= 21',
    clickhouse_settings: { mutations_sync: '2' },
  })
  await write('tap-a', 0, ofBefore)
  expect(await migrate(writer)).toContain('0021_all_risks.sql')
  expect(await risksOf()).toEqual([': ', 'pods-exec: pods-exec'])
  expect((await verify(folder, clickhouse)).troubles).toEqual([])

  await write('tap-a', 100)
  await write('tap-b', 200, ofBefore)
  const lying = await verify(folder, clickhouse)
  expect(lying.troubles).toEqual([])
  await writer.command({ query: 'OPTIMIZE TABLE request_halves FINAL' })
  const merged = await verify(folder, clickhouse)
  expect(merged.troubles).toEqual([])
  expect(merged.counts.good).toBe(lying.counts.good)
  expect(merged.counts.good).toBeGreaterThan(100)
  expect(await risksOf()).toEqual([': ', 'pods-exec: exec-opaque,pods-exec', 'pods-exec: pods-exec'])
})

test('somebody who takes the worse risk from a row is found', async () => {
  await writer.command({
    query: "ALTER TABLE request_halves UPDATE risks = NULL WHERE risks = 'exec-opaque pods-exec'",
    clickhouse_settings: { mutations_sync: '2' },
  })
  const { troubles } = await verify(folder, clickhouse)
  expect(troubles).toHaveLength(5)
  expect(new Set(troubles.map(({ kind }) => kind))).toEqual(new Set(['edited']))
})
