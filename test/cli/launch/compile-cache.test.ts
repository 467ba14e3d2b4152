import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MAIN } from '../../../local/edition/leasegate.ts'

const run = promisify(execFile)
let home: string

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'lg-compiled-'))
})
afterAll(() => rm(home, { recursive: true, force: true }))

/** What a program said that was started with this folder for caches, and what it kept there. */
async function started(cacheHome: string, command = 'credential') {
  const { PATH, HOME } = process.env
  const env = { PATH, HOME, XDG_CACHE_HOME: cacheHome }
  const { stdout } = await run(process.execPath, [MAIN, command, '--help'], { env, cwd: home })
  const kept = await readdir(join(cacheHome, 'leasegate', 'compiled')).catch(() => [])
  return { said: stdout, kept: kept.length }
}

describe('what Node compiled', () => {
  test('is kept for the next start', async () => {
    const { said, kept } = await started(join(home, 'ours'))
    expect(said).toContain('Usage: leasegate credential')
    expect(kept).toBeGreaterThan(0)
  })

  test('is neither kept nor run where others may write', async () => {
    const folder = join(home, 'shared', 'leasegate', 'compiled')
    await mkdir(folder, { recursive: true })
    await chmod(folder, 0o777)
    const { said, kept } = await started(join(home, 'shared'))
    expect(said).toContain('Usage: leasegate credential')
    expect(kept).toBe(0)
  })

  test('is neither kept nor run where others may exchange a folder above', async () => {
    await mkdir(join(home, 'open'))
    await chmod(join(home, 'open'), 0o777)
    expect(await started(join(home, 'open', 'cache'))).toMatchObject({ kept: 0 })
  })

  test('is neither kept nor run where the folder counts from wherever somebody stands', async () => {
    await started('here')
    expect(await readdir(home)).not.toContain('here')
  })

  test('is neither kept nor run by what speaks for people or holds keys', async () => {
    for (const command of ['approve', 'broker', 'authorizer', 'keys']) {
      expect(await started(join(home, 'other'), command), command).toMatchObject({ kept: 0 })
    }
  })

  test('is not missed where no folder can be made', async () => {
    await writeFile(join(home, 'a-file'), '')
    // Below /proc it is said that a folder is missing, and there is none that could be made.
    for (const folder of [join(home, 'a-file'), '/proc/none']) {
      const { said } = await started(folder)
      expect(said, folder).toContain('Usage: leasegate credential')
    }
  })
})
