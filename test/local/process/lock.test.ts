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

const holding = new Map<string, number>()

/** How many held it when one more had got it. */
async function holdersOf(path: string): Promise<number> {
  const unlock = await lock(path, quiet)
  const holders = (holding.get(path) ?? 0) + 1
  holding.set(path, holders)
  // Long enough for others to take it, were it free.
  for (let n = 0; n < 20; n++) await readFile(path, 'utf8').catch(() => undefined)
  holding.set(path, (holding.get(path) ?? 0) - 1)
  await unlock()
  return holders
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
    const paths = Array.from({ length: 25 }, (_, n) => join(folder, `${name}-${n}.lock`))
    for (const path of paths) await writeFile(path, holder())
    const holders = await Promise.all(paths.flatMap(path => Array.from({ length: 6 }, () => holdersOf(path))))
    expect(Math.max(...holders)).toBe(1)
    // Who had it is gone, and so is what was taken to remove it.
    expect((await readdir(folder)).filter(file => file.startsWith(`${name}-`))).toEqual([])
  })

  test('one that was left by whoever died while removing another is removed as well', async () => {
    const path = join(folder, 'removing.lock')
    await writeFile(path, '999999999 1')
    await writeFile(`${path}.stale`, '999999998 1')
    const unlock = await lock(path, quiet)
    await unlock()
    expect((await readdir(folder)).filter(file => file.startsWith('removing.lock'))).toEqual([])
  })

  test('names the process that holds it and when that started', async () => {
    const path = join(folder, 'content.lock')
    const unlock = await lock(path, quiet)
    expect(await readFile(path, 'utf8')).toBe(`${process.pid} ${await startTicks()}`)
    await unlock()
  })
})
