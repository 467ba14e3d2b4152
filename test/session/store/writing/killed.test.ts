import { spawn } from 'node:child_process'
import { copyFile, readdir, readFile, rm, truncate, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { LEFT } from '../../../../src/session/store/spool/take-over.ts'
import { openTestDatabase } from '../../../record/embedded.ts'
import { until } from '../../../support/until.ts'
import { aHead, aRing, makeFolder, openStore, output, readAll, recordOf, remove, sourceOf } from '../a-store.ts'

const database = await openTestDatabase()
const { clickhouse } = database
const WRITER = fileURLToPath(new URL('killed-writer.ts', import.meta.url))
const ring = aRing()
const source = sourceOf(clickhouse, ring)
let folder: string

beforeEach(async () => {
  folder = await makeFolder()
})
afterEach(() => remove(folder))
afterAll(() => database[Symbol.asyncDispose]())

const keys = JSON.stringify({ keys: ring.map(({ key }) => key.toString('base64url')) })
const END = { at: '2026-11-29T10:00:00.000Z', why: 'done' }

/** Everything of the folder into the record, by a process that comes after. */
async function takenOver(): Promise<void> {
  const store = await openStore(folder, () => ring)
  const shipper = store.ship(recordOf(clickhouse))
  await until('the spool to be empty', async () => (await readdir(folder)).length === 0)
  await shipper.stop()
  await store.sink.stop(null)
}

/** The folder of the only session. */
async function only(): Promise<string> {
  const [name = ''] = await readdir(folder)
  return join(folder, name)
}

describe('a session whose recorder went away', () => {
  test.each([1, 2, 3])(
    'killed while it writes: what was said to be kept is there, in order, and it says why it ended (%i)',
    async n => {
      const auditId = `a-killed-${n}`
      const child = spawn(process.execPath, [WRITER, folder, keys, auditId], { stdio: ['ignore', 'pipe', 'inherit'] })
      let said = ''
      child.stdout.on('data', chunk => {
        said += chunk
        if (said.split('\n').length > 150 * n) child.kill('SIGKILL')
      })
      await text(child.stdout)
      const kept = said.split('\n').slice(0, -1).length
      await takenOver()
      const read = await readAll(source, auditId)
      expect(read?.ended?.why).toBe(LEFT)
      expect(read?.events.length).toBeGreaterThanOrEqual(kept)
      expect(read?.events.length).toBeLessThanOrEqual(kept + 1)
      expect(read?.events.map(({ atMs }) => atMs)).toEqual(read?.events.map((_, index) => index))
    },
    60_000,
  )

  test('in the middle of a frame: what came before is kept', async () => {
    // It has 54: its length, nonce, header, text and tag.
    const cuts = [1, 15, 17, 20, 50, 53]
    for (const cut of cuts) {
      const store = await openStore(folder, () => ring)
      const head = aHead()
      const session = await store.sink.open(head)
      await session.append([output('one', 1)])
      await session.append([output('two', 2)])
      await store.sink.stop(null)
      const open = join(await only(), '0.open')
      await truncate(open, (await readFile(open)).length - cut)
      await takenOver()
      expect((await readAll(source, head.auditId))?.text).toBe('one')
    }
  }, 60_000)
})

describe('when a session ended whose recorder went away', () => {
  test.each([
    { name: 'frames', size: 1000 },
    { name: 'chunks', size: 300_000 },
  ])('is when the last of its $name was written', async ({ size }) => {
    const store = await openStore(folder, () => ring)
    const head = aHead()
    const session = await store.sink.open(head)
    await session.append([output('x'.repeat(size), 1)])
    await store.sink.stop(null)
    const began = new Date(Date.now() - 3_600_000)
    await utimes(join(await only(), 'head.json'), began, began)
    await takenOver()
    const ended = Date.parse((await readAll(source, head.auditId))?.ended?.at ?? '')
    expect(ended).toBeGreaterThan(began.getTime() + 3_000_000)
  })
})

describe('a spool that somebody changed', () => {
  /** Five segments, of two frames each; or chunks at once, as large pieces are. */
  async function aSession(pieces: 'small' | 'large' = 'small') {
    const store = await openStore(folder, () => ring)
    const head = aHead()
    const session = await store.sink.open(head)
    const [count, size] = pieces === 'small' ? [10, 140_000] : [5, 270_000]
    for (let n = 0; n < count; n++) await session.append([output('x'.repeat(size), n)])
    await session.end(END)
    await store.sink.stop(null)
    return { head, path: await only() }
  }

  test.each([
    {
      name: 'a segment that is gone',
      change: (path: string) => rm(join(path, '2.closed')),
      says: 'chunk 2 was missing',
    },
    {
      name: 'a segment that is shorter, by whole frames',
      change: (path: string) => truncate(join(path, '1.closed'), 140_000 + 19 + 28 + 4),
      says: 'chunk 1 was altered',
    },
    { name: 'the last segment', change: (path: string) => rm(join(path, '4.closed')), says: 'chunk 4 was missing' },
    {
      name: 'a chunk that is gone',
      pieces: 'large' as const,
      change: (path: string) => rm(join(path, '2.sealed')),
      says: 'chunk 2 was missing',
    },
    {
      name: 'a chunk that is shorter',
      pieces: 'large' as const,
      change: (path: string) => truncate(join(path, '1.sealed'), 40),
      says: 'chunk 1 was altered',
    },
    {
      name: 'chunks that changed places',
      pieces: 'large' as const,
      change: (path: string) => copyFile(join(path, '3.sealed'), join(path, '1.sealed')),
      says: 'chunk 1 was altered',
    },
    {
      name: 'the last chunk',
      pieces: 'large' as const,
      change: (path: string) => rm(join(path, '4.sealed')),
      says: 'chunk 4 was missing',
    },
    {
      name: 'how it ended',
      change: (path: string) => writeFile(join(path, 'ending'), Buffer.alloc(100)),
      says: 'chunk 5 was missing',
    },
  ])('says which chunk: $name', async ({ change, says, pieces }) => {
    const { head, path } = await aSession(pieces)
    await change(path)
    await takenOver()
    await expect(readAll(source, head.auditId)).rejects.toMatchObject({
      code: 'altered',
      message: expect.stringContaining(says),
    })
  })

  test('a head that was changed opens nothing: the session stays, and the others go on', async () => {
    const { head, path } = await aSession()
    const file = join(path, 'head.json')
    const before = await readFile(file, 'utf8')
    await writeFile(file, before.replace('lse_1', 'lse_9'))
    const store = await openStore(folder, () => ring)
    const shipper = store.ship(recordOf(clickhouse))
    const other = aHead()
    await (await store.sink.open(other)).end(END)
    await until('the other to be there', async () => (await source.open(other.auditId))?.ended != null)
    await until('the session that stays to be told of', () => shipper.status.stuck === 1)
    expect(await source.open(head.auditId)).toBeNull()
    await writeFile(file, before)
    await until('the spool to be empty', async () => (await readdir(folder)).length === 0)
    expect((await readAll(source, head.auditId))?.events).toHaveLength(10)
    await shipper.stop()
    await store.sink.stop(null)
  })
})
