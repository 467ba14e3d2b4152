import { generateKeyPairSync } from 'node:crypto'
import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { exportedRows, exportRecord, readExportFacts } from '../../../src/record/audit/export-record.ts'
import { queryRows } from '../../../src/record/audit/query-rows.ts'
import { TABLES } from '../../../src/record/audit/rows.ts'
import { toReport } from '../../../src/record/audit/to-report.ts'
import { verifyRecord } from '../../../src/record/audit/verify-record.ts'
import { nameOf } from '../../../src/record/copies/copy.ts'
import { copyCheckpoints } from '../../../src/record/copies/copy-checkpoints.ts'
import { type S3Place, s3Reader, s3Taker } from '../../../src/record/copies/s3-copies.ts'
import { signNote } from '../../../src/record/ledger/format/signed-note.ts'
import { dayOf } from '../../../src/record/ledger/ledger-files.ts'
import { ledgersIn } from '../../../src/record/ledger/own-ledger.ts'
import { createQueryRunner } from '../../../src/record/queries/run-query.ts'
import { startS3Server } from '../copies/an-s3-server.ts'
import { openTestDatabase } from '../embedded.ts'
import { makeLedgerFolder } from '../ledger/a-ledger.ts'
import { describeTrouble, openSink, someRows, verify } from './a-record.ts'

const database = await openTestDatabase()
const { clickhouse } = database
const server = await startS3Server()
const home = await makeLedgerFolder()

