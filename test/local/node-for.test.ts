import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { HERE, nodeFor } from '../../local/release/client/node-for.ts'

const OTHER = HERE === 'linux-x64' ? 'linux-arm64' : 'linux-x64'
const before = process.env['LEASEGATE_CACHE_DIR']
let directory: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lg-node-for-'))
  process.env['LEASEGATE_CACHE_DIR'] = directory
})
afterAll(async () => {
  if (before === undefined) delete process.env['LEASEGATE_CACHE_DIR']
  else process.env['LEASEGATE_CACHE_DIR'] = before
  await rm(directory, { recursive: true, force: true })
})

test('the Node.js that is put into what is released is the one that is known, wherever it came from', async () => {
  expect(await nodeFor(HERE)).toContain(`node-${HERE}`)
  const folder = join(directory, `node-${OTHER}-${process.versions.node}`, 'package/bin')
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'node'), 'another one')
  await expect(nodeFor(OTHER)).rejects.toThrow(`${join(folder, 'node')} is not the one that is known`)
})

test('a kind of machine that there is none for is refused', async () => {
  await expect(nodeFor('plan9-mips')).rejects.toThrow('no Node.js')
})
