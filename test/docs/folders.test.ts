import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')
const FILES = globSync('src/*/**/*.ts', { cwd: ROOT })

const folderOf = (file: string) => file.split('/')[1] ?? ''

/** By folder of src, the others that it imports from, each with a file that does. */
const IMPORTS = new Map<string, Map<string, string>>()
for (const file of FILES) {
  const text = readFileSync(join(ROOT, file), 'utf8')
  for (const [, path = ''] of text.matchAll(/(?:from |import\()'(\.[^']+)'/g)) {
    const target = normalize(join(dirname(file), path))
    if (!target.startsWith('src/') || folderOf(target) === folderOf(file)) continue
    const ours = IMPORTS.get(folderOf(file)) ?? new Map()
    IMPORTS.set(folderOf(file), ours.set(folderOf(target), `${file} imports ${target}`))
  }
}

/** A way from a folder back to itself, an import a line; null where there is none. */
function wayBack(from: string): readonly string[] | null {
  const seen = new Set<string>()
  const walk = (at: string, way: readonly string[]): readonly string[] | null => {
    for (const [next, because] of IMPORTS.get(at) ?? []) {
      if (next === from) return [...way, because]
      if (seen.has(next)) continue
      seen.add(next)
      const found = walk(next, [...way, because])
      if (found !== null) return found
    }
    return null
  }
  return walk(from, [])
}

test('no file of src has more than 300 lines', () => {
  const longer = FILES.filter(file => readFileSync(join(ROOT, file), 'utf8').split('\n').length > 301)
  expect(longer).toEqual([])
})

/** Those that want to be split; no other may come to want it. */
const WELL_FILLED = ['src/broker/console/pages', 'src/broker/leases', 'src/cli/lease', 'src/policy/risk']

describe('folders of src', () => {
  test('none has more than ten files', () => {
    const counts = Map.groupBy(FILES, dirname)
    const fuller = [...counts].filter(([, files]) => files.length > 10).map(([folder]) => folder)
    expect(fuller.toSorted()).toEqual(WELL_FILLED)
  })

  test.each([...IMPORTS.keys()])('%s is imported by nothing that it imports', folder => {
    expect(wayBack(folder)).toBeNull()
  })

  test('each stands in the design, and no other', () => {
    const design = readFileSync(join(ROOT, 'docs/design.md'), 'utf8')
    const named = [...design.matchAll(/^\| `src\/([a-z]+)`/gm)].map(([, name = '']) => name)
    expect(named.toSorted()).toEqual([...new Set(FILES.map(folderOf))].toSorted())
  })
})

test('nothing lies in local that the tests alone need, but for what runs them', () => {
  const starts = ['package.json', 'Dockerfile'].map(name => readFileSync(join(ROOT, name), 'utf8')).join()
  const needed = new Set<string>()
  for (const file of globSync('{local,src,helm,envoy,docs}/**/*.ts', { cwd: ROOT })) {
    for (const [, path = ''] of readFileSync(join(ROOT, file), 'utf8').matchAll(/'(\.{1,2}\/[^']+\.ts)'/g)) {
      needed.add(normalize(join(dirname(file), path)))
    }
  }
  const within = globSync('local/*/**/*.ts', { cwd: ROOT }).filter(file => !file.startsWith('local/testing/'))
  expect(within.filter(file => !needed.has(file) && !starts.includes(file))).toEqual([])
})
