import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ChdbConnection } from 'chdb/connection'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { takeBlocks } from '../../../src/record/insert/embedded-blocks.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'leasegate-blocks-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Asked for nothing: the folder is looked at before. */
const connection = { exec: async () => ({}), command: async () => ({}) } as unknown as ChdbConnection

test.each(['all*', 'one?', '{a,b}', 'b.tar::a'])(
  'a folder called %s, which the engine takes for a pattern, is refused',
  async name => {
    await expect(takeBlocks(connection, join(folder, name))).rejects.toMatchObject({ code: 'not-configured' })
    expect(await readdir(folder)).toEqual([])
  },
)
