import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')
const DOCS = readdirSync(join(ROOT, 'docs')).filter(name => name.endsWith('.md'))
const PAGES = ['README.md', ...DOCS.map(name => `docs/${name}`)]

const read = (page: string) => readFileSync(join(ROOT, page), 'utf8')

/** A test file, by its name without endings, or a folder of them. */
const isTest = (path: string) => ['', '.test.ts', '.ts'].some(end => existsSync(join(ROOT, `${path}${end}`)))

describe.each(PAGES)('%s', page => {
  test('names tests that are there', () => {
    const named = [...read(page).matchAll(/`(test\/[a-z0-9/-]+)`/g)].map(([, path = '']) => path)
    expect(named.filter(path => !isTest(path))).toEqual([])
  })

  test('leads to pages and headings that are there', () => {
    const links = [...read(page).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)]
    const broken = links.filter(([, path = '', heading]) => {
      const target = path === '' ? page : join(dirname(page), path)
      if (!existsSync(join(ROOT, target))) return true
      return heading !== undefined && !headings(read(target)).includes(heading)
    })
    expect(broken.map(([link]) => link)).toEqual([])
  })
})

/** As GitHub makes anchors of them. */
function headings(text: string): readonly string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N} -]/gu, '')
      .replaceAll(' ', '-'),
  )
}
