import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatDuration, parseDuration } from '../../../src/policy/file/values/duration.ts'

describe('parseDuration', () => {
  test.each([
    { given: '2m', want: 120_000 },
    { given: '1h30m', want: 5_400_000 },
    { given: '90s', want: 90_000 },
    { given: '1h1m1s', want: 3_661_000 },
    { given: '', want: null },
    { given: '0m', want: null },
    { given: '10', want: null },
    { given: '5m1h', want: null },
    { given: '-1m', want: null },
    { given: '1.5h', want: null },
    { given: '2d', want: null },
    { given: ' 2m', want: null },
    { given: '9999999h', want: null },
  ])('"$given" is $want', ({ given, want }) => {
    expect(parseDuration(given)).toBe(want)
  })
})

describe('formatDuration', () => {
  test('is read back as the same number of seconds', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000_000 }), seconds => {
        expect(parseDuration(formatDuration(seconds * 1000))).toBe(seconds * 1000)
      }),
    )
  })
})
