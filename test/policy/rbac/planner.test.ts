import { expect, test } from 'vitest'
import type { TaskTemplate } from '../../../src/policy/policy.ts'
import { namespacesRead, planned } from '../../../src/policy/rbac/planner.ts'
import { toPolicyRules } from '../../../src/policy/rbac/rules.ts'
import { aPolicy, aRule, aTemplate } from '../a-policy.ts'

const deleting = (name: string, given: Partial<TaskTemplate> = {}) =>
  aTemplate({
    grants: [
      { agent: 'bot', namespaces: ['x', 'y'] },
      { agent: 'other', namespaces: ['y'] },
    ],
    parameters: { namespace: '.+', name: '.+' },
    rules: [aRule({ scope: 'cluster', verbs: ['delete'], resources: ['namespaces'], resourceNames: [name] })],
    ...given,
  })

test.each<{
  name: string
  template: TaskTemplate
  reads: readonly (string | null)[]
  names: readonly string[] | undefined
}>([
  { name: 'of the lease', template: deleting('{namespace}'), reads: ['x', 'y'], names: ['x', 'y'] },
  {
    name: 'of the lease, which may be any',
    template: deleting('{namespace}', { grants: [{ agent: 'bot', namespaces: ['*'] }] }),
    reads: [null],
    names: undefined,
  },
  { name: 'that begins with that of the lease', template: deleting('{namespace}-2'), reads: [null], names: undefined },
  { name: 'that is given', template: deleting('{name}'), reads: [null], names: undefined },
  { name: 'that is written there', template: deleting('z'), reads: ['x', 'y', 'z'], names: ['z'] },
])(
  'who may delete the namespace $name has rights to no others, and the planner reads no others',
  ({ template, reads, names }) => {
    expect(namespacesRead(aPolicy({ templates: [template] }))).toEqual(reads)
    expect(toPolicyRules(template, 'cluster').map(rule => rule.resourceNames)).toEqual([names])
  },
)

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
