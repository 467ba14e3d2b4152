import { describe, expect, test } from 'vitest'
import { fromAuthorization } from '../../../src/identity/token/authorization.ts'
import type { HeaderLine } from '../../../src/request/http-request.ts'

const lines = (...values: string[]): HeaderLine[] => values.map(value => ['authorization', value])

describe('fromAuthorization', () => {
  test.each(['Bearer a.b-c_d.e', 'bearer a.b-c_d.e', 'BEARER  a.b-c_d.e'])('%j is a token', value => {
    expect(fromAuthorization(lines(value))).toEqual({ kind: 'token', token: 'a.b-c_d.e' })
  })

  test('no header is no credential', () => {
    expect(fromAuthorization([['x-authorization', 'Bearer abc']])).toMatchObject({ reason: 'no-credential' })
  })

  test.each([
    { name: 'two headers', headers: lines('Bearer abc', 'Bearer abc') },
    { name: 'two headers in different case', headers: [...lines('Bearer abc'), ['Authorization', 'Bearer abc']] },
    { name: 'two values in one header', headers: lines('Bearer abc, Bearer def') },
    { name: 'two tokens', headers: lines('Bearer abc def') },
    { name: 'another scheme', headers: lines('Basic YTpi') },
    { name: 'no scheme', headers: lines('abc') },
    { name: 'no token', headers: lines('Bearer ') },
    { name: 'nothing', headers: lines('') },
    { name: 'a tab', headers: lines('Bearer\tabc') },
    { name: 'space before', headers: lines(' Bearer abc') },
    { name: 'a line break after', headers: lines('Bearer abc\n') },
  ] as { name: string; headers: HeaderLine[] }[])('$name is no token', ({ headers }) => {
    const found = fromAuthorization(headers)
    expect(found).toMatchObject({ kind: 'none', reason: 'bad-token' })
    expect(JSON.stringify(found)).not.toContain('abc')
  })
})
