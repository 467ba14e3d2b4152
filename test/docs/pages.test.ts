import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Values } from '../../helm/values/value.ts'
import { VALUES } from '../../helm/values/values.ts'
import { readChoices } from '../../local/start/choices.ts'
import { CLIENT_COMMANDS } from '../../src/cli/commands.ts'
import { PLATFORM_COMMANDS, ROLE_COMMANDS } from '../../src/cli/platform-commands.ts'
import { run } from '../../src/cli/program.ts'
import { SETTINGS } from '../../src/config/settings.ts'
import { savedQueries } from '../../src/record/queries/saved-queries.ts'

const COMMANDS = { agents: CLIENT_COMMANDS, platform: PLATFORM_COMMANDS, parts: ROLE_COMMANDS }
const ROOT = join(import.meta.dirname, '../..')
const DOCS = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.md'))
const DECISIONS = DOCS.filter(name => /^decisions\/\d/.test(name)).sort()
const PAGES = [
  ...['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md', 'helm/leasegate/README.md', 'helm/runbooks.md'],
  ...DOCS.map(name => `docs/${name}`),
]
/** What was so on its day stays as it was written. */
const OF_TODAY = PAGES.filter(page => page !== 'CHANGELOG.md' && !page.startsWith('docs/decisions/'))
const SCRIPTS = Object.keys(
  (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { readonly scripts: object }).scripts,
)

/** Of the product, and of what runs and measures it. */
const KNOWN: ReadonlySet<string> = new Set([
  ...Object.values(SETTINGS).map(({ env }) => env),
  ...['local/bootstrap.mjs', 'test/bench/decisions/check.ts', 'test/bench/decisions/beside.ts'].flatMap(file =>
    [...readFileSync(join(ROOT, file), 'utf8').matchAll(/\b(LEASEGATE_[A-Z_]+)/g)].map(([name]) => name),
  ),
  // A variable of GitLab's, in its own form.
  'LEASEGATE_TOKEN',
])

const read = (page: string) => readFileSync(join(ROOT, page), 'utf8')

/** A test file, by its name without endings, or a folder of them. */
const isTest = (path: string) => ['', '.test.ts', '.ts'].some(end => existsSync(join(ROOT, `${path}${end}`)))

/** Lines of a shell that begin with the command, and what stands in code within a sentence. */
const commandsOf = (page: string) => [
  ...new Set(
    [...read(page).matchAll(/(?:^(?:npx )?leasegate ([^\n#<|]+)|`leasegate ([^`\n<|…]+)`)/gm)].map(
      ([, line = '', inline = line]) => inline.trim(),
    ),
  ),
]

const matches = (page: string, pattern: RegExp) => [
  ...new Set([...read(page).matchAll(pattern)].map(([, found = '']) => found)),
]

/** Each, with the groups that it stands in: `tls.generate.days`. */
function valuePaths(values: Values, before = ''): readonly string[] {
  return Object.entries(values).flatMap(([name, value]) => {
    const path = `${before}${name}`
    return value.kind === 'group' ? [path, ...valuePaths(value.values, `${path}.`)] : [path]
  })
}

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

describe.each(OF_TODAY)('%s, as things are today', page => {
  test('names files and folders that are there', () => {
    const named = matches(page, /`((?:src|local|helm|envoy|docs|protos)\/[\w./-]*\w)`/g)
    expect(named.filter(path => !existsSync(join(ROOT, path)))).toEqual([])
  })

  test('shows pictures that are there', () => {
    const shown = matches(page, /\b(?:src|srcset)="(?!https?:)([^"]+)"/g)
    expect(shown.filter(path => !existsSync(join(ROOT, dirname(page), path)))).toEqual([])
  })

  test('names settings that there are', () => {
    const named = matches(page, /\b(LEASEGATE_[A-Z0-9_]*[A-Z0-9])(?![A-Z0-9_…])/g)
    expect(named.filter(name => !KNOWN.has(name))).toEqual([])
  })

  test('starts with options that there are', () => {
    const lines = matches(page, /npm start -- ([^\n`#]+)/g)
    for (const line of lines) {
      const words = line
        .trim()
        .split(/\s+/)
        .map(word => word.replace(/^[A-Z]+$/, '1'))
      expect(() => readChoices(words, '/'), line).not.toThrow()
    }
  })
})

test.each(['helm/leasegate/README.md', 'helm/runbooks.md', 'docs/install.md', 'docs/agents.md', 'docs/operations.md'])(
  '%s names values of the chart that there are',
  page => {
    const paths = valuePaths(VALUES)
    const groups = Object.entries(VALUES).flatMap(([name, { kind }]) => (kind === 'group' ? [name] : []))
    const named = matches(page, /`([a-z][A-Za-z]*(?:\.[a-z][A-Za-z]*)+)`/g).filter(path =>
      groups.includes(path.split('.')[0] ?? ''),
    )
    // A key of a Secret of type kubernetes.io/tls.
    const isThere = (path: string) =>
      path === 'tls.crt' || paths.some(one => one === path || (path.startsWith(`${one}.`) && isLeaf(one)))
    const isLeaf = (path: string) => !paths.some(one => one.startsWith(`${path}.`))
    expect(named.filter(path => !isThere(path))).toEqual([])
  },
)

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
    const query = names[0] === 'query' ? savedQueries().find(({ name }) => name === words[1]) : undefined
    const known = [help.join(''), ...(query?.params ?? []).map(({ name }) => `--${name}`)].join('\n')
    for (const option of options) expect(known).toContain(option)
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
