import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Lease, Scope } from '../../../src/lease/lease.ts'
import { isNarrower, isWithin } from '../../../src/lease/scope/narrow.ts'
import { judge } from '../../../src/policy/judge/judge.ts'
import type { Policy } from '../../../src/policy/policy.ts'
import { requestCommand } from '../../../src/policy/template/commands/request-command.ts'
import { issueScope } from '../../../src/policy/template/issue-scope.ts'
import { DEFAULT_TTL_MS, mayRequest } from '../../../src/policy/template/may-request.ts'
import { waysIn } from '../../../src/policy/template/ways-in.ts'
import type { ApiRequest } from '../../../src/request/api-request.ts'
import { aPolicy, aRule, aTemplate, examplePolicy, leaseOf } from '../a-policy.ts'
import { aRequest } from '../a-request.ts'

const policy = examplePolicy()

/** A lease of the agent's that covers nothing of what is asked for. */
function elsewhere(agent: string, given: Partial<Lease> = {}): Lease {
  return leaseOf(aTemplate({ name: 'other' }), { agent, scope: [], namespaces: [], ...given })
}

function templatesFor(policy: Policy, agent: string, request: ApiRequest): readonly string[] {
  return waysIn({ policy, request, lease: elsewhere(agent), above: [] }).map(({ template }) => template)
}

function command(policy: Policy, lease: Lease, line: string): string {
  const [way] = waysIn({ policy, request: aRequest(line), lease, above: [] })
  return way?.kind === 'ask' ? requestCommand(way) : 'none'
}

