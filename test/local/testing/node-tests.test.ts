import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { whyNoNode } from '../../../local/node/packages.ts'
import { whyNoRights } from '../../../local/node/rights.ts'
import {
  areNodeTests,
  IN_EVERY_RUN,
  namedAsNotRun,
  nodeConfigs,
  nodeTestFile,
} from '../../../local/testing/node-tests.ts'

const ROOT = join(import.meta.dirname, '../../..')
const able = { platform: 'linux', isRoot: true, missing: [] }

describe('whyNoNode', () => {
  test('is nothing where Linux, root and packages are', () => {
    expect(whyNoNode(able)).toBeNull()
  })

  test.each([
    { ...able, platform: 'darwin' },
    { ...able, isRoot: false },
  ])('says that Linux and root are needed: $platform, root $isRoot', machine => {
    expect(whyNoNode(machine)).toMatch(/^a real node needs Linux and root: [^\n]*$/)
  })

  test('names what is missing, with the command that installs it', () => {
    const why = whyNoNode({ ...able, missing: ['runc', 'ipset'] })
    expect(why).toMatch(/packages that are missing: apt-get install --no-install-recommends runc ipset$/)
  })
})

describe('whyNoRights', () => {
  test('says in one line what this root may not do', async () => {
    const path = process.env['PATH']
    const folder = await mkdtemp(join(tmpdir(), 'lg-'))
    await writeFile(join(folder, 'unshare'), '#!/bin/sh\necho "unshare failed: not permitted" >&2; exit 1\n', {
      mode: 0o755,
    })
    try {
      process.env['PATH'] = `${folder}:${path}`
      expect(await whyNoRights()).toMatch(/^a real node needs rights[^\n]*: unshare failed: not permitted$/)
    } finally {
      process.env['PATH'] = path
      await rm(folder, { recursive: true })
    }
  })
})

describe('tests of a node that were not run', () => {
  test('are named one by one, with the reason', async () => {
    const files = (await readdir(join(ROOT, 'test/node'))).filter(name => name.endsWith('.test.ts'))
    const lines = await namedAsNotRun(ROOT, 'no root')
    expect(lines.length).toBeGreaterThan(2)
    for (const file of files) expect(lines).toContain(`not run here: test/node/${file}: no root`)
  })

  test('are not named where they were run', async () => {
    const lines = await namedAsNotRun(ROOT, 'no time', [nodeTestFile('image')])
    expect(lines.join()).toContain('test/node/ends/ends.test.ts')
    expect(lines.join()).not.toContain('test/node/image.test.ts')
  })

  test('may be those of another folder that is asked for', async () => {
    const lines = await namedAsNotRun(ROOT, 'no time', [], 'test/release')
    const named = ['client-image', 'release'].map(name => `not run here: test/release/${name}.test.ts: no time`)
    expect(lines).toEqual(named)
  })

  test('are files that are there, where every run has them', async () => {
    const files = await readdir(join(ROOT, 'test/node'))
    for (const name of IN_EVERY_RUN) expect(files).toContain(`${name}.test.ts`)
    expect(areNodeTests(IN_EVERY_RUN.map(nodeTestFile))).toBe(IN_EVERY_RUN.length > 0)
  })

  test('are asked for by their folder', () => {
    expect(areNodeTests(['test/node/image.test.ts'])).toBe(true)
    expect(areNodeTests(['test/local'])).toBe(false)
    expect(areNodeTests([])).toBe(false)
  })

  test('that have a node of their own come after those that share one, where they are asked for', () => {
    const [shared, own] = ['test/node/vitest.config.ts', 'test/node/ends/vitest.config.ts']
    expect(nodeConfigs(['test/node'])).toEqual([shared, own])
    expect(nodeConfigs(['test/node/'])).toEqual([shared, own])
    expect(nodeConfigs(['test/node/image.test.ts'])).toEqual([shared])
    expect(nodeConfigs(['test/node/ends'])).toEqual([own])
    expect(nodeConfigs(['test/node/ends/ends.test.ts', '-t', 'killed'])).toEqual([own])
    expect(nodeConfigs(['test/node/ends', 'test/node/image.test.ts'])).toEqual([shared, own])
  })
})
