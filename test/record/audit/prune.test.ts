import { appendFile, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { findPrunable, type Pruning, prune } from '../../../src/record/audit/prune.ts'
import { queryRows } from '../../../src/record/audit/query-rows.ts'
import { TABLES } from '../../../src/record/audit/rows.ts'
import { toReport } from '../../../src/record/audit/to-report.ts'
import { createClickHouseSink } from '../../../src/record/clickhouse-record-sink.ts'
import { dayFile, dayOf, daysOf } from '../../../src/record/ledger/ledger-files.ts'
import { createLedgerSink } from '../../../src/record/ledger/ledger-sink.ts'
import { ledgersIn, openOwnLedger } from '../../../src/record/ledger/own-ledger.ts'
import { createQueryRunner } from '../../../src/record/queries/run-query.ts'
import { openTestDatabase } from '../embedded.ts'
import { makeLedgerFolder } from '../ledger/a-ledger.ts'
import { describeTrouble, someRows, verify } from './a-record.ts'

const DAY_MS = 86_400_000
const NOW = Date.now()
const database = await openTestDatabase()
const { clickhouse } = database
const home = await makeLedgerFolder()
let turn = 0

afterAll(async () => {
  await home[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
})

const KEPT = { requests: 5 * DAY_MS, events: 10 * DAY_MS }
const given = (keep = KEPT): Pruning => ({
  directory: home.directory,
  keys: [home.publicKey],
  source: queryRows(createQueryRunner(clickhouse.reader)),
  keep,
  now: NOW,
})

const dayAgo = (days: number) => dayOf(NOW - days * DAY_MS)
const verified = () => verify(home, clickhouse, { requestDays: 5, eventDays: 10 })
const troubles = async () => (await verified()).troubles.map(describeTrouble)

/** What retention does. */
async function forget(daysAgo: number): Promise<void> {
  for (const [table, { time }] of TABLES) {
    await clickhouse.writer.command({
      query: `ALTER TABLE ${table} DELETE WHERE ${time} < fromUnixTimestamp64Milli(toInt64(${NOW - daysAgo * DAY_MS}))`,
      clickhouse_settings: { mutations_sync: '2' },
    })
  }
}

/** A tap that wrote on these days. */
async function wrote(...daysAgo: readonly number[]): Promise<string> {
  turn += 1
  let now = 0
  for (const days of daysAgo) {
    now = NOW - days * DAY_MS
    const { ledger } = await openOwnLedger({ ...home, owner: 'tap', now: () => now })
    const sink = createLedgerSink(createClickHouseSink(clickhouse.writer), ledger)
    await sink.checkpoint()
    await sink.write(someRows(0, 5, now), `${turn} ${days}`)
    await sink.checkpoint()
    await sink.close()
  }
  return (await ledgersIn(home.directory))[0] ?? ''
}

async function pruned(ledger: string, keep = KEPT): Promise<void> {
  const { ledger: eraser } = await openOwnLedger({ ...home, owner: 'eraser here' })
  await prune(await findPrunable(given(keep), ledger), eraser, { by: 'eve', why: 'the disk is full' })
  await eraser.checkpoint()
  await eraser.close()
}

beforeEach(async () => {
  await rm(home.directory, { recursive: true, force: true })
  for (const table of TABLES.keys()) await clickhouse.writer.command({ query: `TRUNCATE TABLE ${table} SYNC` })
})

describe('prune', () => {
  test('takes the days that nothing is kept of, leaves what shows that the rest is whole, and says who took them', async () => {
    const ledger = await wrote(30, 29, 8, 0)
    await forget(25)
    expect(await troubles()).toEqual([])
    const found = await findPrunable(given(), ledger)
    expect(found).toMatchObject({
      days: [dayAgo(30), dayAgo(29)],
      stays: `${dayAgo(8)} is not older than what is kept`,
    })
    expect(found.bytes).toBeGreaterThan(1000)
    await pruned(ledger)
    const folder = join(home.directory, ledger)
    expect((await readdir(folder)).filter(file => file < dayAgo(8))).toEqual([])
    expect(await daysOf(folder, 'entries')).toEqual([dayAgo(8), dayAgo(0)])
    const after = await verified()
    expect(after.troubles).toEqual([])
    const complete = toReport(after).checks.find(({ name }) => name === 'complete')
    expect(complete?.seen.join('\n')).toContain(
      `by eve: days up to ${dayAgo(29)} of ledger ${ledger}: the disk is full`,
    )
    expect((await findPrunable(given(), ledger)).days).toEqual([])
  })

  test('all of a ledger whose tap is long gone', async () => {
    const ledger = await wrote(30, 29)
    await forget(25)
    expect(await findPrunable(given(), ledger)).toMatchObject({ first: null, days: [dayAgo(30), dayAgo(29)] })
    await pruned(ledger)
    expect(await ledgersIn(home.directory)).toEqual([expect.stringMatching(/^eraser/)])
    expect(await troubles()).toEqual([])
  })

  test('leaves a day whose rows the record still has, however old, and all that come after it', async () => {
    const ledger = await wrote(30, 29, 0)
    expect(await findPrunable(given(), ledger)).toMatchObject({
      days: [],
      stays: `the record still has rows of ${dayAgo(30)}`,
    })
  })

  test('leaves all of a ledger that somebody changed: it is evidence', async () => {
    const ledger = await wrote(30, 29, 0)
    await forget(25)
    await appendFile(dayFile(join(home.directory, ledger), dayAgo(30), 'entries'), 'decision 1 x yyy\n')
    expect(await findPrunable(given(), ledger)).toMatchObject({
      days: [],
      stays: expect.stringContaining('not as it was signed'),
    })
  })

  test('is found where it is used to hide what should be kept', async () => {
    const ledger = await wrote(8, 7, 0)
    await forget(4)
    // By somebody who may do anything, and says that nothing is kept.
    await pruned(ledger, { requests: DAY_MS, events: DAY_MS })
    expect(await daysOf(join(home.directory, ledger), 'entries')).toEqual([dayAgo(0)])
    expect(await troubles()).toEqual([
      expect.stringMatching(/^ledger: its first \d+ entries are missing, of which rows are/),
    ])
  })

  test('what somebody took beyond what was said is named', async () => {
    const ledger = await wrote(30, 25, 20, 0)
    await forget(15)
    await pruned(ledger, { requests: DAY_MS, events: 27 * DAY_MS })
    expect(await troubles()).toEqual([])
    const folder = join(home.directory, ledger)
    for (const file of await readdir(folder)) if (file.startsWith(dayAgo(25))) await rm(join(folder, file))
    const named = expect.stringMatching(/^deletion: it begins with entry \d+, and was taken away up to \d+/)
    expect(await troubles()).toEqual([named])
  })

  test('a ledger that begins today, since its tap was away for long, is whole', async () => {
    const ledger = await wrote(30, 29, 0)
    await forget(25)
    await pruned(ledger)
    expect(await daysOf(join(home.directory, ledger), 'entries')).toEqual([dayAgo(0)])
    expect(await troubles()).toEqual([])
  })
})
