import { appendFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Entry, toLine } from '../../../src/record/ledger/format/entry.ts'
import { halvesOf } from '../../../src/record/ledger/format/row-halves.ts'
import { dayFile, dayOf, PENDING } from '../../../src/record/ledger/ledger-files.ts'
import { ledgersIn } from '../../../src/record/ledger/own-ledger.ts'
import { toRow } from '../../../src/record/to-rows.ts'
import { openTestDatabase } from '../embedded.ts'
import { decision, item } from '../entries.ts'
import { makeLedgerFolder } from '../ledger/a-ledger.ts'
import { describeTrouble, openSink, someRows, verify } from './a-record.ts'

const database = await openTestDatabase()
const { clickhouse } = database
const folder = await makeLedgerFolder()
const HOUR_MS = 3_600_000
const forged = toRow(item(decision({ auditId: 'forged', decidedAt: Date.now() + 60_000 })))
let file = ''
let before = ''

afterAll(async () => {
  await folder[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
})

/** A tap that was killed: it signed a checkpoint, then wrote more. */
beforeAll(async () => {
  const sink = await openSink(folder, clickhouse)
  await sink.write(someRows(0, 10), 'one')
  await sink.checkpoint()
  await sink.write(someRows(20, 10), 'two')
  await sink.close()
  const [name = ''] = await ledgersIn(folder.directory)
  file = dayFile(join(folder.directory, name), dayOf(Date.now()), 'entries')
  before = await readFile(file, 'utf8')
})

beforeEach(() => writeFile(file, before))

const anHourLater = async () =>
  (await verify(folder, clickhouse, { now: Date.now() + HOUR_MS })).troubles.map(describeTrouble)
const linesOf = (entries: readonly Entry[]) => entries.map(entry => `${toLine(entry)}\n`).join('')

describe('a ledger whose tap was killed', () => {
  test('has all that it wrote, also an hour later', async () => {
    expect(await anHourLater()).toEqual([])
  })

  test('does not vouch for a row that somebody enters who has not the key', async () => {
    await clickhouse.writer.insert({ table: forged.table, values: [forged.values], format: 'JSONEachRow' })
    await appendFile(file, linesOf(halvesOf(forged)))
    expect(await anHourLater()).toEqual([
      expect.stringContaining('its last 1 entries were never signed'),
      'inserted decision forged',
    ])
  })

  test('nor by what somebody says is on its way', async () => {
    const pending = join(file, '..', PENDING)
    await writeFile(pending, `${linesOf(halvesOf(forged))}end\n`)
    const found = await anHourLater()
    await writeFile(pending, '')
    expect(found).toEqual(['inserted decision forged'])
  })

  test('nor by a later beginning', async () => {
    await appendFile(file, linesOf([{ kind: 'began', at: Date.now() + HOUR_MS, id: 'x', hash: 'h'.repeat(43) }]))
    expect(await anHourLater()).toEqual([
      expect.stringContaining('says that it begins there'),
      'inserted decision forged',
    ])
  })
})
