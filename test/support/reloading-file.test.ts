import { mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ReloadingFile } from '../../src/support/reloading-file.ts'
import { ok, problem } from '../../src/support/text/parsed.ts'
import { until } from './until.ts'

let dir: string
let problems: string[]
const open: ReloadingFile<{ text: string }>[] = []
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'leasegate-file-'))
  problems = []
})
afterEach(async () => {
  for (const file of open.splice(0)) file.close()
  await rm(dir, { recursive: true })
})

async function watch(path: string, everyMs = 5) {
  const file = await ReloadingFile.open({
    path,
    parse: text => (text.startsWith('good') ? ok({ text }) : problem('not good')),
    onProblem: message => problems.push(message),
    everyMs,
  })
  open.push(file)
  return file
}

describe('ReloadingFile', () => {
  test('does not open with a file that is missing or wrong', async () => {
    await writeFile(join(dir, 'wrong'), 'secret')
    await expect(watch(join(dir, 'missing'))).rejects.toThrow('ENOENT')
    await expect(watch(join(dir, 'wrong'))).rejects.toThrow(/not good$/)
  })

  test('follows the file, and gives the same object while it does not change', async () => {
    const path = join(dir, 'file')
    await writeFile(path, 'good one')
    const file = await watch(path)
    const before = file.current
    await file.reload()
    expect(file.current).toBe(before)
    await writeFile(path, 'good two')
    await until('the change to be seen', () => file.current.text === 'good two')
  })

  test('follows a file that is swapped by a link, as in a mounted volume', async () => {
    await writeFile(join(dir, 'one'), 'good one')
    await writeFile(join(dir, 'two'), 'good two')
    await symlink('one', join(dir, 'file'))
    const file = await watch(join(dir, 'file'))
    await symlink('two', join(dir, 'next'))
    await rename(join(dir, 'next'), join(dir, 'file'))
    await until('the change to be seen', () => file.current.text === 'good two')
  })

  test('keeps the last good content when the file goes wrong or away, says so, and recovers', async () => {
    const path = join(dir, 'file')
    await writeFile(path, 'good one')
    const file = await watch(path, 60_000)
    await writeFile(path, 'hunter2')
    await file.reload()
    await rm(path)
    await file.reload()
    await file.reload()
    expect(file.current.text).toBe('good one')
    expect(problems).toEqual([expect.stringContaining('not good'), expect.stringContaining('ENOENT')])
    expect(problems.join('\n')).not.toContain('hunter2')
    await writeFile(path, 'good two')
    await file.reload()
    expect(file.current.text).toBe('good two')
  })
})
