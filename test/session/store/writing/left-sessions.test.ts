import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { keysOf } from '../../../../src/session/store/keys/key-file.ts'
import type { SessionKeys } from '../../../../src/session/store/keys/session-keys.ts'
import { SessionError } from '../../../../src/session/store/session-error.ts'
import { Spool } from '../../../../src/session/store/spool/spool.ts'
import { openSpoolSessionSink } from '../../../../src/session/store/spool/spool-session-sink.ts'
import { until } from '../../../support/until.ts'
import { aHead, aRing, makeFolder, openStore, output, quiet, remove } from '../a-store.ts'

const ring = aRing()
const keys = keysOf(() => ring)
let folder: string

beforeEach(async () => {
  folder = await makeFolder()
})
afterEach(() => remove(folder))

/** Sessions of a process that went away. */
async function leave(count: number): Promise<void> {
  const store = await openStore(folder, () => ring)
  for (let n = 0; n < count; n++) await (await store.sink.open(aHead())).append([output('said')])
  await store.sink.stop(null)
}

async function ended(): Promise<number> {
  const sessions = await readdir(folder)
  const files = await Promise.all(sessions.map(session => readdir(join(folder, session))))
  return files.filter(names => names.includes('ending')).length
}

const started = async (unwrap: SessionKeys['unwrap']) =>
  openSpoolSessionSink(await Spool.open(folder, 2 ** 30), { ...keys, unwrap }, quiet)

describe('sessions that were left running', () => {
  test('are ended while new ones are taken, however long their keys take', async () => {
    await leave(3)
    const gate = Promise.withResolvers<void>()
    const sink = await started(async (...given) => {
      await gate.promise
      return keys.unwrap(...given)
    })
    await (await sink.open(aHead())).append([output('new')])
    expect(await ended()).toBe(0)
    gate.resolve()
    await until('all to have ended', async () => (await ended()) === 3)
    await sink.stop(null)
  })

  test('wait for what opens their keys: one asks, and not each of them', async () => {
    await leave(3)
    let asked = 0
    const sink = await started(async () => {
      asked += 1
      throw new SessionError('unavailable', 'the key command is away')
    })
    await (await sink.open(aHead())).append([output('new')])
    await until('one to ask', () => asked > 0)
    await (await sink.open(aHead())).append([output('another')])
    expect([asked, await ended()]).toEqual([1, 0])
    await sink.stop(null)
  })

  test('are ended though one of them cannot be', async () => {
    await leave(3)
    let asked = 0
    const sink = await started(async (...given) => {
      asked += 1
      if (asked === 1) throw new SessionError('altered', 'it is not what it was')
      return keys.unwrap(...given)
    })
    await until('the others to have ended', async () => (await ended()) === 2)
    await sink.stop(null)
  })
})
