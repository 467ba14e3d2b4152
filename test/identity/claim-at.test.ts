import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { claimAt } from '../../src/identity/claims/claim-at.ts'

const POD = { 'kubernetes.io': { namespace: 'agents', serviceaccount: { name: 'web-operator' } }, sub: 's' }

describe('claimAt', () => {
  test.each([
    { name: 'a plain name', claims: POD, path: 'sub', want: 's' },
    { name: 'names with dots, nested', claims: POD, path: 'kubernetes.io.serviceaccount.name', want: 'web-operator' },
    {
      name: 'a URL as a name',
      claims: { 'https://corp.example/team': 'web' },
      path: 'https://corp.example/team',
      want: 'web',
    },
    { name: 'nothing there', claims: POD, path: 'kubernetes.io.serviceaccount.uid', want: undefined },
    { name: 'a path through a text', claims: { a: 'text' }, path: 'a.length', want: undefined },
    { name: 'a path through a list', claims: { a: ['x'] }, path: 'a.0', want: undefined },
    { name: 'what every object has', claims: {}, path: 'toString', want: undefined },
    { name: 'what every object comes from', claims: {}, path: '__proto__', want: undefined },
    { name: 'a path with two readings', claims: { 'a.b': 'x', a: { b: 'x' } }, path: 'a.b', want: undefined },
  ])('$name', ({ claims, path, want }) => expect(claimAt(claims, path)).toBe(want))

  test('finds every nested value under its own path, unless that path has two readings', () => {
    const name = fc.stringMatching(/^[a-c.]{1,3}$/)
    fc.assert(
      fc.property(name, name, fc.string(), (outer, inner, value) => {
        expect(claimAt({ [outer]: { [inner]: value } }, `${outer}.${inner}`)).toBe(value)
      }),
    )
  })
})
