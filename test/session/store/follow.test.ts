import { afterAll, beforeAll, expect, test } from 'vitest'
import { createQueryRunner, type QueryRunner } from '../../../src/record/queries/run-query.ts'
import { deleteSessions } from '../../../src/record/sessions/delete-sessions.ts'
import type { SessionEvent } from '../../../src/session/recording/session-event.ts'
import { keysOf } from '../../../src/session/store/keys/key-file.ts'
import { type Following, followSession } from '../../../src/session/store/reading/follow-session.ts'
import { createSessionSource } from '../../../src/session/store/reading/session-source.ts'
import type { Shipper } from '../../../src/session/store/shipping/shipper.ts'
import { openTestDatabase } from '../../record/embedded.ts'
import { until } from '../../support/until.ts'
import { aHead, aRing, makeFolder, openStore, output, recordOf, remove, type Store } from './a-store.ts'

const ring = aRing()
const { clickhouse, ...database } = await openTestDatabase()
let folder: string
let store: Store
let shipper: Shipper
beforeAll(async () => {
  folder = await makeFolder()
  store = await openStore(folder, () => ring)
  shipper = store.ship(recordOf(clickhouse))
})
afterAll(async () => {
  await shipper.stop()
  await store.sink.stop(null)
  await database[Symbol.asyncDispose]()
  await remove(folder)
})

/** Follows with what is asked of the record in the way of `through`. */
function following(
  auditId: string,
  { through = run => run, ...change }: Partial<Following> & { through?: (run: QueryRunner) => QueryRunner } = {},
) {
  const run = through(createQueryRunner(clickhouse.reader))
  const source = createSessionSource(
    run,
    keysOf(() => ring),
  )
  const seen: SessionEvent[] = []
  const done = (async () => {
    const times = { everyMs: 20, quietMs: 200, ...change.times }
    const stopping = change.stopping ?? new AbortController().signal
    const session = await followSession({ source, auditId, ...change, stopping, times })
    if (session === null) return 'nothing is kept'
    for await (const event of session.events()) seen.push(event)
    return 'over'
  })()
  done.catch(() => {})
  const shows = (text: string) => until(text, () => Buffer.concat(seen.map(({ bytes }) => bytes)).includes(text))
  return { done, seen, shows }
}

test('shows what was, then each piece as it comes, and ends with the session', async () => {
  const head = aHead()
  const early = following(head.auditId)
  const session = await store.sink.open(head)
  await session.append([output('$ ls\r\n', 10)])
  await early.shows('$ ls')
  const late = following(head.auditId)
  await late.shows('$ ls')
  for (const piece of ['one', 'two', 'three']) {
    await session.append([output(piece, 20)])
    await Promise.all([early, late].map(each => each.shows(piece)))
  }
  expect(await Promise.race([early.done, 'goes on'])).toBe('goes on')
  await session.end({ at: new Date().toISOString(), why: 'ended' })
  for (const { done, seen } of [early, late]) {
    expect(await done).toBe('over')
    expect(seen.map(({ bytes }) => String(bytes)).join('')).toBe('$ ls\r\nonetwothree')
  }
})

test('outlives a record that is away for a moment, and nothing is missing or told twice', async () => {
  const head = aHead()
  let isAway = false
  let failed = 0
  const through = (run: QueryRunner): QueryRunner => {
    return async request => {
      if (!isAway) return run(request)
      failed += 1
      throw new Error('away')
    }
  }
  const session = await store.sink.open(head)
  await session.append([output('before', 1)])
  const { shows, done, seen } = following(head.auditId, { through })
  await shows('before')
  isAway = true
  await session.append([output('meanwhile', 2)])
  await until('the record to be missed', () => failed > 3)
  isAway = false
  await shows('meanwhile')
  await session.end({ at: new Date().toISOString(), why: 'ended' })
  expect(await done).toBe('over')
  expect(seen).toHaveLength(2)
})

