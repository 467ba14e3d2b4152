import { randomBytes } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestDatabase, select } from '../../record/embedded.ts'
import { until } from '../../support/until.ts'
import { aHead, aRing, makeFolder, openStore, output, readAll, recordOf, remove, sourceOf } from './a-store.ts'

const database = await openTestDatabase()
const { clickhouse } = database
let folder: string
beforeAll(async () => {
  folder = await makeFolder()
})
afterAll(async () => {
  await database[Symbol.asyncDispose]()
  await remove(folder)
})

test('what is recorded is read back, event by event, and the spool is empty then', async () => {
  const ring = aRing()
  const store = await openStore(folder, () => ring)
  const shipper = store.ship(recordOf(clickhouse))
  const head = aHead()
  const events = [
    output('$ ', 1),
    { atMs: 5, kind: 'input', bytes: Buffer.from('ls\r') },
    { atMs: 6, kind: 'resize', bytes: Buffer.from('{"Width":80,"Height":24}') },
    { atMs: 7, kind: 'hidden-input', bytes: Buffer.alloc(0), hidden: 12 },
    output('a'.repeat(700_000), 8),
    output('end', 9),
    { atMs: 10, kind: 'input-end', bytes: Buffer.alloc(0) },
    { atMs: 11, kind: 'status', bytes: Buffer.from('{"status":"Success"}') },
  ] as const
  const session = await store.sink.open(head)
  for (const event of events) await session.append([event])
  await until('an open session to be read', async () => {
    return (await readAll(sourceOf(clickhouse, ring), head.auditId).catch(() => null))?.events.length === events.length
  })
  expect((await sourceOf(clickhouse, ring).open(head.auditId))?.ended).toBeNull()
  await session.end({ at: '2026-11-29T10:00:00.000Z', why: 'the client left' })
  await until('the spool to be empty', async () => (await readdir(folder)).length === 0)
  const read = await readAll(sourceOf(clickhouse, ring), head.auditId)
  expect(read?.head).toEqual(head)
  expect(read?.events.map(event => ({ ...event, bytes: Buffer.from(event.bytes) }))).toEqual(events)
  expect(read?.ended).toEqual({ at: '2026-11-29T10:00:00.000Z', why: 'the client left' })
  expect(store.spool.used).toBe(0)
  const [ended] = await select(clickhouse.reader, `SELECT * FROM sessions WHERE audit_id = '${head.auditId}'`)
  expect(ended).toMatchObject({ state: 'ended', why: 'the client left' })
  await shipper.stop()
  await store.sink.stop(null)
})

test('much at once becomes chunks of a size, and one event that is too large is refused', async () => {
  const ring = aRing()
  const store = await openStore(folder, () => ring)
  const shipper = store.ship(recordOf(clickhouse))
  const head = aHead()
  const session = await store.sink.open(head)
  const large = await store.sink.open(aHead())
  await expect(large.append([output(Buffer.alloc(33 * 2 ** 20))])).rejects.toMatchObject({ code: 'broken' })
  await large.end({ at: '2026-11-29T10:00:00.000Z', why: 'too large' })
  const events = Array.from({ length: 400 }, (_, n) => output(randomBytes(10_000), n))
  await Promise.all([session.append(events.slice(0, 300)), ...events.slice(300).map(one => session.append([one]))])
  await session.end({ at: '2026-11-29T10:00:00.000Z', why: 'done' })
  await until('the spool to be empty', async () => (await readdir(folder)).length === 0)
  const read = await readAll(sourceOf(clickhouse, ring), head.auditId)
  expect(read?.events.map(({ atMs }) => atMs)).toEqual(events.map(({ atMs }) => atMs))
  const [most] = await select(
    clickhouse.reader,
    `SELECT max(length(sealed)) AS bytes FROM session_chunks WHERE audit_id = '${head.auditId}'`,
  )
  expect(Number(most?.['bytes'])).toBeLessThan(600_000)
  await shipper.stop()
  await store.sink.stop(null)
}, 60_000)
