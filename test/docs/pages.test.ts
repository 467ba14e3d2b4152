import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { CLIENT_COMMANDS } from '../../src/cli/commands.ts'
import { PLATFORM_COMMANDS, ROLE_COMMANDS } from '../../src/cli/platform-commands.ts'
import { run } from '../../src/cli/program.ts'

const COMMANDS = { agents: CLIENT_COMMANDS, platform: PLATFORM_COMMANDS, parts: ROLE_COMMANDS }
const ROOT = join(import.meta.dirname, '../..')
const DOCS = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.md'))
const DECISIONS = DOCS.filter(name => /^decisions\/\d/.test(name)).sort()
const PAGES = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md', ...DOCS.map(name => `docs/${name}`)]
const SCRIPTS = Object.keys(
  (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { readonly scripts: object }).scripts,
)

const read = (page: string) => readFileSync(join(ROOT, page), 'utf8')

/** A test file, by its name without endings, or a folder of them. */
const isTest = (path: string) => ['', '.test.ts', '.ts'].some(end => existsSync(join(ROOT, `${path}${end}`)))

/** Lines of a shell that begin with the command. */
const commandsOf = (page: string) => [
  ...new Set([...read(page).matchAll(/^(?:npx )?leasegate ([^\n#<|]+)/gm)].map(([, line = '']) => line.trim())),
]

describe.each(PAGES)('%s', page => {
  test('names tests that are there', () => {
    const named = [...read(page).matchAll(/`(test\/[a-z0-9/-]+)`/g)].map(([, path = '']) => path)
    expect(named.filter(path => !isTest(path))).toEqual([])
  })

  test('names scripts of the package that are there', () => {
    const named = [...read(page).matchAll(/\bnpm run (?:-s )?([a-z:]+)/g)].map(([, name = '']) => name)
    expect(named.filter(name => !SCRIPTS.includes(name))).toEqual([])
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

describe('a command of the pages', () => {
  const shown = PAGES.flatMap(page => commandsOf(page).map(line => ({ page, line })))

  test.each(shown)('leasegate $line ($page) has these options', async ({ line }) => {
    const words = line.split(/\s+/).filter(word => /^-{0,2}[a-z][a-z-]*$/.test(word))
    const options = words.filter(word => word.startsWith('--'))
    const names = words.slice(0, words.findIndex(word => word.startsWith('-')) >>> 0).slice(0, 2)
    const help: string[] = []
    const terminal = {
      env: {},
      stdin: process.stdin,
      print: (text: string) => void help.push(text),
      note: (text: string) => void help.push(text),
      stopping: () => new AbortController().signal,
    }
    expect(await run([...names, '--help'], terminal, COMMANDS)).toBe(0)
    // A saved query has parameters of its own, which no help can list.
    for (const option of names[0] === 'query' ? [] : options) expect(help.join('')).toContain(option)
  })
})

describe('decisions', () => {
  test('are numbered without a gap, dated, and listed as they are called', () => {
    expect(DECISIONS.map(name => Number(name.slice('decisions/'.length, -'.md'.length).split('-')[0]))).toEqual(
      DECISIONS.map((_, index) => index + 1),
    )
    const listed = read('docs/decisions/README.md')
    for (const name of DECISIONS) {
      const [, title = '', date = ''] = /^# (.+)\n\n(\d{4}-\d\d-\d\d)\n\n/.exec(read(`docs/${name}`)) ?? []
      const file = name.slice('decisions/'.length)
      expect(listed).toContain(`| [${file.slice(0, 4)}](${file}) | ${date} | ${title.replaceAll('|', '&#124;')} |`)
    }
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
