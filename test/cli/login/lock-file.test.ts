import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { withLock } from '../../../src/cli/login/store/lock-file.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lg-lock-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test('who holds a lock has it for as long as the work takes, however long that is', async () => {
  const path = join(folder, 'slow.lock')
  let isDone = false
  const slow = withLock(
    path,
    async () => {
      await sleep(4000)
      isDone = true
    },
    1500,
  )
  await sleep(100)
  await withLock(path, async () => expect(isDone).toBe(true), 1500)
  await slow
  expect(await readdir(folder)).toEqual([])
})

test('a lock of another machine of which nothing is heard is taken over', async () => {
  const path = join(folder, 'left.lock')
  await writeFile(path, `not-${hostname()} 1 x`)
  await utimes(path, 0, 0)
  expect(await withLock(path, async () => 'done')).toBe('done')
})
