import { describe, expect, test } from 'vitest'
import type { Lease } from '../../../src/lease/lease.ts'
import type { Policy } from '../../../src/policy/policy.ts'
import { nextRequests } from '../../../src/policy/template/next-requests.ts'
import { requestCommand } from '../../../src/policy/template/request-command.ts'
import { waysIn } from '../../../src/policy/template/ways-in.ts'
import { aPolicy, aRule, aTemplate, leaseOf } from '../a-policy.ts'
import { aRequest } from '../a-request.ts'

const NODE = 'GET /api/v1/nodes/n1'

function asked(command: string, line: string): readonly string[] {
  return nextRequests(command, aRequest(line)).map(({ info, verbs }) => {
    const { namespace, resource, subresource, name, fieldSelector } = info
    const kind = subresource === '' ? resource : `${resource}/${subresource}`
    return [verbs.join('+'), namespace, kind, name, fieldSelector].filter(part => part !== '').join(' ')
  })
}

describe('nextRequests', () => {
  test.each([
    {
      command: 'kubectl drain',
      line: NODE,
      want: [
        'patch nodes n1',
        'list pods spec.nodeName=n1',
        'get * daemonsets',
        'create * pods/eviction',
        'get * pods',
      ],
    },
    { command: 'kubectl cordon', line: NODE, want: ['patch nodes n1'] },
    {
      command: 'kubectl scale',
      line: 'GET /apis/apps/v1/namespaces/a/deployments/web',
      want: ['patch a deployments/scale web'],
    },
    {
      command: 'kubectl rollout undo',
      line: 'GET /apis/apps/v1/namespaces/a/deployments/web',
      want: ['list a replicasets', 'patch a deployments web'],
    },
    { command: 'kubectl exec', line: 'GET /api/v1/namespaces/a/pods/p', want: ['create a pods/exec'] },
    { command: 'kubectl drain', line: 'GET /api/v1/pods', want: [] },
    { command: 'kubectl get', line: NODE, want: [] },
    { command: 'kubectl constructor', line: NODE, want: [] },
    { command: 'x'.repeat(512), line: NODE, want: [] },
    { command: '', line: NODE, want: [] },
  ])('$command after $line: $want', ({ command, line, want }) => {
    expect(asked(command, line)).toEqual(want)
  })
})

const nodes = aRule({ scope: 'cluster', verbs: ['get', 'patch'], apiGroups: [''], resources: ['nodes'] })
const evictions = [
  aRule({ verbs: ['get', 'list'], apiGroups: [''], resources: ['pods'] }),
  aRule({ verbs: ['create'], apiGroups: [''], resources: ['pods/eviction'] }),
  aRule({ verbs: ['get'], apiGroups: ['apps'], resources: ['daemonsets'] }),
]
const look = aTemplate({ name: 'look', rules: [nodes] })
const named = { dangerous: ['boundary-node-pods'] }

function hint(policy: Policy, command: string): readonly [template: string, lacks: string] {
  const lease: Lease = leaseOf(aTemplate({ name: 'other' }), { agent: 'bot', scope: [], namespaces: ['a'] })
  const request = aRequest(NODE)
  const [way] = waysIn({ policy, request, lease, above: [], next: nextRequests(command, request) })
  return way?.kind === 'ask' ? [requestCommand(way), way.lacks ?? ''] : ['none', '']
}

describe('a hint for the first request of a command', () => {
  const grants = [{ agent: 'bot', namespaces: ['*'] }]

  test('names the template of the whole command, with all of its namespaces', () => {
    const drain = aTemplate({ name: 'drain', grants, rules: [nodes, ...evictions], ...named })
    const policy = aPolicy({ boundaryNamespace: 'lg', templates: [look, drain] })
    const whole = "leasegate lease request --template drain --namespace '*' --reason 'WHY'"
    expect(hint(policy, 'kubectl drain')).toEqual([whole, ''])
    expect(hint(policy, 'kubectl get')[0]).toMatch(/--template look /)
    expect(hint(policy, 'kubectl cordon')[0]).toMatch(/--template look /)
  })

  test('says what will be missing where no template has all of it', () => {
    const policy = aPolicy({ boundaryNamespace: 'lg', templates: [look] })
    expect(hint(policy, 'kubectl drain')).toEqual([
      expect.stringMatching(/--template look /),
      'list on pods in the whole cluster',
    ])
  })

  test('counts what would be refused as dangerous as missing', () => {
    const drain = aTemplate({ name: 'drain', grants, rules: [nodes, ...evictions] })
    const policy = aPolicy({ boundaryNamespace: 'lg', templates: [drain] })
    expect(hint(policy, 'kubectl drain')[1]).toBe('list on pods in the whole cluster')
  })
})
