import { describe, expect, test } from 'vitest'
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
    expect(results.map(({ title, version }) => ({ title, version }))).toEqual(
      CLIENTS.map(({ title, version }) => ({ title, version })),
    )
    for (const { saw } of results) expect(Object.keys(saw)).toEqual([...CAPABILITIES])
  })
})