test('outlives a record that is away just when it is asked whether anything can come', async () => {
  const head = aHead()
  let refused = 0
  const through = (run: QueryRunner): QueryRunner => {
    return async request => {
      // Asked at the beginning, and then only when nothing came for a while.
      if (request.kind !== 'session' || request.part !== 'end' || !isQuiet) return run(request)
      refused += 1
      throw new Error('away')
    }
  }
  let isQuiet = false
  const session = await store.sink.open(head)
  await session.append([output('before', 1)])
  const { shows, done } = following(head.auditId, { through })
  await shows('before')
  isQuiet = true
  await until('the question', () => refused > 1)
  isQuiet = false
  await session.append([output('after', 2)])
  await shows('after')
  await session.end({ at: new Date().toISOString(), why: 'ended' })
  expect(await done).toBe('over')
})

test('gives up where the record stays away, and says why', async () => {
  const head = aHead()
  let isAway = false
  const session = await store.sink.open(head)
  await session.append([output('before', 1)])
  const through = (run: QueryRunner): QueryRunner => {
    return async request => {
      if (isAway) throw new Error('the record is away')
      return run(request)
    }
  }
  const { shows, done } = following(head.auditId, { through, times: { awayMs: 100 } })
  await shows('before')
  isAway = true
  await expect(done).rejects.toThrow('the record is away')
  await session.end({ at: new Date().toISOString(), why: 'ended' })
})

test('ends when the session was deleted meanwhile, and says so', async () => {
  const head = aHead()
  const session = await store.sink.open(head)
  await session.append([output('secret', 1)])
  const { shows, done } = following(head.auditId)
  await shows('secret')
  await deleteSessions(clickhouse.writer, { kind: 'session', name: head.auditId }, { by: 'grace', why: 'asked for' })
  await expect(done).rejects.toMatchObject({ code: 'gone', message: expect.stringContaining('deleted by grace') })
  await session.end({ at: new Date().toISOString(), why: 'ended' })
})

test('ends where the boundary says that it is over, though its recording has no end', async () => {
  const head = aHead()
  let isOver = false
  const session = await store.sink.open(head)
  await session.append([output('half', 1)])
  const { shows, done } = following(head.auditId, { isOver: async () => isOver })
  await shows('half')
  isOver = true
  expect(await done).toBe('over')
  await session.end({ at: new Date().toISOString(), why: 'ended' })
})

test('does not take an end outside of the seal for the end', async () => {
  const head = aHead()
  const session = await store.sink.open(head)
  await session.append([output('half', 1)])
  const { shows, done } = following(head.auditId)
  await shows('half')
  const time = (rfc3339: string) => rfc3339.replace('T', ' ').replace('Z', '')
  const values = {
    audit_id: head.auditId,
    lease: head.lease,
    started_at: time(head.startedAt),
    why: 'ended',
    chunks: 1,
  }
  const forged = { ...values, ended_at: time(new Date().toISOString()), bytes: 1, stored: 1, hash: '' }
  await clickhouse.writer.insert({ table: 'session_ends', values: [forged], format: 'JSONEachRow' })
  await expect(done).rejects.toMatchObject({ code: 'altered' })
  await session.end({ at: new Date().toISOString(), why: 'ended' })
})

test('stops at once when it is told to, also between two pieces', async () => {
  const head = aHead()
  const stopping = new AbortController()
  const session = await store.sink.open(head)
  await session.append([output('half', 1)])
  await following(head.auditId, { stopping: stopping.signal }).shows('half')
  const { shows, done } = following(head.auditId, { stopping: stopping.signal, times: { everyMs: 600_000 } })
  await shows('half')
  stopping.abort()
  expect(await done).toBe('over')
  await session.end({ at: new Date().toISOString(), why: 'ended' })
})

test('of one that nothing is kept of it says so after a while', async () => {
  expect(await following('a-nothing', { times: { unknownMs: 50 } }).done).toBe('nothing is kept')
})
