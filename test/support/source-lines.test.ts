import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const run = promisify(execFile)
const MODULE = new URL('../../src/support/process/source-lines.ts', import.meta.url).href
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lg-lines-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Its first line is the fifth of the source, which is all that the map says. */
const MAP = { version: 3, sources: ['../src/it.ts'], names: [], mappings: 'AAIA' }

/** The stack of what a file of this name and with this map throws. */
async function stackOf(name: string, map: string | null): Promise<string> {
  const file = join(folder, name)
  await writeFile(file, `throw new TypeError('it failed')`)
  if (map !== null) await writeFile(`${file}.map`, map)
  const program = `import { nameSourceLines } from ${JSON.stringify(MODULE)}
nameSourceLines()
try { await import(${JSON.stringify(file)}) } catch (error) { console.log(error.stack) }`
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program])
  return stdout
}

describe('a stack trace', () => {
  test('names the line of the source', async () => {
    const stack = await stackOf('mapped.cjs', JSON.stringify(MAP))
    expect(stack).toMatch(/^TypeError: it failed\n {4}at /)
    expect(stack).toContain(`${join(folder, '../src/it.ts')}:5:1`)
    expect(stack).not.toContain('mapped.cjs')
  })

  test.each([
    { name: 'without-a-map.cjs', map: null },
    { name: 'odd.cjs', map: '{"version":' },
    { name: 'of-nothing.cjs', map: '{"version":3,"sources":[],"mappings":""}' },
    { name: 'plain.mjs', map: JSON.stringify(MAP) },
  ])('names the line of the program where nobody knows another: $name', async ({ name, map }) => {
    const stack = await stackOf(name, map)
    expect(stack).toMatch(/^TypeError: it failed\n {4}at /)
    expect(stack).toContain(`${name}:1:7`)
  })
})
