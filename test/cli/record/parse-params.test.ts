import { describe, expect, test } from 'vitest'
import { parseParams } from '../../../src/cli/record/query/parse-params.ts'

describe('parseParams', () => {
  test.each([
    { words: ['--lease', 'lse_1'], pairs: [], want: { lease: 'lse_1' } },
    { words: ['--lease=lse_1', '--since', '1h'], pairs: [], want: { lease: 'lse_1', since: '1h' } },
    { words: [], pairs: ['lease=a=b', 'audit-id=x'], want: { lease: 'a=b', audit_id: 'x' } },
    { words: ['--reason='], pairs: [], want: { reason: '' } },
    { words: [], pairs: [], want: {} },
  ])('$words $pairs', ({ words, pairs, want }) => {
    expect(parseParams(words, pairs)).toEqual({ kind: 'ok', value: want })
  })

  test.each([
    { name: 'a word without a name', words: ['lse_1'], pairs: [] },
    { name: 'a name without a value', words: ['--lease'], pairs: [] },
    { name: 'a pair without a value', words: [], pairs: ['lease'] },
    { name: 'the same twice', words: ['--lease', 'a'], pairs: ['lease=b'] },
    { name: 'a name nobody gives', words: ['--__proto__', 'a'], pairs: [] },
  ])('refuses $name', ({ words, pairs }) => expect(parseParams(words, pairs).kind).toBe('problem'))
})
