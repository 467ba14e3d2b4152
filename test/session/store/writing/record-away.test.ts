import { randomBytes } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { RecordError, type RecordSink } from '../../../../src/record/record-sink.ts'
import { openTestDatabase, select } from '../../../record/embedded.ts'
import { until } from '../../../support/until.ts'
import { aHead, aRing, makeFolder, openStore, output, readAll, recordOf, remove, sourceOf } from '../a-store.ts'

const database = await openTestDatabase()
const { clickhouse } = database
const ring = aRing()
let folder: string

beforeEach(async () => {
  await database.clear()
  folder = await makeFolder()
})
afterEach(() => remove(folder))
afterAll(() => database[Symbol.asyncDispose]())

/** The record, of which each insert may fail, or have been made though it failed. */
function shaky(plan: () => 'well' | 'not made' | 'made, and nobody heard'): RecordSink {
  const inner = recordOf(clickhouse)
  return {
    write: async (rows, name) => {
      const how = plan()
      if (how !== 'not made') await inner.write(rows, name)
      if (how !== 'well') throw new RecordError('unavailable', 'no answer')
    },
  }
}

const END = { at: '2026-11-29T10:00:00.000Z', why: 'done' }

describe('while the record is away', () => {
  test('sessions stay in the spool until no new one begins; then all of it is brought there, and nothing is lost', async () => {
    let away = true
    const store = await openStore(folder, () => ring, 4 * 2 ** 20)
    const shipper = store.ship(shaky(() => (away ? 'not made' : 'well')))
    const heads = []
    const texts = new Map<string, number>()
    let refused: unknown = null
    for (let n = 0; n < 100 && refused === null; n++) {
      const head = aHead({ auditId: `a-${n}` })
      const session = await store.sink.open(head).catch(error => {
        refused = error
        return null
      })
      if (session === null) break
      for (let k = 0; k < 3; k++)
        await session.append([output(randomBytes(60_000).toString('base64').slice(0, 60_000), k)])
      await session.end(END)
      heads.push(head)
      texts.set(head.auditId, 180_000)
    }
    expect(refused).toMatchObject({ code: 'full' })
    expect(store.spool.used).toBeLessThanOrEqual(4 * 2 ** 20)
    expect(heads.length).toBeGreaterThan(10)
    await until('the record to be missed', () => shipper.status.failingSince !== null)
    away = false
    await until('the spool to be empty', async () => (await readdir(folder)).length === 0)
    for (const { auditId } of heads) {
      const read = await readAll(sourceOf(clickhouse, ring), auditId)
      expect(read?.text.length).toBe(texts.get(auditId))
      expect(read?.ended).toEqual(END)
    }
    expect(store.spool.used).toBe(0)
    await (await store.sink.open(aHead())).end(END)
    await shipper.stop()
    await store.sink.stop(null)
  }, 120_000)

  test('a session that runs when the room ends is told so, and what it was told is kept is there', async () => {
    let away = true
    const store = await openStore(folder, () => ring, 2 ** 20)
    const shipper = store.ship(shaky(() => (away ? 'not made' : 'well')))
    const head = aHead()
    const session = await store.sink.open(head)
    let kept = 0
    let refused: unknown = null
    while (refused === null && kept < 100) {
      await session.append([output(randomBytes(50_000), kept)]).then(
        () => {
          kept += 1
        },
        error => {
          refused = error
        },
      )
    }
    expect(refused).toMatchObject({ code: 'full' })
    await expect(session.append([output('more')])).rejects.toMatchObject({ code: 'full' })
    await session.end({ ...END, why: 'no room' })
    away = false
    await until('the spool to be empty', async () => (await readdir(folder)).length === 0)
    const read = await readAll(sourceOf(clickhouse, ring), head.auditId)
    expect(read?.events.map(({ atMs }) => atMs)).toEqual(Array.from({ length: kept }, (_, n) => n))
    expect(read?.ended?.why).toBe('no room')
    await shipper.stop()
    await store.sink.stop(null)
  }, 120_000)

  test('a session that writes without end ends, and leaves the others their room', async () => {
    const mostBytes = 8 * 2 ** 20
    const store = await openStore(folder, () => ring, mostBytes)
    const shipper = store.ship(shaky(() => 'not made'))
    const [greedy, modest] = [await store.sink.open(aHead()), await store.sink.open(aHead())]
    await modest.append([output('before')])
    let refused: unknown = null
    for (let n = 0; n < 400 && refused === null; n++) {
      refused = await greedy.append([output(randomBytes(50_000), n)]).then(
        () => null,
        error => error,
      )
    }
    expect(refused).toMatchObject({ code: 'full' })
    await modest.append([output('behind')])
    for (let n = 0; n < 20; n++) await modest.append([output(randomBytes(50_000), n)])
    await (await store.sink.open(aHead())).append([output('a new one')])
    expect(store.spool.used).toBeLessThan(mostBytes / 2)
    await shipper.stop()
    await store.sink.stop(null)
  }, 120_000)

  test('what was inserted though nobody heard of it is read once', async () => {
    let n = 0
    const lost = 'made, and nobody heard'
    const plans = [lost, 'not made', 'well', lost, 'well', 'well', lost, 'well', 'not made'] as const
    const store = await openStore(folder, () => ring)
    const shipper = store.ship(shaky(() => plans[n++] ?? 'well'))
    const head = aHead()
    const session = await store.sink.open(head)
    for (let k = 0; k < 40; k++) await session.append([output(randomBytes(30_000), k)])
    await session.end(END)
    await until('the spool to be empty', async () => (await readdir(folder)).length === 0)
    expect(shipper.status.failedWrites).toBeGreaterThan(2)
    const read = await readAll(sourceOf(clickhouse, ring), head.auditId)
    expect(read?.events.map(({ atMs }) => atMs)).toEqual(Array.from({ length: 40 }, (_, k) => k))
    expect(read?.ended).toEqual(END)
    const [ends] = await select(clickhouse.reader, 'SELECT uniqExact(n) AS chunks FROM session_chunks')
    expect(Number(ends?.['chunks'])).toBeGreaterThan(3)
    await shipper.stop()
    await store.sink.stop(null)
  }, 120_000)
})
