import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { matchesAll, parsePattern } from '../../../src/policy/conditions/pattern.ts'

function matches(pattern: string, text: string): boolean {
  const parsed = parsePattern(pattern)
  if (typeof parsed === 'string') throw new Error(parsed)
  return matchesAll(text, parsed)
}

describe('parsePattern and matchesAll', () => {
  test.each([
    {
      pattern: 'OPS-[0-9]+',
      yes: ['OPS-1', 'OPS-1234'],
      no: ['', 'OPS-', 'ops-1', 'xOPS-1', 'OPS-1x', 'OPS-1\n', 'OPS-1 OPS-2'],
    },
    { pattern: 'OPS-\\d{4,6}', yes: ['OPS-1234', 'OPS-123456'], no: ['OPS-123', 'OPS-1234567', 'OPS-١٢٣٤'] },
    { pattern: 'INC\\d{7}|CHG\\d+', yes: ['INC0012345', 'CHG1'], no: ['INC1', 'INC0012345|CHG1'] },
    { pattern: '[A-Z][A-Z0-9]*-[1-9]\\d*', yes: ['A-1', 'OPS2-10'], no: ['1-1', 'OPS-01'] },
    { pattern: '[a-z0-9_.-]+', yes: ['a-b.c_d'], no: ['a b', 'A'] },
    { pattern: 'a.c', yes: ['abc', 'a😀c', 'a.c'], no: ['ac', 'abbc'] },
    { pattern: 'a\\.c', yes: ['a.c'], no: ['abc'] },
    { pattern: 'colou?r', yes: ['color', 'colour'], no: ['colouur'] },
    { pattern: '#\\d{3}', yes: ['#123'], no: ['#12', '123'] },
    { pattern: '.*x.*', yes: ['x', 'axb'], no: ['', 'ab'] },
  ])('$pattern', ({ pattern, yes, no }) => {
    for (const text of yes) expect([text, matches(pattern, text)]).toEqual([text, true])
    for (const text of no) expect([text, matches(pattern, text)]).toEqual([text, false])
  })

  test.each([
    '',
    '.*',
    'a?',
    'OPS-1|',
    '^OPS-1$',
    '(a+)+',
    '(OPS|INC)-1',
    'a++',
    '*a',
    'a{',
    'a{2,1}',
    'a{1000}',
    '[]',
    '[^a]',
    '[z-a]',
    '[a',
    'a]',
    '\\b',
    '\\x',
    '\\',
    '(?=a)',
    'x'.repeat(201),
  ])('refuses %j, and says why', pattern => expect(parsePattern(pattern)).toEqual(expect.any(String)))

  test('says of any text what a regular expression says', () => {
    const atom = fc.constantFrom('a', 'b', '[ab]', '[a-c]', '.', '\\d', '-')
    const times = fc.constantFrom('', '', '?', '*', '+', '{2}', '{1,3}', '{2,}')
    const piece = fc.tuple(atom, times).map(([one, many]) => one + many)
    const way = fc.array(piece, { minLength: 1, maxLength: 4 }).map(pieces => pieces.join(''))
    const text = fc.array(fc.constantFrom('a', 'b', 'c', '1', '-'), { maxLength: 8 }).map(parts => parts.join(''))
    fc.assert(
      fc.property(fc.array(way, { minLength: 1, maxLength: 2 }), text, (ways, given) => {
        const pattern = ways.join('|')
        fc.pre(typeof parsePattern(pattern) !== 'string')
        expect(matches(pattern, given)).toBe(new RegExp(`^(?:${pattern})$`).test(given))
      }),
      { numRuns: 2000 },
    )
  })

  test('no ticket keeps it busy, whatever the pattern is', () => {
    const pattern = `${'.*'.repeat(90)}!`
    const begun = process.cpuUsage()
    expect(matches(pattern, 'a'.repeat(200))).toBe(false)
    expect(process.cpuUsage(begun).user / 1000).toBeLessThan(300)
  })
})
