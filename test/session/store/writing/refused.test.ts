import { readdir } from 'node:fs/promises'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { RecordError, type RecordSink } from '../../../../src/record/record-sink.ts'
import { openTestDatabase } from '../../../record/embedded.ts'
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

const END = { at: '2026-11-29T10:00:00.000Z', why: 'done' }

/** The record, which takes no row of some sessions, and nothing of an insert that has one. */
function refusing(isRefused: (auditId: unknown) => boolean): RecordSink {
  const inner = recordOf(clickhouse)
  return {
    write: async (rows, name) => {
      if (rows.some(({ values }) => isRefused(values['audit_id'])))
        throw new RecordError('refused', 'a row that fits not')
      await inner.write(rows, name)
    },
  }
}

describe('a session that the record refuses', () => {
  test('stays in the spool and is counted, the others are brought there, and it comes when it is taken again', async () => {
    let refused = 'a-refused'
    const store = await openStore(folder, () => ring)
    const ids = ['a-first', 'a-refused', 'a-last']
    for (const auditId of ids) {
      const session = await store.sink.open(aHead({ auditId }))
      await session.append([output(`said by ${auditId}`)])
      await session.end(END)
    }
    const shipper = store.ship(refusing(auditId => auditId === refused))
    await until('the others to be brought', async () => (await readdir(folder)).length === 1)
    expect(shipper.status).toMatchObject({ stuck: 1, failingSince: null })
    const source = sourceOf(clickhouse, ring)
    expect((await readAll(source, 'a-first'))?.text).toBe('said by a-first')
    expect((await readAll(source, 'a-last'))?.ended).toEqual(END)
    expect(await readAll(source, 'a-refused')).toBeNull()
    refused = ''
    await until('it to be brought as well', async () => (await readdir(folder)).length === 0)
    expect((await readAll(source, 'a-refused'))?.text).toBe('said by a-refused')
    await until('none to be counted', () => shipper.status.stuck === 0)
    await shipper.stop()
    await store.sink.stop(null)
  })
})
