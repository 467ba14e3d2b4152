import { afterAll, expect, test } from 'vitest'
import { createClickHouseSink } from '../../../src/record/clickhouse-record-sink.ts'
import type { Row } from '../../../src/record/record-sink.ts'
import { openTestDatabase } from '../embedded.ts'
import { makeLedgerFolder } from '../ledger/a-ledger.ts'
import { describeTrouble, openSink, someRows, verify } from './a-record.ts'

const database = await openTestDatabase()
const { clickhouse } = database
const folder = await makeLedgerFolder()

afterAll(async () => {
  await folder[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
})

const troublesNow = async () => (await verify(folder, clickhouse)).troubles.map(describeTrouble)

test('of a batch that is refused in its second table, the first one is vouched for', async () => {
  const sink = await openSink(folder, clickhouse, 'tap-a', createClickHouseSink(clickhouse.writer))
  await sink.checkpoint()
  const rows = someRows(1, 3, Date.now() + 60_000)
  const lease = { lease: 'lse_x', event: 'granted', at: '2026-11-29 10:00:00.000', expires_at: 'no time' }
  const refused: Row = { table: 'lease_events', values: lease }
  const batch = [...rows.filter(({ table }) => table === 'request_halves'), refused]
  await expect(sink.write(batch, 'one')).rejects.toMatchObject({ code: 'refused' })
  expect(await troublesNow()).toEqual([])
  await sink.write(someRows(50, 1, Date.now() + 60_000), 'two')
  await sink.checkpoint()
  await sink.close()
  expect(await troublesNow()).toEqual([])
})
