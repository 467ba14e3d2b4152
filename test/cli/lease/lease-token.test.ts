import { describe, expect, test } from 'vitest'
import { TOKEN } from '../../../src/cli/access/give-credential.ts'

const GIVEN = { token: 'a.b.c', expiresAt: 1_700_000_000_000, isLast: true }

describe('a lease token, as the broker gives it out', () => {
  test('is read, with what later brokers may add', () => {
    expect(TOKEN.safeParse({ ...GIVEN, more: 1 })).toEqual({ success: true, data: GIVEN })
  })

  test('of a broker that does not say so is not the last of its lease', () => {
    const { isLast, ...others } = GIVEN
    expect(TOKEN.safeParse(others)).toEqual({ success: true, data: { ...others, isLast: false } })
  })

  test.each([
    { what: 'nothing', given: null },
    { what: 'a text', given: 'a.b.c' },
    { what: 'a list', given: [GIVEN] },
    { what: 'no token', given: { ...GIVEN, token: undefined } },
    { what: 'an empty token', given: { ...GIVEN, token: '' } },
    { what: 'no time', given: { ...GIVEN, expiresAt: undefined } },
    { what: 'a time as text', given: { ...GIVEN, expiresAt: '1700000000000' } },
    { what: 'a time that is none', given: { ...GIVEN, expiresAt: Number.NaN } },
    { what: 'an end that is neither', given: { ...GIVEN, isLast: null } },
  ])('is not read of $what', ({ given }) => {
    expect(TOKEN.safeParse(given)).toEqual({ success: false })
  })
})
