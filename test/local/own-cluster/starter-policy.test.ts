import { describe, expect, test } from 'vitest'
import { starterPolicy } from '../../../local/own-cluster/boundary/starter-policy.ts'
import { checkPolicy } from '../../../src/policy/check.ts'
import { parsePolicy } from '../../../src/policy/load/policy-file.ts'

describe('starterPolicy', () => {
  const parsed = parsePolicy(starterPolicy({ issuer: 'https://10.0.0.1: #x', algorithms: ['ES256'] }), 'policy.yaml')

  test('is a policy, whatever the cluster calls its issuer', () => {
    expect(parsed).toMatchObject({
      kind: 'policy',
      policy: { issuers: [{ issuer: 'https://10.0.0.1: #x', algorithms: ['ES256'] }, { name: 'people' }] },
    })
  })

  test('has templates that kubectl can use: nothing to warn of', () => {
    expect(parsed.kind === 'policy' && checkPolicy(parsed.policy)).toEqual([])
  })
})
