import { expect, test } from 'vitest'
import { planned } from '../../../src/policy/rbac/planner.ts'

test('the planner gets no right to what is done by asking: sessions, tokens, evictions, proxies, logs, paths', () => {
  const rules = planned([
    {
      verbs: ['get', 'create'],
      apiGroups: [''],
      resources: ['pods/exec', 'pods/log', 'pods', 'serviceaccounts/token'],
    },
    { verbs: ['*', 'patch', 'delete'], apiGroups: ['apps'], resources: ['deployments/scale', '*/proxy'] },
    { verbs: ['create'], apiGroups: [''], resources: ['pods/eviction'] },
    { verbs: ['get'], nonResourceURLs: ['/metrics'] },
  ])
  expect(rules).toEqual([
    { verbs: ['get', 'create'], apiGroups: [''], resources: ['pods'] },
    { verbs: ['patch'], apiGroups: ['apps'], resources: ['deployments/scale'] },
  ])
})
