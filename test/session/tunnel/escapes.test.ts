import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Escapes } from '../../../src/session/tunnel/input/escapes.ts'

const shown = fc
  .string({ unit: fc.constantFrom('a', '1', ';', 'm', ' ', '(', '[', ']', 'O', '\n', '\x07', '\x1b'), maxLength: 24 })
  .map(text => Buffer.from(text))

describe('Escapes', () => {
  test('tells the same of what follows, whether each byte before was asked about or not', () => {
    fc.assert(
      fc.property(shown, shown, (before, after) => {
        const [asked, passed] = [new Escapes(), new Escapes()]
        for (const byte of before) asked.isText(byte)
        passed.pass(before)
        expect([...after].map(byte => passed.isText(byte))).toEqual([...after].map(byte => asked.isText(byte)))
      }),
      { numRuns: 500 },
    )
  })
})
