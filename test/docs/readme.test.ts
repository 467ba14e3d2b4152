import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')
const README = readFileSync(join(ROOT, 'README.md'), 'utf8')
const DESIGN = readFileSync(join(ROOT, 'docs/design.md'), 'utf8')

function foldersOf(text: string): readonly string[] {
  return [...text.matchAll(/^\| `([a-z/]+)` \|/gm)].map(([, name = '']) => name)
}

function foldersIn(path: string): readonly string[] {
  const entries = readdirSync(join(ROOT, path), { withFileTypes: true })
  return entries.filter(entry => entry.isDirectory()).map(({ name }) => name)
}

test('the README is one that people read: under 200 lines, none over 120 characters', () => {
  const lines = README.split('\n')
  expect(lines.length).toBeLessThan(200)
  expect(lines.filter(line => line.length > 120)).toEqual([])
})

test('the README has a line for each folder at the top', () => {
  const NOT_OURS = ['node_modules', 'coverage']
  const shown = foldersIn('').filter(name => !name.startsWith('.') && !NOT_OURS.includes(name))
  expect(foldersOf(README).toSorted()).toEqual(shown.toSorted())
})

test('the page on design has a line for each folder of the source, and no other', () => {
  const told = foldersOf(DESIGN).filter(name => name.startsWith('src/'))
  const there = foldersIn('src').map(name => `src/${name}`)
  expect(told.toSorted()).toEqual(there.toSorted())
})

/** Pages whose sentences still run over. */
test('sentences of the pages end within 120 characters, but for what is no text', () => {
  const pages = ['CONTRIBUTING.md', ...readdirSync(join(ROOT, 'docs')).map(name => `docs/${name}`)]
  const wide = pages.filter(name => name.endsWith('.md') && widestOf(readFileSync(join(ROOT, name), 'utf8')) > 120)
  expect(wide).toEqual([])
})

/** Of what is neither code nor a table, a comment or an address. */
function widestOf(page: string): number {
  const text = page.replaceAll(/^ *```.*?^ *```$/gms, '').split('\n')
  return Math.max(...text.filter(line => !/^(?:\||<|\[)/.test(line)).map(line => line.length))
}
