import { setImmediate as others, setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Spool } from '../../../../src/session/store/spool/spool.ts'
import { makeFolder, remove } from '../a-store.ts'

const MIB = 2 ** 20
let folder: string
let spool: Spool
let session: string

beforeEach(async () => {
  folder = await makeFolder()
  spool = await Spool.open(folder, 16 * MIB)
  session = spool.begin('a-session', '{}')
})
afterEach(() => remove(folder))

/** Whether it is resolved when everything that waits for nothing is done. */
async function isAtOnce(promise: Promise<void>): Promise<boolean> {
  let isDone = false
  void promise.then(() => {
    isDone = true
  })
  await others()
  return isDone
}

test('a session waits from half of its share on, until the record has taken some of it', async () => {
  spool.claim(session, MIB)
  expect(await isAtOnce(spool.eased(session))).toBe(true)
  spool.claim(session, 2 * MIB)
  const waiting = spool.eased(session)
  expect(await isAtOnce(waiting)).toBe(false)
  spool.taken(session, 2 * MIB)
  expect(await isAtOnce(waiting)).toBe(true)
})

test('a session waits for another one that fills the spool', async () => {
  for (const name of ['b', 'c', 'd']) spool.claim(spool.begin(name, '{}'), 3 * MIB)
  expect(await isAtOnce(spool.eased(session))).toBe(false)
})

test('a record that takes little is waited for again and again, however the end of a wait falls', async () => {
  spool.claim(session, 3.5 * MIB)
  for (let n = 0; n < 3; n++) {
    const waiting = spool.eased(session)
    for (let taken = 0; taken < 4; taken++) {
      await pause(100)
      spool.taken(session, 1000)
    }
    await waiting
  }
  expect(await isAtOnce(spool.eased(session))).toBe(false)
})

test('a record that takes nothing is waited for once, until it takes something', async () => {
  spool.claim(session, 3 * MIB)
  await spool.eased(session)
  expect(await isAtOnce(spool.eased(session))).toBe(true)
  // What is sealed takes less room, and is not away.
  spool.grow(session, -1000)
  expect(await isAtOnce(spool.eased(session))).toBe(true)
  spool.taken(session, 1000)
  expect(await isAtOnce(spool.eased(session))).toBe(false)
})
