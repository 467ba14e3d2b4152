import { describe, expect, test } from 'vitest'
import { judge } from '../../../src/policy/judge/judge.ts'
import { requestsOf } from '../../../src/policy/review/reviewed-requests.ts'
import { aPolicy, aRule, aTemplate, leaseOf } from '../a-policy.ts'

const NOTHING = { namespace: '', group: 'example.org', subresource: '', name: '', fieldSelector: '' }

describe('requestsOf', () => {
  test.each([
    { what: 'a custom kind in every namespace', rule: {}, resource: 'widgets', verb: 'get', want: true },
    {
      what: 'a custom kind of the cluster',
      rule: { scope: 'cluster' as const },
      resource: 'widgets',
      verb: 'get',
      want: true,
    },
    {
      what: 'a kind of namespaces under a cluster rule',
      rule: { scope: 'cluster' as const },
      resource: 'pods',
      group: '',
      verb: 'get',
      want: false,
    },
    {
      what: 'a kind of the cluster under a namespaced rule',
      rule: {},
      resource: 'nodes',
      group: '',
      verb: 'get',
      want: false,
    },
  ])('$what: $want, where no namespace is said', ({ rule, want, ...asked }) => {
    const template = aTemplate({ grants: [{ agent: 'bot', namespaces: ['*'] }], rules: [aRule(rule)] })
    const policy = aPolicy({ templates: [template], boundaryNamespace: '' })
    const lists = requestsOf({ ...NOTHING, ...asked }, policy.boundaryNamespace)
    const passes = lists.some(each =>
      each.every(request => judge({ request, lease: leaseOf(template), policy }).kind !== 'deny'),
    )
    expect(passes).toBe(want)
  })

  test('no namespace means the one of the boundary as well', () => {
    const [requests = []] = requestsOf({ ...NOTHING, group: '', resource: 'pods', verb: 'delete' }, 'leasegate')
    expect(requests.map(({ info }) => info.namespace)).toEqual(['*', 'leasegate'])
  })
})
