import { readdir } from 'node:fs/promises'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { enterDeletion } from '../../../src/record/audit/enter-deletion.ts'
import { openOwnLedger } from '../../../src/record/ledger/own-ledger.ts'
import { deleteSessions, type WhoseSessions } from '../../../src/record/sessions/delete-sessions.ts'
import { toRow } from '../../../src/record/to-rows.ts'
import { describeTrouble, openSink, verify } from '../../record/audit/a-record.ts'
import { openTestDatabase, select } from '../../record/embedded.ts'
import { item, leaseEvent } from '../../record/entries.ts'
import { type LedgerFolder, makeLedgerFolder } from '../../record/ledger/a-ledger.ts'
import { until } from '../../support/until.ts'
import { aHead, aRing, makeFolder, openStore, output, readAll, remove, sourceOf } from './a-store.ts'

const database = await openTestDatabase()
const { clickhouse } = database
const { writer } = clickhouse
const ring = aRing()
const source = sourceOf(clickhouse, ring)
const BOB = 'bob@example.com'
let folder: string
let ledger: LedgerFolder

beforeEach(async () => {
  await database.clear()
  folder = await makeFolder()
  ledger = await makeLedgerFolder()
  const sink = await openSink(ledger, clickhouse)
  const at = Date.now()
  await sink.write([
    toRow(item(leaseEvent({ lease: 'lse_1', agent: 'fixer', at }))),
    toRow(item(leaseEvent({ lease: 'lse_2', agent: 'cleaner', sponsor: BOB, at }))),
  ])
  const store = await openStore(folder, () => ring)
  const shipper = store.ship(sink)
  for (const [auditId, lease] of [
    ['one', 'lse_1'],
    ['two', 'lse_1'],
    ['bobs', 'lse_2'],
  ] as const) {
    const session = await store.sink.open(aHead({ auditId, lease }))
    await session.append([output(`of ${auditId}`)])
    await session.end({ at: new Date().toISOString(), why: 'done' })
  }
  await until('the spool to be empty', async () => (await readdir(folder)).length === 0)
  await shipper.stop()
  await store.sink.stop(null)
  await sink.checkpoint()
  await sink.close()
})
afterEach(async () => {
  await remove(folder)
  await ledger[Symbol.asyncDispose]()
})
afterAll(() => database[Symbol.asyncDispose]())

const troubles = async () => (await verify(ledger, clickhouse)).troubles.map(describeTrouble)
const WHY = { by: 'root', why: 'asked to by letter' }

async function deleteOnRequest(whose: WhoseSessions): Promise<void> {
  const { directory, keyFile } = ledger
  const own = await openOwnLedger({ directory, keyFile, owner: 'eraser' })
  const entered = enterDeletion(own.ledger, writer, { ...WHY, of: whose.kind })
  await deleteSessions(writer, whose, { ...WHY, around: entered.around })
  await entered.close()
}

const left = async () =>
  (await select(writer, 'SELECT DISTINCT audit_id FROM session_keys ORDER BY audit_id')).map(row => row['audit_id'])

describe('deleteSessions', () => {
  test.each<{ whose: WhoseSessions; stay: readonly string[] }>([
    { whose: { kind: 'session', name: 'one' }, stay: ['bobs', 'two'] },
    { whose: { kind: 'agent', name: 'fixer' }, stay: ['bobs'] },
    { whose: { kind: 'sponsor', name: BOB }, stay: ['one', 'two'] },
    { whose: { kind: 'lease', name: 'lse_1' }, stay: ['bobs'] },
  ])('takes what it is told to, says who and why, and is known to the ledger: $whose.kind', async ({ whose, stay }) => {
    expect(await troubles()).toEqual([])
    await deleteOnRequest(whose)
    expect(await left()).toEqual(stay)
    for (const auditId of ['one', 'two', 'bobs']) {
      if (stay.includes(auditId)) expect((await readAll(source, auditId))?.text).toBe(`of ${auditId}`)
      else {
        const message = expect.stringMatching(/was deleted by root at 20.*Z: asked to by letter/)
        await expect(source.open(auditId)).rejects.toMatchObject({ code: 'gone', message })
      }
    }
    const of = (table: string) => select(writer, `SELECT DISTINCT audit_id FROM ${table} ORDER BY audit_id`)
    for (const table of ['session_chunks', 'session_ends']) {
      expect((await of(table)).map(row => row['audit_id'])).toEqual(stay)
    }
    const { troubles: found, counts } = await verify(ledger, clickhouse)
    expect(found.map(describeTrouble)).toEqual([])
    expect(counts.deletedOnRequest).toBe(3 - stay.length)
  })

  test('taken away without an entry, the ledger misses it; changed, it says so', async () => {
    await writer.command({
      query: "ALTER TABLE session_ends DELETE WHERE audit_id = 'one'",
      clickhouse_settings: { mutations_sync: '2' },
    })
    await writer.command({
      query: "ALTER TABLE session_ends UPDATE hash = 'other' WHERE audit_id = 'two'",
      clickhouse_settings: { mutations_sync: '2' },
    })
    expect((await troubles()).toSorted()).toEqual(['deleted session one', 'edited session two'])
    await expect(readAll(source, 'two')).rejects.toMatchObject({ code: 'altered' })
  })

  test('a key that is gone leaves nothing that anybody could read', async () => {
    await writer.command({
      query: "ALTER TABLE session_keys DELETE WHERE audit_id = 'one'",
      clickhouse_settings: { mutations_sync: '2' },
    })
    await expect(source.open('one')).rejects.toMatchObject({ code: 'gone' })
  })
})

test('two taps bring theirs into one record, each out of its own spool', async () => {
  const folders = [await makeFolder(), await makeFolder()]
  const sink = await openSink(ledger, clickhouse, 'tap-b')
  const taps = await Promise.all(
    folders.map(async home => {
      const store = await openStore(home, () => ring)
      return { home, store, shipper: store.ship(sink) }
    }),
  )
  await Promise.all(
    taps.map(async ({ store }, tap) => {
      for (let n = 0; n < 5; n++) {
        const session = await store.sink.open(aHead({ auditId: `tap-${tap}-${n}` }))
        await session.append([output(`tap ${tap} session ${n}`)])
        await session.end({ at: new Date().toISOString(), why: 'done' })
      }
    }),
  )
  for (const { home } of taps) await until('the spool to be empty', async () => (await readdir(home)).length === 0)
  for (const { store, shipper, home } of taps) {
    await shipper.stop()
    await store.sink.stop(null)
    await remove(home)
  }
  await sink.checkpoint()
  await sink.close()
  for (const tap of [0, 1]) {
    for (let n = 0; n < 5; n++) {
      expect((await readAll(source, `tap-${tap}-${n}`))?.text).toBe(`tap ${tap} session ${n}`)
    }
  }
  expect(await troubles()).toEqual([])
})