describe('waysIn', () => {
  test.each([
    {
      agent: 'web-operator',
      line: 'GET /api/v1/namespaces/shop-dev/pods',
      want: ['restart-web', 'inspect-web', 'look-around'],
    },
    { agent: 'web-operator', line: 'GET /api/v1/namespaces/shop/pods', want: ['restart-web'] },
    { agent: 'web-operator', line: 'GET /api/v1/namespaces/bank/pods', want: [] },
    { agent: 'triage', line: 'GET /api/v1/namespaces/bank/pods', want: ['look-around'] },
    { agent: 'triage', line: 'GET /api/v1/pods', want: [] },
    { agent: 'triage', line: 'GET /api/v1/pods?fieldSelector=metadata.namespace!%3Dleasegate', want: ['look-around'] },
    { agent: 'triage', line: 'DELETE /api/v1/namespaces/bank/pods/p', want: [] },
    { agent: 'stranger', line: 'GET /api/v1/namespaces/shop/pods', want: [] },
  ])('$agent, $line: $want, the smallest first', ({ agent, line, want }) => {
    expect(templatesFor(policy, agent, aRequest(line))).toEqual(want)
  })

  test('does not name a template that would refuse the request as dangerous', () => {
    const request = aRequest('POST /api/v1/namespaces/x/serviceaccounts/s/token')
    const named = aTemplate({ name: 'named', dangerous: ['sa-token'] })
    expect(templatesFor(aPolicy({ templates: [aTemplate(), named] }), 'bot', request)).toEqual(['named'])
  })

  test('does not name a template by whose budget the request could not be paid', () => {
    const broke = aTemplate({ name: 'broke', budgets: { deletes: 0 } })
    const request = aRequest('DELETE /api/v1/namespaces/x/pods/p')
    expect(templatesFor(aPolicy({ templates: [broke, aTemplate()] }), 'bot', request)).toEqual(['task'])
    const counting = aTemplate({ name: 'counting', budgets: { objects: 5 } })
    const many = aRequest('DELETE /api/v1/namespaces/x/pods')
    expect(templatesFor(aPolicy({ templates: [counting, aTemplate()] }), 'bot', many)).not.toContain('counting')
  })

  test('a kind that is named namespaces, of another group, is in the namespace that its path names', () => {
    const template = aTemplate({ name: 'queues', grants: [{ agent: 'bot', namespaces: ['a', 'b'] }] })
    const lease = leaseOf(template, { namespaces: ['a'] })
    const line = 'GET /apis/servicebus.example.com/v1/namespaces/b/namespaces/q'
    expect(command(aPolicy({ templates: [template] }), lease, line)).toBe(
      "leasegate lease revoke l1 && leasegate lease request --template queues --namespace a --namespace b --reason 'WHY'",
    )
  })

  test('what lets less around the boundary comes before what grants less', () => {
    const narrow = {
      ...aTemplate({ name: 'narrow', dangerous: ['pod-host'] }),
      rules: [aRule({ resources: ['pods'] })],
    }
    const wide = aTemplate({ name: 'wide' })
    const request = aRequest('GET /api/v1/namespaces/x/pods')
    expect(templatesFor(aPolicy({ templates: [narrow, wide] }), 'bot', request)).toEqual(['wide', 'narrow'])
  })

  test('what grants namespaces opens more than all else beside them', () => {
    const all = aRule({ verbs: ['*'], apiGroups: [''], resources: ['*'] })
    const namespaces = aRule({ verbs: ['create'], apiGroups: [''], resources: ['namespaces'] })
    const grants = [{ agent: 'bot', namespaces: ['*'] }]
    const templates = [
      aTemplate({ name: 'more', grants, rules: [all, namespaces] }),
      aTemplate({ name: 'rest', grants, rules: [all] }),
    ]
    expect(templatesFor(aPolicy({ templates }), 'bot', aRequest('GET /api/v1/namespaces/x/pods'))).toEqual([
      'rest',
      'more',
    ])
  })

  test.each([
    { what: 'a template for the cluster', lease: {}, line: 'GET /api/v1/nodes/n', want: '--template nodes' },
    {
      what: 'rules for both, and the namespaces that the agent works in',
      lease: { namespaces: ['a', 'b'] },
      line: 'GET /api/v1/persistentvolumes',
      want: '--template both --namespace a --namespace b',
    },
    {
      what: 'rules for both, and no namespace to go by',
      lease: {},
      line: 'GET /api/v1/persistentvolumes',
      want: "--template both --namespace '*'",
    },
    { what: 'a list over all', lease: {}, line: 'GET /api/v1/pods', want: "--template both --namespace '*'" },
    {
      what: 'a template that lives shorter than usual',
      lease: {},
      line: 'GET /api/v1/namespaces/x/services',
      want: '--template short --namespace x --ttl 5m',
    },
    {
      what: 'a template that allows no second lease',
      lease: { id: 'lse_1', template: 'both', namespaces: ['a'] },
      line: 'GET /api/v1/namespaces/x/pods',
      want: '--template both --namespace a --namespace x',
      first: 'leasegate lease revoke lse_1 && ',
    },
  ])('the command is whole: $what', ({ lease, line, want, first = '' }) => {
    const everywhere = [{ agent: 'bot', namespaces: ['*'] }]
    const cluster = (resource: string) => aRule({ scope: 'cluster', verbs: ['get', 'list'], resources: [resource] })
    const templates = [
      aTemplate({ name: 'nodes', grants: [{ agent: 'bot', namespaces: [] }], rules: [cluster('nodes')] }),
      aTemplate({
        name: 'both',
        grants: everywhere,
        rules: [aRule({ resources: ['pods'] }), cluster('persistentvolumes')],
      }),
      aTemplate({ name: 'short', grants: everywhere, rules: [aRule({ resources: ['services'] })], maxTtlMs: 300_000 }),
    ]
    const policy = aPolicy({ templates, boundaryNamespace: '' })
    expect(command(policy, elsewhere('bot', lease), line)).toBe(
      `${first}leasegate lease request ${want} --reason 'WHY'`,
    )
  })

  test('a lease that this one was narrowed from comes before any other', () => {
    const template = aTemplate({ grants: [{ agent: 'bot', namespaces: ['x', 'y'] }] })
    const root = leaseOf(template, { id: 'lse_root' })
    const child = leaseOf(template, { id: 'lse_child', namespaces: ['x'], ancestors: ['lse_root'] })
    const request = aRequest('GET /api/v1/namespaces/y/pods')
    const ways = waysIn({ policy: aPolicy({ templates: [template] }), request, lease: child, above: [root] })
    expect(ways).toMatchObject([{ kind: 'held', lease: 'lse_root' }])
  })

  test('no namespace gets into a command that could not be one', () => {
    const policy = aPolicy({ templates: [aTemplate({ grants: [{ agent: 'bot', namespaces: ['*'] }] })] })
    expect(command(policy, elsewhere('bot'), 'GET /api/v1/namespaces/SHOP/pods')).toBe('none')
  })

  test('whatever is refused passes under the lease that is proposed, and none is smaller', () => {
    fc.assert(
      fc.property(aSomePolicy, fc.constantFrom(...LINES), (policy, line) => {
        const request = aRequest(line)
        const ways = waysIn({ policy, request, lease: elsewhere('bot'), above: [] })
        const scopes = ways.map(way => {
          if (way.kind !== 'ask') throw new Error('there is no other lease')
          const may = mayRequest(policy, 'bot', { ...way, ttlMs: way.ttlMs ?? DEFAULT_TTL_MS })
          if (may.kind !== 'ok') throw new Error(may.message)
          const { template, namespaces } = may
          const lease = leaseOf(template, { agent: 'bot', namespaces })
          expect(judge({ request, lease, policy }).kind).not.toBe('deny')
          return issueScope(template, namespaces)
        })
        const [first = [], ...others] = scopes
        // What two rules of one template share counts twice, so that one may come behind a wider one.
        for (const other of others.filter(scope => !shareInPart(scope)))
          expect(isNarrower(other, first) && !isNarrower(first, other)).toBe(false)
      }),
      { numRuns: 2000 },
    )
  })

  test('and something is proposed wherever a lease of all that is granted would let it pass', () => {
    fc.assert(
      fc.property(aSomePolicy, fc.constantFrom(...LINES), (policy, line) => {
        const request = aRequest(line)
        const passes = policy.templates.some(template => {
          const all = template.grants[0]?.namespaces ?? []
          return judge({ request, lease: leaseOf(template, { agent: 'bot', namespaces: all }), policy }).kind !== 'deny'
        })
        if (passes) expect(templatesFor(policy, 'bot', request)).not.toEqual([])
      }),
      { numRuns: 2000 },
    )
  })
})

