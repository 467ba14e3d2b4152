import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ROOT } from './built-image.ts'

interface Locked {
  readonly version?: string
  readonly integrity?: string
  readonly resolved?: string
  readonly license?: string
  readonly dev?: boolean
  readonly link?: boolean
  readonly hasInstallScript?: boolean
}

const { packages } = JSON.parse(await readFile(join(ROOT, 'package-lock.json'), 'utf8')) as {
  readonly packages: Readonly<Record<string, Locked>>
}
const all = Object.entries(packages).filter(([path]) => path !== '')
const inProduction = all.filter(([, { dev }]) => dev !== true)

/** Permissive ones; PSF-2.0 is argparse's, which came from Python. */
const LICENCES = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT', 'MIT-0', 'PSF-2.0', 'Unlicense']

/** The oldest that may run: with less, holes are open that are known of. */
const FLOORS: Readonly<Record<string, readonly [number, number, number]>> = {
  '@grpc/grpc-js': [1, 14, 3],
  jose: [6, 1, 0],
  ioredis: [5, 8, 0],
  '@clickhouse/client': [1, 12, 0],
  hono: [4, 10, 3],
  protobufjs: [7, 5, 4],
}

describe('what we take from others', () => {
  test('comes from a registry with its hash: no folder, no git', () => {
    const loose = all.filter(
      ([, { integrity = '', resolved = 'https:', link }]) =>
        link === true || !integrity.startsWith('sha512-') || !resolved.startsWith('https:'),
    )
    expect(loose.map(([path]) => path)).toEqual([])
  })

  test('is licensed as we may pass it on', () => {
    const others = inProduction.filter(([, { license = '' }]) => !LICENCES.includes(license))
    expect(others.map(([path, { license }]) => `${path}: ${license}`)).toEqual([])
  })

  test('wants to run scripts of its own at install in few places, all known: the image lets none', () => {
    const wanting = all.filter(([, { hasInstallScript }]) => hasInstallScript === true).map(([path]) => path)
    expect(wanting).toEqual(['node_modules/chdb', 'node_modules/node', 'node_modules/protobufjs'])
  })

  test('is no more than a person can look through', () => {
    expect(inProduction.length).toBeLessThan(175)
  })

  test.each(Object.entries(FLOORS))('%s is not older than %j', (name, floor) => {
    const found = (packages[`node_modules/${name}`]?.version ?? '0.0.0').split('.').map(Number)
    const [first] = [0, 1, 2].flatMap(index => ((found[index] ?? 0) === floor[index] ? [] : [index]))
    if (first !== undefined) expect(found[first]).toBeGreaterThan(floor[first] ?? 0)
  })
})
