import { describe, expect, test } from 'vitest'
import { settled } from '../../src/authorizer/settle.ts'
import { aPolicy, aTemplate, leaseOf } from '../policy/a-policy.ts'
import { aRequest } from '../policy/a-request.ts'

const sent = (body: object) =>
  aRequest('PATCH /apis/apps/v1/namespaces/x/deployments/web', {
    contentType: 'application/strategic-merge-patch+json',
    body: JSON.stringify(body),
  })
const IMAGE = sent({ spec: { template: { spec: { containers: [{ name: 'w', image: 'x' }] } } } })
const SCALE = sent({ spec: { replicas: 3 } })
const RISK = { id: 'workload-write', tier: 'high', why: 'changes it' } as const

/** What admission is told of a request that somebody said yes to. */
function told(request: typeof IMAGE, lasting: { readonly lasting?: true } = {}) {
  const known = {
    auditId: 'a',
    decidedAt: 0,
    begunAt: 0,
    isCommitting: true,
    refusedAs: null,
    said: null,
    lease: null,
    narrowed: 0,
  }
  const decision = settled({
    known: { ...known, request, ways: [], review: null },
    lease: leaseOf(aTemplate()),
    verdict: { kind: 'approval', rule: 'r', risk: RISK, untilLeaseEnds: RISK.id },
    committed: { kind: 'allowed', approval: 'apr_1', ...lasting },
    policy: aPolicy({}),
  })
  return decision.kind === 'allow' ? decision.granted : decision.kind
}

describe('a yes that was used', () => {
  test('is to other code, where it was to this very request, also where it could have lasted', () => {
    expect(told(IMAGE)).toBe('approved')
  })

  test('is none to other code, where it was to whatever is asked until the lease ends, or where none comes', () => {
    expect(told(IMAGE, { lasting: true })).toBeUndefined()
    expect(told(SCALE)).toBeUndefined()
  })
})
