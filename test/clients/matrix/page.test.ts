import { describe, expect, test } from 'vitest'
import { TOOLS } from '../tools/tools.ts'
import { CAPABILITIES } from './capabilities.ts'
import { CLIENTS } from './clients.ts'
import { readPage, withTable } from './page.ts'
import { readResults } from './results.ts'
import { readReadme, withSummary } from './summary.ts'

describe('the README', () => {
  test('has a row for each client, made from the last whole run', () => {
    expect(readReadme()).toContain('<!-- clients -->')
    expect(withSummary(readReadme(), readResults())).toBe(readReadme())
  })

  test('counts what fails as not working, and says why as far as a line goes', () => {
    const seen = (saw: Readonly<Record<string, string>>, version = '1.0') => ({ title: 'x', version, saw })
    const table = withSummary('<!-- clients -->\n<!-- end of clients -->', [
      seen({ exec: 'works', logs: 'fails', gzip: 'none: it has none' }),
      seen({ exec: 'works', logs: 'works', gzip: 'none: it has none' }, '1.10'),
      seen({ exec: 'works', logs: 'works', gzip: 'none: it has none' }, '1.9'),
      seen({ exec: 'works', logs: `none: ${'very '.repeat(20)}long`, gzip: 'none: it has none' }, '2.0'),
    ])
    expect(table.split('\n').slice(3, -1)).toEqual([
      '| x 1.0 | 1 of 3 | logs: fails; gzip: it has none |',
      '| x 1.9 to 1.10 | 2 of 3 | gzip: it has none |',
      '| x 2.0 | 1 of 3 | logs; gzip |',
    ])
  })
})

describe('the page about clients', () => {
  test('has the table of the last whole run', () => {
    expect(withTable(readPage(), readResults())).toBe(readPage())
  })

  test('has a column for each client at the version that is tried, and a row for each capability', () => {
    const results = readResults()
    const columns = results.map(({ title, version }) => `${title} ${version}`)
    const known = CLIENTS.map(({ title, version, often }) => ({ name: `${title} ${version}`, often }))
    expect(columns.filter(name => !known.some(each => each.name === name))).toEqual([])
    // What takes minutes to build is tried on demand.
    expect(columns).toEqual(expect.arrayContaining(known.filter(({ often }) => often).map(({ name }) => name)))
    for (const { saw } of results) expect(Object.keys(saw)).toEqual([...CAPABILITIES])
  })

  test('says in short which kubectl are tried, and names each language of which there is a client', () => {
    const short = readPage().split('## In short')[1]?.split('\n## ')[0] ?? ''
    const kubectls = CLIENTS.filter(({ id }) => id.startsWith('kubectl-')).map(({ version }) =>
      Number(version.split('.')[1]),
    )
    expect(short).toContain(`| kubectl (1.${Math.min(...kubectls)} to 1.${Math.max(...kubectls)}) |`)
    const languages = CLIENTS.filter(({ id }) => !id.startsWith('kubectl-')).map(
      ({ title }) => title.split(' ')[0] ?? '',
    )
    const row = short.split('\n').find(line => line.startsWith('| Go, ')) ?? ''
    expect([...new Set(languages)].filter(language => !row.includes(language))).toEqual([])
    const majors = TOOLS.filter(({ id }) => id.startsWith('helm')).map(({ version }) => version.split('.')[0])
    for (const major of majors) expect(short).toMatch(new RegExp(`\\| helm .*\\b${major}\\b`))
    for (const { title } of TOOLS.filter(({ id }) => !id.startsWith('helm'))) {
      expect(short).toContain(title === 'mcp-server-kubernetes' ? 'an MCP server that runs kubectl' : title)
    }
  })

  test('has a row for each tool at the version that is tried', () => {
    const rows = readPage().split('\n')
    const lacking = TOOLS.filter(
      ({ title, version }) => !rows.some(row => row.startsWith(`| \`${title}\` ${version} |`)),
    )
    expect(lacking.map(({ id }) => id)).toEqual([])
  })
})
