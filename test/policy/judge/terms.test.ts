import { describe, expect, test } from 'vitest'
import type { RiskRule } from '../../../src/lease/questions/risk-rule.ts'
import { withYes } from '../../../src/policy/admission/granted.ts'
import { limitsOf } from '../../../src/policy/budgets.ts'
import { judge } from '../../../src/policy/judge/judge.ts'
import { aPolicy, aRule, aTemplate, leaseOf } from '../a-policy.ts'
import { aRequest } from '../a-request.ts'

const MATCHES_ALL = {
  ...{ verbs: [], apiGroups: [], resources: [], resourceNames: [], namespaces: [], changes: [], changesOnly: [] },
  minObjects: 0,
}
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

describe('what admission policies are told', () => {
  const rules = [aRule({ verbs: ['get', 'create', 'update', 'patch'], apiGroups: ['apps'], resources: ['*'] })]
  const named = aTemplate({
    rules,
    dangerous: ['pod-host'],
    serviceAccounts: ['web', 'api'],
    podSecrets: ['db'],
  })
  const plain = aTemplate({ rules })
  const patch = (body: object, of = 'deployments/web') =>
    aRequest(`PATCH /apis/apps/v1/namespaces/x/${of}`, {
      contentType: 'application/strategic-merge-patch+json',
      body: JSON.stringify(body),
    })
  const image = patch({ spec: { template: { spec: { containers: [{ name: 'w', image: 'x' }] } } } })
  const granted = (request: typeof secret, atIssue: typeof lax, today: typeof lax) => {
    const said = verdict(request, atIssue, today)
    return said.kind === 'deny' ? said : (said.granted ?? '')
  }
  /** Once somebody said yes. */
  const agreed = (request: typeof secret, of: typeof lax, isLasting = false) => {
    const said = verdict(request, of, of)
    return said.kind === 'deny' ? said : (withYes(request, said, isLasting) ?? '')
  }

  test('is what the lease was issued with and what is named today, with a write and nothing else', () => {
    expect(granted(image, named, named)).toBe('danger:pod-host account:web account:api secret:db')
    expect(granted(image, plain, named)).toBe('')
    expect(granted(image, named, plain)).toBe('')
    expect(granted(image, named, { ...named, serviceAccounts: ['api', 'other'], podSecrets: ['other'] })).toBe(
      'danger:pod-host account:api',
    )
    expect(granted(aRequest('GET /apis/apps/v1/namespaces/x/deployments/web'), named, named)).toBe('')
  })

  test('is any Secret where nobody is asked about Secrets in pods', () => {
    const spreading = { ...plain, approval: { skip: ['pod-secrets'], require: [] } }
    expect(granted(image, spreading, spreading)).toBe('secret:*')
    expect(granted(image, plain, spreading)).toBe('')
  })

  test('is any Secret only as the policy weighs it: a tier that passes is not that of a risk that weighs more', () => {
    const tiers = { high: 'pass', critical: { people: 2, groups: [] } } as const
    const under = (...riskRules: readonly RiskRule[]) => ({
      ...plain,
      approval: { skip: [], require: [], tiers },
      riskRules: [riskRules],
    })
    const anew = { id: 'pod-secrets', tier: 'critical', why: '', match: null } as const
    expect(granted(image, under(), under())).toBe('secret:*')
    expect(granted(image, under(anew), under(anew))).toBe('')
    expect(granted(image, under(), under(anew))).toBe('')
    const own = { ...anew, id: 'own', match: { ...MATCHES_ALL, replaces: ['pod-secrets'] } }
    expect(granted(patch({ spec: { replicas: 1 } }), under(own), under(own))).not.toContain('secret:*')
  })

  test('is that a human agrees, where one is asked about a change of code', () => {
    const asking = { ...plain, approval: { skip: [], require: ['workload-code'] } }
    expect(verdict(image, asking, asking)).toMatchObject({ kind: 'approval', risk: { id: 'workload-code' } })
    expect(agreed(image, asking)).toBe('approved')
    expect(granted(image, asking, asking)).toBe('')
    const scale = patch({ spec: { replicas: 3 } })
    const scaling = { ...plain, approval: { skip: [], require: ['workload-write'] } }
    expect(verdict(scale, scaling, scaling).kind).toBe('approval')
    expect(agreed(scale, scaling)).toBe('')
    expect(agreed(image, scaling)).toBe('approved')
  })

  test('is no yes that lasts to everything of the same risks, where these say nothing of code', () => {
    const approval = { skip: [], require: ['workload-write'], untilLeaseEnds: true } as const
    const lasting = { ...plain, approval }
    expect(agreed(image, lasting, true)).toBe('')
    expect(agreed(image, lasting)).toBe('approved')
    const told = { ...lasting, approval: { ...approval, require: ['workload-write', 'workload-code'] } }
    expect(agreed(image, told, true)).toBe('approved')
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