/** Two rules that could let the same request pass, and neither of which is in the other. */
function shareInPart(scope: Scope): boolean {
  const share = (one: readonly string[], other: readonly string[]) =>
    one.some(value => value === '*' || other.includes('*') || other.includes(value))
  return scope.some((one, at) =>
    scope.slice(at + 1).some(other => {
      const isApart =
        !share(one.verbs, other.verbs) ||
        !share(one.apiGroups, other.apiGroups) ||
        !share(one.resources, other.resources)
      return !isApart && !isWithin(one, other) && !isWithin(other, one)
    }),
  )
}

const some = (...values: readonly string[]) => fc.subarray([...values], { minLength: 1 })

const aSomeRule = fc
  .record({
    scope: fc.constantFrom('namespaces' as const, 'cluster' as const),
    verbs: fc.oneof(some('get', 'list', 'watch', 'create', 'patch', 'delete'), fc.constant(['*'])),
    apiGroups: fc.constantFrom([''], ['apps'], ['*']),
    resources: fc.oneof(some('pods', 'secrets', 'deployments', 'nodes', 'namespaces'), fc.constant(['*'])),
    resourceNames: fc.constantFrom<string[]>([], [], ['a'], ['a', 'b']),
  })
  .map(aRule)

const aSomeTemplate = fc.record({
  rules: fc.array(aSomeRule, { minLength: 1, maxLength: 3 }),
  grants: fc.constantFrom(['*'], ['x'], ['x', 'y'], ['y']).map(namespaces => [{ agent: 'bot', namespaces }]),
  maxTtlMs: fc.constantFrom(60_000, 3_600_000),
})

const aSomePolicy = fc
  .array(aSomeTemplate, { minLength: 1, maxLength: 6 })
  .map(given => aPolicy({ templates: given.map((one, at) => aTemplate({ ...one, name: `t${at}` })) }))

const LINES = [
  'GET /api/v1/namespaces/x/pods',
  'GET /api/v1/namespaces/y/pods/a',
  'GET /api/v1/pods?fieldSelector=metadata.namespace!%3Dleasegate',
  'GET /api/v1/namespaces/x/secrets/b',
  'DELETE /api/v1/namespaces/x/pods/a',
  'PATCH /apis/apps/v1/namespaces/y/deployments/a',
  'GET /api/v1/nodes',
  'DELETE /api/v1/nodes/a',
  'GET /api/v1/namespaces',
  'DELETE /api/v1/namespaces/x',
]
