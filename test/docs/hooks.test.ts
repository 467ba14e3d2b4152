import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')
const FILES = globSync('test/**/*.ts', { cwd: ROOT })
const TEXTS = new Map(FILES.map(file => [file, readFileSync(join(ROOT, file), 'utf8')]))

/** By file, the files that import it. */
const IMPORTERS = new Map<string, string[]>()
for (const [file, text] of TEXTS) {
  for (const [, path = ''] of text.matchAll(/(?:from|import) '(\.[^']+)'/g)) {
    const target = normalize(join(dirname(file), path))
    IMPORTERS.set(target, [...(IMPORTERS.get(target) ?? []), file])
  }
}

function testsThatRead(module: string): readonly string[] {
  const seen = new Set([module])
  for (const file of seen) for (const importer of IMPORTERS.get(file) ?? []) seen.add(importer)
  return [...seen].filter(file => file.endsWith('.test.ts'))
}

/** Hooks and tests that are told of while the module is read, and not by a function that a file of tests calls. */
const TOLD_AS_READ = /^(?:beforeAll|afterAll|beforeEach|afterEach|describe|test)\b/m

// A worker reads a module once for all of its files: the second of them would go without.
test('a module with hooks or tests of its own belongs to one file of tests', () => {
  const shared = [...TEXTS]
    .filter(([file, text]) => !file.endsWith('.test.ts') && TOLD_AS_READ.test(text))
    .map(([file]) => `${file}: ${testsThatRead(file).join(', ')}`)
    .filter(line => line.includes(', '))
  expect(shared).toEqual([])
})
