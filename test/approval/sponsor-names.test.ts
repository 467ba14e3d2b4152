import { describe, expect, test } from 'vitest'
import { namesOfActors } from '../../src/approval/people/sponsor-names.ts'
import { aLease } from '../lease/a-lease.ts'
import { aPolicy } from '../policy/a-policy.ts'

describe('namesOfActors', () => {
  const people = [
    {
      ...{ name: 'oncall-a', groups: [], alsoKnownAs: [], roles: ['approver'] as const },
      match: { issuer: 'on-call', claims: { sub: '00U1' } },
    },
  ]

  test('has whoever consented by the subject of the consent, and all that the policy knows of that subject', () => {
    const lease = aLease({ sponsor: 'alice', onBehalfOf: { issuer: 'idp', subject: '00u1' } })
    expect(namesOfActors(lease, aPolicy({ people }))).toEqual(new Set(['00u1', 'oncall-a']))
    expect(namesOfActors(aLease({ sponsor: 'alice' }), aPolicy({ people }))).toEqual(new Set())
  })
})
