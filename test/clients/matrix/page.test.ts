import { describe, expect, test } from 'vitest'
import { TOOLS } from '../tools/tools.ts'
import { CAPABILITIES } from './capabilities.ts'
import { CLIENTS } from './clients.ts'
import { readPage, withTable } from './page.ts'
import { readResults } from './results.ts'

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

  test('has a row for each tool at the version that is tried', () => {
    const rows = readPage().split('\n')
    const lacking = TOOLS.filter(
      ({ title, version }) => !rows.some(row => row.startsWith(`| \`${title}\` ${version} |`)),
    )
    expect(lacking.map(({ id }) => id)).toEqual([])
  })
})