afterAll(async () => {
  await home[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
})

let place: S3Place
let buckets = 0
const copies = () => s3Reader(place)
const taker = () => s3Taker(place, { mode: 'compliance', days: 1 })
const now = async () => (await verify(home, clickhouse, { copies: copies() })).troubles.map(describeTrouble)

beforeEach(async () => {
  await rm(home.directory, { recursive: true, force: true })
  for (const table of TABLES.keys()) await clickhouse.writer.command({ query: `TRUNCATE TABLE ${table} SYNC` })
  buckets += 1
  place = await server.bucket(`bucket-${buckets}`, true)
})

/** A tap that writes some batches, signs each and puts that to the second place. */
async function aTapWrites(from: number, batches = 2): Promise<string> {
  const sink = await openSink(home, clickhouse)
  const [ledger = ''] = await ledgersIn(home.directory)
  for (let batch = 0; batch < batches; batch++) {
    await sink.write(someRows(from + batch * 10, 10), `${buckets} ${from} ${batch}`)
    await sink.checkpoint()
  }
  await sink.close()
  await copyCheckpoints({ folder: join(home.directory, ledger), ledger, taker: taker() }, AbortSignal.timeout(60_000))
  return ledger
}

async function copyRows(from: (table: string) => string, to: (table: string) => string): Promise<void> {
  const { writer } = clickhouse
  await writer.command({ query: "SET deduplicate_insert = 'disable'" })
  for (const table of TABLES.keys()) {
    await writer.command({ query: `CREATE TABLE IF NOT EXISTS ${to(table)} AS ${table}` })
    await writer.command({ query: `TRUNCATE TABLE ${to(table)} SYNC` })
    await writer.command({ query: `INSERT INTO ${to(table)} SELECT * FROM ${from(table)}` })
  }
}

const itself = (table: string) => table
const saved = (table: string) => `saved_${table}`

describe('a second place with a lock', () => {
  test('has what an untouched ledger has, also where it was put twice', async () => {
    const ledger = await aTapWrites(0)
    await rm(join(home.directory, ledger, 'copied'))
    await copyCheckpoints({ folder: join(home.directory, ledger), ledger, taker: taker() }, AbortSignal.timeout(60_000))
    const { troubles, copies: compared } = await verify(home, clickhouse, { copies: copies() })
    expect(troubles).toEqual([])
    expect(compared?.same).toBeGreaterThanOrEqual(2)
  })

  test('shows that ledger and record together were put back to an earlier time, also when the tap went on from there', async () => {
    await aTapWrites(0)
    await cp(home.directory, `${home.directory}-before`, { recursive: true })
    await copyRows(itself, saved)
    const sink = await openSink(home, clickhouse)
    await sink.write(someRows(5000, 10), `${buckets} hidden`)
    await sink.checkpoint()
    await sink.close()
    const [ledger = ''] = await ledgersIn(home.directory)
    await copyCheckpoints({ folder: join(home.directory, ledger), ledger, taker: taker() }, AbortSignal.timeout(60_000))
    await rm(home.directory, { recursive: true })
    await cp(`${home.directory}-before`, home.directory, { recursive: true })
    await rm(`${home.directory}-before`, { recursive: true })
    await copyRows(saved, itself)
    // Nothing else shows it.
    expect((await verify(home, clickhouse)).troubles).toEqual([])
    const rewritten = expect.stringMatching(/^rewritten: it has not the checkpoint of \d+ entries/)
    expect(await now()).toEqual([rewritten])
    await aTapWrites(100)
    expect((await verify(home, clickhouse)).troubles).toEqual([])
    expect(await now()).toEqual([rewritten])
  })

  test('shows that a ledger was written anew by somebody who has the key', async () => {
    const ledger = await aTapWrites(0)
    await rm(home.directory, { recursive: true })
    for (const table of TABLES.keys()) await clickhouse.writer.command({ query: `TRUNCATE TABLE ${table} SYNC` })
    const sink = await openSink(home, clickhouse)
    await sink.write(someRows(0, 3), 'another history')
    await sink.checkpoint()
    await sink.close()
    expect((await verify(home, clickhouse)).troubles).toEqual([])
    expect(await now()).toEqual([expect.stringMatching(/^rewritten: it is gone: the second place has its checkpoint/)])
    expect((await ledgersIn(home.directory)).includes(ledger)).toBe(false)
  })

  test('is not blinded by who puts something there, writes over it and hides it', async () => {
    const ledger = await aTapWrites(0)
    const honest = await Array.fromAsync(copies().list())
    await cp(home.directory, `${home.directory}-before`, { recursive: true })
    await aTapWrites(200, 1)
    for (const copy of await Array.fromAsync(copies().list())) {
      if (honest.some(({ hash }) => hash === copy.hash)) continue
      await taker().put(nameOf(copy), 'nothing')
      await server.ask('DELETE', `${place.bucket}/here/${nameOf(copy)}`)
    }
    const { privateKey } = generateKeyPairSync('ed25519')
    const forged = signNote(
      `leasegate/ledger/${ledger}\n1\n${'A'.repeat(43)}=\n`,
      `leasegate/ledger/${ledger}`,
      privateKey,
    )
    await taker().put(`${ledger}/${dayOf(Date.now())}/0000000000000001-${'x'.repeat(43)}`, forged)
    await rm(home.directory, { recursive: true })
    await cp(`${home.directory}-before`, home.directory, { recursive: true })
    await rm(`${home.directory}-before`, { recursive: true })
    expect(await now()).toContainEqual(expect.stringMatching(/^rewritten: it has not the checkpoint/))
  })

  test('what nobody signed there is named as that, and accuses no ledger', async () => {
    const ledger = await aTapWrites(0)
    await taker().put(`${ledger}/${dayOf(Date.now())}/0000000000000001-${'x'.repeat(43)}`, 'nothing')
    expect(await now()).toEqual([
      expect.stringMatching(/^uncopied: 1 objects in the second place that the key has not/),
    ])
  })

  test('what it was never given is named, once it should have it', async () => {
    const ledger = await aTapWrites(0)
    const sink = await openSink(home, clickhouse)
    for (let n = 0; n < 15; n++) await sink.checkpoint()
    expect(await now()).toEqual([])
    for (let n = 0; n < 3; n++) await sink.checkpoint()
    await sink.close()
    expect(await now()).toEqual([expect.stringMatching(/^uncopied: the second place lacks \d+ of its checkpoints/)])
    await copyCheckpoints({ folder: join(home.directory, ledger), ledger, taker: taker() }, AbortSignal.timeout(60_000))
    expect(await now()).toEqual([])
  })

  test('an export has not what was signed after it, and that is no finding', async () => {
    await aTapWrites(0)
    const out = `${home.directory}-export`
    const source = queryRows(createQueryRunner(clickhouse.reader))
    await exportRecord(home.directory, source, out, Date.now())
    await aTapWrites(300, 1)
    const facts = await readExportFacts(out)
    if (facts.kind === 'problem') throw new Error(facts.message)
    const verified = await verifyRecord({
      directory: join(out, 'ledgers'),
      keys: [home.publicKey],
      source: exportedRows(out),
      keep: { requests: 90 * 86_400_000, events: 90 * 86_400_000 },
      now: facts.value.at,
      settled: new Map(Object.entries(facts.value.settled)),
      copies: copies(),
    })
    await rm(out, { recursive: true })
    expect(verified.troubles).toEqual([])
    expect(verified.copies?.same).toBeGreaterThanOrEqual(2)
  })

  test('who may not list it hears that, and all else is verified', async () => {
    await aTapWrites(0)
    const refused = { ...copies(), list: () => s3Reader({ ...place, bucket: 'no-such-bucket' }).list() }
    await clickhouse.writer.command({
      query: "ALTER TABLE request_halves DELETE WHERE audit_id = 'a-3' SETTINGS mutations_sync = 2",
    })
    const verified = await verify(home, clickhouse, { copies: refused })
    const [unread, ...others] = verified.troubles.map(describeTrouble)
    expect(unread).toMatch(/^unread: the second place cannot be read: .* said 404/)
    expect(others).toContain('deleted decision a-3')
    expect(toReport(verified).checks.find(({ name }) => name === 'second-place')?.findings).toHaveLength(1)
  })

  test('a ledger that is older than anything that is kept may be gone', async () => {
    await aTapWrites(0)
    const day = dayOf(Date.now() - 500 * 86_400_000)
    await taker().put(`gone-long-ago/${day}/0000000000000007-${'y'.repeat(43)}`, 'whatever')
    expect(await now()).toEqual([])
  })
})
