import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { RecordSink, Row } from '../../../../src/record/record-sink.ts'
import { keysOf } from '../../../../src/session/store/keys/key-file.ts'
import { Shipper } from '../../../../src/session/store/shipping/shipper.ts'
import { until } from '../../../support/until.ts'
import { aHead, aRing, makeFolder, openStore, output, quiet, remove } from '../a-store.ts'

const ring = aRing()
const SEGMENTS = 40
/** A chunk each: 256 KiB, which do not compress. */
const SEGMENT_BYTES = 270_000
/** 10.8 MB by 4 MiB are three, and each may be followed by one of what came meanwhile. */
const MOST_INSERTS = 10
let folder: string

beforeEach(async () => {
  folder = await makeFolder()
})
afterEach(() => remove(folder))

test('much that comes is brought into the record before its time, in few inserts', async () => {
  const inserts: (readonly Row[])[] = []
  const sink: RecordSink = { write: async rows => void inserts.push(rows) }
  const { spool, sink: sessions } = await openStore(folder, () => ring)
  const shipper = new Shipper({ spool, keys: keysOf(() => ring), sink, log: quiet, everyMs: 3_600_000 })
  const session = await sessions.open(aHead())
  const chunks = () => inserts.filter(([row]) => row?.table === 'session_chunks')
  for (let n = 0; n < SEGMENTS; n++) {
    await session.append([output(randomBytes(SEGMENT_BYTES), n)])
    await pause(5)
  }
  await until('most of it', () => chunks().flat().length > SEGMENTS / 2)
  expect(chunks().length).toBeLessThanOrEqual(MOST_INSERTS)
  await session.end({ at: '2026-11-29T10:00:00.000Z', why: 'done' })
  await sessions.stop(null)
  await shipper.stop()
  expect(chunks().flat()).toHaveLength(SEGMENTS + 1)
})

test('a session that writes faster than the record takes it is slowed down, and not ended', async () => {
  const mostBytes = 16 * 2 ** 20
  const sink: RecordSink = { write: () => pause(30) }
  const store = await openStore(folder, () => ring, mostBytes)
  const shipper = store.ship(sink)
  const session = await store.sink.open(aHead())
  let most = 0
  // Four times its share, which is a quarter.
  for (let n = 0; n < mostBytes / SEGMENT_BYTES; n++) {
    await session.append([output(randomBytes(SEGMENT_BYTES), n)])
    most = Math.max(most, store.spool.used)
  }
  expect(most).toBeLessThan(mostBytes / 4)
  await session.end({ at: '2026-11-29T10:00:00.000Z', why: 'done' })
  await store.sink.stop(null)
  await shipper.stop()
  expect(store.spool.used).toBe(0)
})

test('who records is not held up while much is brought into the record', async () => {
  const store = await openStore(folder, () => ring)
  const session = await store.sink.open(aHead())
  // By halves: what is a segment by itself is sealed when it comes.
  for (let n = 0; n < 2 * SEGMENTS; n++) await session.append([output(randomBytes(SEGMENT_BYTES / 2), n)])
  await session.end({ at: '2026-11-29T10:00:00.000Z', why: 'done' })
  let turns = 0
  let first: number | null = null
  const count = () => {
    turns += 1
    again = setImmediate(count)
  }
  let again = setImmediate(count)
  const shipper = store.ship({
    write: async () => {
      first ??= turns
    },
  })
  await until('all of it to be away', () => store.spool.used === 0)
  clearImmediate(again)
  expect(first).toBeGreaterThanOrEqual(SEGMENTS)
  await store.sink.stop(null)
  await shipper.stop()
})
