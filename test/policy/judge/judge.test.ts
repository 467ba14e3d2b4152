import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { covers } from '../../../src/lease/scope/scope.ts'
import { judge } from '../../../src/policy/judge/judge.ts'
import { isDiscovery, isSelfReview } from '../../../src/request/is-discovery.ts'
import { requests, scopes } from '../../lease/scope/arbitrary-scope.ts'
import { aPolicy, aRule, aTemplate, leaseOf } from '../a-policy.ts'
import { aRequest } from '../a-request.ts'

const template = aTemplate({
  rules: [
    aRule({ verbs: ['get', 'list', 'watch', 'patch'], apiGroups: ['', 'apps'], resources: ['pods', 'deployments'] }),
    aRule({ verbs: ['get'], apiGroups: [''], resources: ['configmaps'], resourceNames: ['a', 'b'] }),
    aRule({ verbs: ['create'], apiGroups: [''], resources: ['pods/exec'], commands: [['ls']] }),
  ],
})
const policy = aPolicy({ templates: [template] })
const lease = leaseOf(template)

describe('judge', () => {
  test.each([
    'GET /version',
    'GET /api',
    'GET /apis/apps/v1',
    'GET /openapi/v3/apis/apps/v1?hash=x',
    'HEAD /openapi/v2',
    'GET /version/',
    'GET /apis/apps/v1/',
    'GET /readyz',
    'GET /openapi',
    'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    'POST /apis/authentication.k8s.io/v1/selfsubjectreviews',
  ])('every lease may %s', line => {
    expect(judge({ request: aRequest(line), lease: { ...lease, scope: [] }, policy })).toMatchObject({ kind: 'allow' })
  })

  test.each([
    'GET /metrics',
    'GET /healthz/ping',
    'POST /version',
    'GET /openid/v1/jwks',
    'POST /apis/authorization.k8s.io/v1/subjectaccessreviews',
  ])('not every lease may %s', line => {
    expect(judge({ request: aRequest(line), lease, policy })).toMatchObject({ kind: 'deny', reason: 'out-of-scope' })
  })

  test('allows what the lease and the policy grant, and names the rule', () => {
    const request = aRequest('GET /api/v1/namespaces/x/configmaps/a')
    expect(judge({ request, lease, policy })).toEqual({ kind: 'allow', rule: 'rule 2', risk: null })
  })

  test('what one policy grants a lease the next one does not, and the first still does', () => {
    const request = aRequest('GET /api/v1/namespaces/x/configmaps/a')
    const without = aPolicy({ templates: [] })
    const kinds = [policy, without, policy, without].map(each => judge({ request, lease, policy: each }).kind)
    expect(kinds).toEqual(['allow', 'deny', 'allow', 'deny'])
  })

  test.each([
    ['DELETE /apis/apps/v1/namespaces/x/deployments/web', 'delete on deployments.apps in namespace "x"'],
    ['DELETE /apis/apps/v1/namespaces/y/deployments/web', 'delete on deployments.apps in namespace "y"'],
    ['PATCH /apis/apps/v1/namespaces/y/deployments/web', 'patch on deployments.apps in namespace "y", only in "x"'],
    ['GET /apis/apps/v1/deployments', 'list on deployments.apps in the whole cluster, only in "x"'],
    ['GET /api/v1/nodes/n', 'get on nodes "n"'],
    ['PATCH /apis/apps/v1/namespaces/x/deployments/web/scale', 'patch on deployments.apps/scale in namespace "x"'],
    ['GET /api/v1/namespaces/x/configmaps/c', 'get on configmaps in namespace "x" but for the names a, b'],
    ['GET /api/v1/namespaces/x', 'get on namespaces "x" (namespaces want a cluster rule of their own)'],
    ['PUT /api/v1/namespaces/x/pods/p', 'update and create on pods in namespace "x"'],
    ['GET /metrics', 'get on the path /metrics'],
    ['OPTIONS /api/v1/namespaces/x/pods', 'OPTIONS on pods in namespace "x"'],
  ])('%s: says precisely what is missing', (line, detail) => {
    expect(judge({ request: aRequest(line), lease, policy })).toMatchObject({
      kind: 'deny',
      reason: 'out-of-scope',
      detail: `the lease does not grant ${detail}`,
    })
  })

  test('does not repeat a command that is not granted', () => {
    const request = aRequest('GET /api/v1/namespaces/x/pods/p/exec?command=echo&command=hunter2', { upgrade: true })
    expect(judge({ request, lease, policy })).toMatchObject({
      detail: 'the lease does not grant create on pods/exec in namespace "x" with this command',
    })
  })

  test.each([
    { what: 'commands', command: 'echo', instead: 'it allows: df -h; sh -c "a b"; ns * (with input); tail **' },
    { what: 'a closed input', command: 'df&command=-h', stdin: true, instead: 'leave out -i' },
  ])('says what the lease has instead: $what', ({ command, stdin = false, instead }) => {
    const exec = { verbs: ['create'], resources: ['pods/exec'] }
    const commands = [
      ['df', '-h'],
      ['sh', '-c', 'a b'],
    ]
    const rules = [
      aRule({ ...exec, commands }),
      aRule({ ...exec, commands: [['ns', '*']], stdin: true }),
      aRule({ ...exec, commands: [['tail', '**']] }),
    ]
    const narrow = aTemplate({ rules })
    const request = aRequest(`GET /api/v1/namespaces/x/pods/p/exec?command=${command}${stdin ? '&stdin=true' : ''}`, {
      upgrade: true,
    })
    expect(judge({ request, lease: leaseOf(narrow), policy: aPolicy({ templates: [narrow] }) })).toMatchObject({
      instead,
    })
  })

  test('says which namespaces the lease has, the first few of them', () => {
    const namespaces = Array.from({ length: 9 }, (_, at) => `n${at}`)
    const several = aTemplate({ grants: [{ agent: 'bot', namespaces }] })
    const request = aRequest('GET /api/v1/namespaces/default/pods')
    expect(judge({ request, lease: leaseOf(several), policy: aPolicy({ templates: [several] }) })).toMatchObject({
      detail:
        'the lease does not grant list on pods in namespace "default", only in "n0", "n1", "n2", "n3", "n4", "n5" and 3 more',
      instead: 'name one: -n n0',
    })
  })

  test('does not say -n for sure where the kind may be in no namespace', () => {
    const everything = aTemplate({ grants: [{ agent: 'bot', namespaces: ['app'] }] })
    const insteadOf = (line: string) => {
      const given = { lease: leaseOf(everything), policy: aPolicy({ templates: [everything] }) }
      return judge({ request: aRequest(line), ...given })
    }
    expect(insteadOf('GET /apis/cert-manager.io/v1/clusterissuers')).toMatchObject({
      detail: 'the lease does not grant list on clusterissuers.cert-manager.io in the whole cluster, only in "app"',
      instead: 'name one: -n app; if clusterissuers are in no namespace, they want a cluster rule',
    })
    expect(insteadOf('GET /apis/x.io/v1/pods')).toMatchObject({ instead: expect.stringContaining('if pods are in no') })
    expect(insteadOf('GET /apis/x.io/v1/namespaces/b/things')).toMatchObject({ instead: 'name one: -n app' })
    expect(insteadOf('GET /api/v1/pods')).toMatchObject({ instead: 'name one: -n app' })
  })

  test('a lease whose template is gone opens nothing, not even discovery', () => {
    const later = aPolicy({ templates: [] })
    const verdict = judge({ request: aRequest('GET /version'), lease, policy: later })
    expect(verdict).toMatchObject({
      kind: 'deny',
      reason: 'not-in-policy',
      detail: 'there is no template "task" any more',
    })
  })

  test('a lease whose agent is no longer granted the template opens nothing', () => {
    const later = aPolicy({ templates: [{ ...template, grants: [{ agent: 'other', namespaces: ['x'] }] }] })
    const verdict = judge({ request: aRequest('GET /version'), lease, policy: later })
    expect(verdict).toMatchObject({ kind: 'deny', reason: 'not-in-policy' })
  })

  test('a stricter policy binds running leases at once', () => {
    const request = aRequest('GET /api/v1/namespaces/x/pods/p')
    const narrower = { ...template, rules: template.rules.slice(1) }
    expect(judge({ request, lease, policy: aPolicy({ templates: [narrower] }) })).toMatchObject({
      kind: 'deny',
      reason: 'out-of-scope',
      detail: 'template "task" no longer grants get on pods in namespace "x"',
    })
  })

  test('a namespace that was taken from the agent is taken from its leases', () => {
    const elsewhere = { ...template, grants: [{ agent: 'bot', namespaces: ['y'] }] }
    const request = aRequest('GET /api/v1/namespaces/x/pods/p')
    expect(judge({ request, lease, policy: aPolicy({ templates: [elsewhere] }) }).kind).toBe('deny')
  })

  test('a lease for every namespace shrinks to those that are still granted', () => {
    const wide = { ...template, grants: [{ agent: 'bot', namespaces: ['*'] }] }
    const lease = leaseOf(wide)
    const ask = (namespace: string) =>
      judge({ request: aRequest(`GET /api/v1/namespaces/${namespace}/pods/p`), lease, policy }).kind
    expect([ask('x'), ask('y')]).toEqual(['allow', 'deny'])
  })

  test('a laxer policy does not widen running leases', () => {
    const wider = aPolicy({ templates: [aTemplate()] })
    const request = aRequest('DELETE /api/v1/namespaces/x/pods/p')
    expect(judge({ request, lease, policy: wider })).toMatchObject({ kind: 'deny', reason: 'out-of-scope' })
  })

  test('a lease past its end is denied when the time is known', () => {
    const request = aRequest('GET /version')
    expect(judge({ request, lease, policy, now: lease.expiresAt })).toMatchObject({ reason: 'lease-expired' })
    expect(judge({ request, lease, policy, now: lease.expiresAt - 1 })).toMatchObject({ kind: 'allow' })
  })

  test('never allows what the lease does not cover, whatever the policy says', () => {
    const everything = aTemplate({
      grants: [{ agent: 'bot', namespaces: ['*'] }],
      rules: [aRule(), aRule({ scope: 'cluster', resources: ['*', 'namespaces'] })],
    })
    const policy = aPolicy({ templates: [everything] })
    fc.assert(
      fc.property(scopes, requests, (scope, request) => {
        const verdict = judge({ request, lease: leaseOf(everything, { scope }), policy })
        if (isDiscovery(request) || isSelfReview(request) || covers(scope, request) !== null) return
        expect(verdict).toMatchObject({ kind: 'deny', reason: 'out-of-scope' })
      }),
      { numRuns: 500 },
    )
  })

  test('never allows what the policy of today does not issue, whatever the lease says', () => {
    const wide = leaseOf(aTemplate({ rules: [aRule(), aRule({ scope: 'cluster', resources: ['*', 'namespaces'] })] }))
    fc.assert(
      fc.property(requests, request => {
        const verdict = judge({ request, lease: wide, policy })
        if (verdict.kind === 'deny' || isDiscovery(request)) return
        expect(covers(lease.scope, request)).not.toBeNull()
      }),
      { numRuns: 500 },
    )
  })
})
