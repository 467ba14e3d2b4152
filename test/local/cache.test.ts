import { existsSync } from 'node:fs'
import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { cached } from '../../local/toolchain/cache.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lg-cache-'))
  vi.stubEnv('LEASEGATE_CACHE_DIR', directory)
})
// Not by itself: the files that follow in this process would install everything there.
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(directory, { recursive: true })
})

const quiet = () => undefined

describe('cached', () => {
  test('builds once, for all who ask at the same time', async () => {
    let builds = 0
    const recipe = {
      name: 'tool-1',
      report: quiet,
      build: async (folder: string) => {
        builds += 1
        await writeFile(join(folder, 'tool'), 'x')
      },
    }
    const folders = await Promise.all([cached(recipe), cached(recipe), cached(recipe)])
    expect(new Set(folders).size).toBe(1)
    expect(builds).toBe(1)
    expect(await readFile(join(folders[0] ?? '', 'tool'), 'utf8')).toBe('x')
  })

  test('a build that failed leaves nothing to be taken for a tool, and says where its log is', async () => {
    const failing = cached({
      name: 'tool-2',
      report: quiet,
      build: async (folder, logFile) => {
        await writeFile(join(folder, 'half'), '')
        await appendFile(logFile, 'compiling\nno space left on device\n')
        throw new Error('go build ended with exit code 1')
      },
    })
    await expect(failing).rejects.toThrow(
      /could not install tool-2 \(the disk is full\): go build.*\n[\s\S]*tool-2\.log/,
    )
    expect(await readdir(process.env['LEASEGATE_CACHE_DIR'] ?? '')).toEqual(['tool-2.log'])
    const folder = await cached({ name: 'tool-2', report: quiet, build: f => writeFile(join(f, 'whole'), '') })
    expect(existsSync(join(folder, 'half'))).toBe(false)
  })
})
