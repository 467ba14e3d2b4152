import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { lock } from '../../../local/process/lock.mjs'

const folder = await mkdtemp(join(tmpdir(), 'lg-lock-'))
const quiet = () => undefined
const SOURCE = join(import.meta.dirname, '../../../local/process/lock.mjs')

async function startTicks(): Promise<string> {
  const stat = await readFile('/proc/self/stat', 'utf8')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
}

describe('lock', () => {
  test('many processes that add to a file one after the other lose nothing', async () => {
    const [path, counter] = [join(folder, 'count.lock'), join(folder, 'count')]
    await writeFile(counter, '0')
    const script = `
      import { readFile, writeFile } from 'node:fs/promises'
      import { lock } from ${JSON.stringify(SOURCE)}
      for (let n = 0; n < 5; n++) {
        const unlock = await lock(${JSON.stringify(path)}, () => {})
        const seen = Number(await readFile(${JSON.stringify(counter)}, 'utf8'))
        await writeFile(${JSON.stringify(counter)}, String(seen + 1))
        await unlock()
      }`
    const adders = [1, 2, 3].map(() => spawn(process.execPath, ['--input-type=module', '-e', script]))
    await Promise.all(adders.map(adder => once(adder, 'exit')))
    expect(await readFile(counter, 'utf8')).toBe('15')
    expect((await readdir(folder)).filter(name => name.startsWith('count.lock'))).toEqual([])
  })

  test('who waits says so once, and gets it when it is given back', async () => {
    const path = join(folder, 'waiting.lock')
    const unlock = await lock(path, quiet)
    const waits = Promise.withResolvers<void>()
    const second = lock(path, waits.resolve)
    await waits.promise
    await unlock()
    await (await second)()
  })

  test.each([
    { name: 'a dead process', holder: () => '999999999 1' },
    { name: 'a dead process whose id another one has now', holder: () => `${process.pid} 1` },
    { name: 'a process that was cut off while writing', holder: () => '' },
  ])('a lock of $name is taken over by exactly one', async ({ name, holder }) => {
    const path = join(folder, `${name}.lock`)
    await writeFile(path, holder())
    let holders = 0
    let most = 0
    const one = async () => {
      const unlock = await lock(path, quiet)
      holders += 1
      most = Math.max(most, holders)
      await readFile(path, 'utf8')
      holders -= 1
      await unlock()
    }
    await Promise.all([one(), one(), one(), one()])
    expect(most).toBe(1)
  })

  test('names the process that holds it and when that started', async () => {
    const path = join(folder, 'content.lock')
    const unlock = await lock(path, quiet)
    expect(await readFile(path, 'utf8')).toBe(`${process.pid} ${await startTicks()}`)
    await unlock()
  })
})
