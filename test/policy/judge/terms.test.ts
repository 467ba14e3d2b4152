import { describe, expect, test } from 'vitest'
import { limitsOf } from '../../../src/policy/budgets.ts'
import { judge } from '../../../src/policy/judge/judge.ts'
import { aPolicy, aTemplate, leaseOf } from '../a-policy.ts'
import { aRequest } from '../a-request.ts'

const binding = aRequest('POST /apis/rbac.authorization.k8s.io/v1/namespaces/x/rolebindings')
const secret = aRequest('GET /api/v1/namespaces/x/secrets/s')
const strict = aTemplate()
const lax = aTemplate({
  dangerous: ['rbac-write'],
  approval: { skip: ['rbac-write', 'secrets-get'], require: [] },
  budgets: { requests: 100, deletes: 5 },
  maxTtlMs: 7_200_000,
})

const verdict = (request: typeof secret, atIssue: typeof lax, today: typeof lax) =>
  judge({ request, lease: leaseOf(atIssue), policy: aPolicy({ templates: [today] }) })

describe('what a template names', () => {
  test('opens what it opens when it is named at issue and today', () => {
    expect(verdict(binding, lax, lax).kind).toBe('allow')
    expect(verdict(secret, lax, lax).kind).toBe('allow')
  })

  test('opens nothing for a lease that was issued before it was named', () => {
    expect(verdict(binding, strict, lax)).toMatchObject({
      kind: 'deny',
      reason: 'dangerous',
      detail: expect.stringContaining('did not name "rbac-write" when the lease was issued'),
    })
    expect(verdict(secret, strict, lax).kind).toBe('approval')
  })

  test('is taken from running leases with the policy', () => {
    expect(verdict(binding, lax, strict)).toMatchObject({ kind: 'deny', reason: 'dangerous' })
    expect(verdict(secret, lax, strict).kind).toBe('approval')
  })

  test('asks when either asks', () => {
    const asking = { ...strict, approval: { skip: [], require: ['pods-log'] } }
    const logs = aRequest('GET /api/v1/namespaces/x/pods/p/log')
    expect([verdict(logs, asking, strict).kind, verdict(logs, strict, asking).kind]).toEqual(['approval', 'approval'])
    expect(verdict(logs, strict, strict).kind).toBe('allow')
  })
})

describe('limitsOf', () => {
  test('takes the smaller of contract and template, each budget by itself, and the earlier end', () => {
    const lease = leaseOf(lax, { budgets: { requests: 10, mutations: 3 }, issuedAt: 1000, expiresAt: 9_000_000 })
    expect(limitsOf(lease, lax)).toEqual({ budgets: { requests: 10, mutations: 3, deletes: 5 }, endsAt: 7_201_000 })
    expect(limitsOf(lease, { ...lax, budgets: { requests: 4 }, maxTtlMs: 86_400_000 })).toEqual({
      budgets: { requests: 4, mutations: 3 },
      endsAt: 9_000_000,
    })
  })
})
