import { describe, expect, test } from 'vitest'
import type { Lease } from '../../../src/lease/lease.ts'
import type { Policy } from '../../../src/policy/policy.ts'
import { nextRequests } from '../../../src/policy/template/commands/next-requests.ts'
import { requestCommand } from '../../../src/policy/template/commands/request-command.ts'
import { waysIn } from '../../../src/policy/template/ways-in.ts'
import { aPolicy, aRule, aTemplate, leaseOf } from '../a-policy.ts'
import { aRequest } from '../a-request.ts'

const NODE = 'GET /api/v1/nodes/n1'
const WEB = '/apis/apps/v1/namespaces/a/deployments/web'

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
    { command: 'kubectl exec', line: 'GET /api/v1/namespaces/a/pods/p', want: ['create a pods/exec p'] },
    {
      command: 'kubectl drain',
      line: 'GET /api/v1/nodes?labelSelector=pool%3Da',
      want: ['patch nodes', 'list pods spec.nodeName=any', 'get * daemonsets', 'create * pods/eviction', 'get * pods'],
    },
    { command: 'kubectl apply', line: `GET ${WEB}`, want: ['patch a deployments web', 'create a deployments'] },
    { command: 'kubectl diff', line: `GET ${WEB}`, want: ['patch a deployments web', 'create a deployments'] },
    {
      command: 'kubectl rollout status',
      line: `GET ${WEB}`,
      want: ['list a deployments web', 'watch a deployments web'],
    },
    { command: 'kubectl wait', line: 'GET /api/v1/namespaces/a/pods', want: ['list a pods', 'watch a pods'] },
    { command: 'kubectl describe', line: `GET ${WEB}`, want: ['list a events'] },
    { command: 'kubectl describe', line: 'GET /api/v1/pods', want: ['get * pods', 'list * events'] },
    { command: 'kubectl describe', line: NODE, want: [] },
    { command: 'kubectl delete', line: 'GET /api/v1/namespaces/a/pods?labelSelector=app', want: ['delete a pods'] },
    { command: 'kubectl label', line: 'GET /api/v1/pods?labelSelector=app', want: ['patch * pods'] },
    { command: 'kubectl label', line: 'GET /apis/cert.example/v1/issuers', want: [] },
    {
      command: 'kubectl scale',
      line: 'GET /apis/apps/v1/namespaces/a/deployments',
      want: ['patch a deployments/scale'],
    },
    { command: 'kubectl logs', line: 'GET /api/v1/namespaces/a/pods?labelSelector=app', want: ['get a pods/log'] },
    { command: 'kubectl logs', line: `GET ${WEB}`, want: ['list a pods', 'get a pods/log'] },
    { command: 'kubectl exec', line: `GET ${WEB}`, want: ['list a pods', 'create a pods/exec'] },
    {
      command: 'kubectl port-forward',
      line: 'GET /api/v1/namespaces/a/services/web',
      want: ['list a pods', 'get a pods', 'create a pods/portforward'],
    },
    {
      command: 'kubectl debug',
      line: 'GET /api/v1/namespaces/a/pods/p',
      want: ['patch a pods/ephemeralcontainers p', 'list a pods p', 'watch a pods p', 'create a pods/attach p'],
    },
    { command: 'kubectl debug', line: NODE, want: ['create * pods'] },
    {
      command: 'kubectl rollout undo',
      line: 'GET /apis/apps/v1/namespaces/a/daemonsets/d',
      want: ['list a controllerrevisions', 'patch a daemonsets d'],
    },
    { command: 'kubectl label', line: 'PATCH /api/v1/namespaces/a/pods/p', want: [] },
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

function hint(policy: Policy, command: string, line = NODE): readonly [template: string, lacks: string] {
  const lease: Lease = leaseOf(aTemplate({ name: 'other' }), { agent: 'bot', scope: [], namespaces: ['a'] })
  const request = aRequest(line)
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

  test.each([
    { command: 'kubectl apply', line: `GET ${WEB}`, deploys: /--template deploy / },
    { command: 'kubectl diff', line: `GET ${WEB}`, deploys: /--template deploy / },
    { command: 'kubectl label', line: 'GET /apis/apps/v1/namespaces/a/deployments', deploys: /--template deploy / },
    { command: 'kubectl rollout restart', line: `GET ${WEB}`, deploys: /--template restart / },
    { command: 'kubectl set image', line: `GET ${WEB}`, deploys: /--template deploy / },
    { command: 'kubectl get', line: `GET ${WEB}`, deploys: /--template restart / },
  ])('$command of $line leads to the smallest lease for all of it', ({ command, line, deploys }) => {
    const apps = { apiGroups: ['apps'], resources: ['deployments'] }
    const see = aTemplate({ name: 'see', grants, rules: [aRule({ ...apps, verbs: ['get', 'list'] })] })
    const fields = ['spec.template.metadata.annotations["kubectl.kubernetes.io/restartedAt"]']
    const restart = aTemplate({
      name: 'restart',
      grants,
      rules: [aRule({ ...apps, verbs: ['get'] }), aRule({ ...apps, verbs: ['patch'], resourceNames: ['web'], fields })],
    })
    const verbs = ['get', 'list', 'create', 'patch']
    const deploy = aTemplate({ name: 'deploy', grants, rules: [aRule({ ...apps, verbs })] })
    const policy = aPolicy({ boundaryNamespace: 'lg', templates: [see, restart, deploy] })
    const [named, lacks] = hint(policy, command, line)
    expect(named).toMatch(deploys)
    expect(lacks).toBe('')
  })

  test('does not say that a command is missing which may be one of those that are granted', () => {
    const rules = [
      aRule({ verbs: ['get'], apiGroups: [''], resources: ['pods'] }),
      aRule({ verbs: ['create'], apiGroups: [''], resources: ['pods/exec'], commands: [['df', '-h']] }),
    ]
    const policy = aPolicy({ boundaryNamespace: 'lg', templates: [aTemplate({ name: 'run', grants, rules })] })
    const [named, lacks] = hint(policy, 'kubectl exec', 'GET /api/v1/namespaces/a/pods/p')
    expect([named, lacks]).toEqual([expect.stringMatching(/--template run /), ''])
  })
})
