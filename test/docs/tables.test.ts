import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { TABLES, withTable } from '../../docs/tables/tables.ts'

describe('a table that is made from the code', () => {
  test.each(TABLES)('$name in docs/$page is as npm run docs makes it', table => {
    const text = readFileSync(new URL(`../../docs/${table.page}`, import.meta.url), 'utf8')
    expect(withTable(text, table)).toBe(text)
  })

  test('has a place in its page', () => {
    const table = { page: 'page.md', name: 'words', lines: () => ['| a |'] }
    expect(withTable('before\n<!-- words -->\nold\n<!-- /words -->\nafter\n', table)).toBe(
      'before\n<!-- words -->\n| a |\n<!-- /words -->\nafter\n',
    )
    expect(() => withTable('a page without one', table)).toThrow('page.md has no <!-- words --> … <!-- /words -->')
  })
})
