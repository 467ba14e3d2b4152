import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { forgetCompiled } from '../../../local/testing/forget-compiled.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'leasegate-compiled-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** The first is the oldest. */
async function compiled(version: string, count: number): Promise<void> {
  await mkdir(join(folder, version))
  for (let at = 0; at < count; at += 1) {
    const file = join(folder, version, String(at))
    await writeFile(file, '')
    await utimes(file, at, at)
  }
}

describe('forgetCompiled', () => {
  test('leaves the newer half of what one Node.js may have at most, and nothing is gone where that is not too much', async () => {
    await compiled('v24', 11)
    await compiled('v25', 10)
    await forgetCompiled(folder, 10)
    expect((await readdir(join(folder, 'v24'))).sort()).toEqual(['10', '6', '7', '8', '9'])
    expect(await readdir(join(folder, 'v25'))).toHaveLength(10)
  })

  test('does nothing where nothing was compiled yet', async () => {
    await expect(forgetCompiled(join(folder, 'none'))).resolves.toBeUndefined()
  })
})
