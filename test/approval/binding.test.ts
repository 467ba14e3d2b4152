import { describe, expect, test } from 'vitest'
import type { Canonical } from '../../src/approval/canonical/canonical-request.ts'
import { type Binding, digestOf, partsOf } from '../../src/approval/digest.ts'
import { ONE } from '../../src/lease/questions/quorum.ts'

describe('everything that a yes is bound to', () => {
  const canonical: Canonical = {
    kind: 'canonical',
    method: 'PATCH',
    path: '/api/v1/namespaces/shop/configmaps/app',
    parameters: [['fieldManager', 'bot']],
    contentType: 'application/merge-patch+json',
    series: null,
  }
  const binding: Binding = { canonical, body: Buffer.from('{}'), lease: 'lse_1', judgement: 'r1', quorum: ONE }
  const of = (given: Partial<Binding>) => digestOf(partsOf({ ...binding, ...given }))
  const line = (given: Partial<Canonical>) => of({ canonical: { ...canonical, ...given } })

  test.each([
    { part: 'the method', other: () => line({ method: 'PUT' }) },
    { part: 'the path', other: () => line({ path: '/api/v1/namespaces/shop/configmaps/other' }) },
    { part: 'the name of a parameter', other: () => line({ parameters: [['fieldValidation', 'bot']] }) },
    { part: 'the value of a parameter', other: () => line({ parameters: [['fieldManager', 'other']] }) },
    { part: 'one parameter more', other: () => line({ parameters: [...canonical.parameters, ['force', 'true']] }) },
    { part: 'the content type', other: () => line({ contentType: 'application/json-patch+json' }) },
    { part: 'a byte of the body', other: () => of({ body: Buffer.from('{ }') }) },
    { part: 'the lease', other: () => of({ lease: 'lse_2' }) },
    { part: 'what the policy says', other: () => of({ judgement: 'r2' }) },
    { part: 'that a yes may last', other: () => of({ untilLeaseEnds: true }) },
    { part: 'how many people must say yes', other: () => of({ quorum: { people: 2, groups: [] } }) },
    { part: 'of which group', other: () => of({ quorum: { people: 1, groups: [['oncall']] } }) },
    { part: 'whether a yes may be for more than it', other: () => of({ untilLeaseEnds: true }) },
  ])('is in its digest: $part', ({ other }) => {
    expect(of({})).toBe(digestOf(partsOf(binding)))
    expect(other()).not.toBe(of({}))
  })

  test('cannot be moved from one part to the next', () => {
    expect(line({ path: `${canonical.path}a`, contentType: 'pplication/json' })).not.toBe(
      line({ contentType: 'application/json' }),
    )
    expect(
      line({
        parameters: [
          ['a', 'b'],
          ['c', 'd'],
        ],
      }),
    ).not.toBe(
      line({
        parameters: [
          ['a', 'bc'],
          ['', 'd'],
        ],
      }),
    )
  })
})
