import { expect, test } from 'vitest'
import { escapedJson } from '../../src/support/text/escaped-json.ts'

test.each([
  '\u007f',
  '\u009b',
  '\u061c',
  '\u200b',
  '\u202e',
  '\u2028',
  '\u2066',
  '\u206a',
  '\ufeff',
  '\ufff9',
  '\u{e0041}',
])('%j is written by its code alone, and read again as it was', character => {
  const text = escapedJson({ text: `a${character}b` })
  expect(text).toMatch(/^[\x20-\x7e]+$/)
  expect(JSON.parse(text)).toEqual({ text: `a${character}b` })
})

test('text in any script stays as it is', () => {
  expect(escapedJson('naïve 日本 🎉 سلام')).toBe('"naïve 日本 🎉 سلام"')
})
