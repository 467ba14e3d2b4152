import { describe, expect, test } from 'vitest'
import { CHANGES, type Change } from '../../../src/lease/questions/risk-rule.ts'
import { changesOnly, mayChange } from '../../../src/policy/risk-rules/what-changes.ts'
import { aRequest } from '../a-request.ts'

const STRATEGIC = 'application/strategic-merge-patch+json'
const MERGE = 'application/merge-patch+json'
const STEPS = 'application/json-patch+json'
const APPLY = 'application/apply-patch+yaml'

const WEB = '/apis/apps/v1/namespaces/x/deployments/web'
const patch = (contentType: string, body: unknown, path = WEB) =>
  aRequest(`PATCH ${path}`, { contentType, body: JSON.stringify(body) })
const container = (fields: object) => ({ spec: { template: { spec: { containers: [{ name: 'web', ...fields }] } } } })
const step = (op: string, path: string, value?: unknown) => patch(STEPS, [{ op, path, value }])
const whole = JSON.stringify({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  ...container({ image: 'a' }),
})
const IN_PODS: readonly Change[] = ['image', 'env']
const NOT_DELETES = CHANGES.filter(change => change !== 'deletes')

describe('what a request may change', () => {
  test.each([
    { name: 'kubectl set image', request: patch(STRATEGIC, container({ image: 'b' })), want: ['image'] },
    {
      name: 'the order that kubectl names beside',
      request: patch(STRATEGIC, {
        spec: {
          template: {
            spec: { '$setElementOrder/containers': [{ name: 'web' }], containers: [{ name: 'web', image: 'b' }] },
          },
        },
      }),
      want: ['image'],
    },
    {
      name: 'kubectl set env',
      request: patch(STRATEGIC, container({ env: [{ name: 'A', value: 'b' }] })),
      want: ['env'],
    },
    { name: 'envFrom', request: patch(STRATEGIC, container({ envFrom: [] })), want: ['env'] },
    { name: 'a command', request: patch(STRATEGIC, container({ command: ['sh'] })), want: [] },
    { name: 'a container taken away', request: patch(STRATEGIC, container({ $patch: 'delete' })), want: IN_PODS },
    { name: 'a list written over by a merge', request: patch(MERGE, container({ command: ['sh'] })), want: IN_PODS },
    { name: 'a pod template that is gone', request: patch(MERGE, { spec: { template: null } }), want: IN_PODS },
    { name: 'all of spec that is gone', request: patch(MERGE, { spec: null }), want: [...IN_PODS, 'replicas'] },
    { name: 'replicas', request: patch(MERGE, { spec: { replicas: 3 } }), want: ['replicas'] },
    { name: 'kubectl scale', request: patch(MERGE, { spec: { replicas: 0 } }, `${WEB}/scale`), want: ['replicas'] },
    ...[
      { line: '/apis/batch/v1/namespaces/x/jobs/j', spec: { suspend: true } },
      { line: '/apis/batch/v1/namespaces/x/jobs/j', spec: { parallelism: 0 } },
      { line: '/apis/apps/v1/namespaces/x/statefulsets/s', spec: { ordinals: { start: 5 } } },
      { line: '/apis/autoscaling/v2/namespaces/x/horizontalpodautoscalers/h', spec: { maxReplicas: 1 } },
      { line: '/apis/postgresql.cnpg.io/v1/namespaces/x/clusters/c', spec: { instances: 0 } },
    ].map(({ line, spec }) => ({
      name: `as many as ${JSON.stringify(spec)} lets there be`,
      request: patch(MERGE, { spec }, line),
      want: ['replicas' as const],
    })),
    ...[
      ['/apis/acid.zalan.do/v1/namespaces/x/postgresqls/p', { numberOfInstances: 0 }],
      ['/apis/mongodbcommunity.mongodb.com/v1/namespaces/x/mongodbcommunity/m', { members: 0 }],
      ['/apis/a.example/v1/namespaces/x/things/t', { size: 0 }],
      ['/apis/a.example/v1/namespaces/x/things/t', { workers: { howMany: 1 } }],
      ['/apis/a.example/v1/namespaces/x/things/t', { pools: [{ amount: '0' }] }],
      ['/apis/a.example/v1/namespaces/x/things/t', { hibernate: true }],
      ['/apis/kubevirt.io/v1/namespaces/x/virtualmachines/v', { running: false }],
      ['/apis/kubevirt.io/v1/namespaces/x/virtualmachines/v', { runStrategy: 'Halted' }],
    ].map(([line, spec]) => ({
      name: `what ${JSON.stringify(spec)} of another kind may say`,
      request: patch(STRATEGIC, { spec }, String(line)),
      want: ['replicas' as const],
    })),
    {
      name: 'words of another kind that say no number',
      request: patch(MERGE, { spec: { title: 'x', notes: { a: 'b' } } }, '/apis/a.example/v1/namespaces/x/things/t'),
      want: [],
    },
    {
      name: 'a number of a kind that is known',
      request: patch(MERGE, { spec: { minReadySeconds: 3 } }),
      want: [],
    },
    {
      name: 'how many pods a Job runs in all',
      request: patch(MERGE, { spec: { completions: 1 } }, '/apis/batch/v1/namespaces/x/jobs/j'),
      want: ['replicas'],
    },
    {
      name: 'an image that another kind calls otherwise',
      request: patch(MERGE, { spec: { imageName: 'b' } }, '/apis/postgresql.cnpg.io/v1/namespaces/x/clusters/c'),
      want: ['image'],
    },
    {
      name: 'kubectl annotate',
      request: patch(MERGE, { metadata: { annotations: { a: 'b' } } }),
      want: ['annotations'],
    },
    { name: 'a label that is gone', request: patch(MERGE, { metadata: { labels: { a: null } } }), want: ['labels'] },
    {
      name: 'a step to an image',
      request: step('replace', '/spec/template/spec/containers/0/image', 'b'),
      want: ['image'],
    },
    {
      name: 'a step over a container',
      request: step('replace', '/spec/template/spec/containers/0', {}),
      want: IN_PODS,
    },
    {
      name: 'a step over a variable',
      request: step('remove', '/spec/template/spec/containers/0/env/1'),
      want: ['env'],
    },
    {
      name: 'a step over metadata',
      request: step('replace', '/metadata', {}),
      want: ['annotations', 'labels', 'deletes'],
    },
    { name: 'a step that tests', request: step('test', '/spec/template/spec/containers/0/image', 'b'), want: [] },
    { name: 'a step over everything', request: step('replace', '', {}), want: CHANGES },
    { name: 'a copy', request: patch(STEPS, [{ op: 'copy', from: '/spec/x', path: '/spec/y' }]), want: NOT_DELETES },
    {
      name: 'an apply',
      request: aRequest(`PATCH ${WEB}`, { contentType: APPLY, body: '{"metadata":{}}' }),
      want: NOT_DELETES,
    },
    {
      name: 'a PUT',
      request: aRequest(`PUT ${WEB}`, { contentType: 'application/json', body: whole }),
      want: NOT_DELETES,
    },
    {
      name: 'a create with an image',
      request: aRequest('POST /apis/apps/v1/namespaces/x/deployments', {
        contentType: 'application/json',
        body: whole,
      }),
      want: ['image'],
    },
    {
      name: 'a body that nobody can read',
      request: aRequest(`PATCH ${WEB}`, { contentType: MERGE, body: '{"a":1,"a":2}' }),
      want: CHANGES,
    },
    {
      name: 'a ConfigMap',
      request: patch(MERGE, { data: { image: 'x' } }, '/api/v1/namespaces/x/configmaps/c'),
      want: [],
    },
    {
      name: 'a custom resource with an image',
      request: patch(MERGE, { spec: { image: 'x' } }, '/apis/a.example/v1/namespaces/x/things/t'),
      want: ['image'],
    },
    {
      name: 'something gone of a custom resource',
      request: patch(MERGE, { spec: { any: null } }, '/apis/a.example/v1/namespaces/x/things/t'),
      want: ['image', 'env', 'replicas'],
    },
    { name: 'a delete', request: aRequest(`DELETE ${WEB}`), want: ['deletes'] },
    { name: 'a collection that is deleted', request: aRequest('DELETE /api/v1/namespaces/x/pods'), want: ['deletes'] },
    {
      name: 'an eviction',
      request: aRequest('POST /api/v1/namespaces/x/pods/p/eviction', {
        contentType: 'application/json',
        body: '{"kind":"Eviction"}',
      }),
      want: ['deletes'],
    },
    {
      name: 'an owner that lets it be collected',
      request: patch(MERGE, { metadata: { ownerReferences: [{}] } }),
      want: ['deletes'],
    },
    { name: 'a read', request: aRequest(`GET ${WEB}`), want: [] },
  ])('$name', ({ request, want }) => {
    expect([...mayChange(request)].toSorted()).toEqual([...want].toSorted())
  })
})

describe('what a patch changes and nothing beside', () => {
  test.each([
    { name: 'an annotation', request: patch(MERGE, { metadata: { annotations: { a: 'b' } } }), want: true },
    { name: 'one that is gone', request: step('remove', '/metadata/annotations/a'), want: true },
    {
      name: 'with the version that it was read at',
      request: patch(MERGE, { metadata: { resourceVersion: '7', annotations: { a: 'b' } } }),
      want: true,
    },
    {
      name: 'and a label',
      request: patch(MERGE, { metadata: { annotations: { a: 'b' }, labels: { a: 'b' } } }),
      want: false,
    },
    {
      name: 'and replicas',
      request: patch(MERGE, { metadata: { annotations: { a: 'b' } }, spec: { replicas: 0 } }),
      want: false,
    },
    {
      name: "a pod's annotation",
      request: patch(MERGE, { spec: { template: { metadata: { annotations: { a: 'b' } } } } }),
      want: false,
    },
    {
      name: 'an annotation by which a sidecar comes',
      request: patch(MERGE, { metadata: { annotations: { 'sidecar.istio.io/proxyImage': 'evil' } } }),
      want: false,
    },
    ...[
      'kubectl.kubernetes.io/last-applied-configuration',
      'nginx.ingress.kubernetes.io/configuration-snippet',
      'eks.amazonaws.com/role-arn',
      'keel.sh/policy',
      'cnpg.io/hibernation',
      'autoscaling.keda.sh/paused-replicas',
      'replicator.v1.mittwald.de/replicate-to',
      'an-operator-that-nobody-knows.example/does',
      'aadpodidbinding',
    ].map(name => ({
      name: `${name}, which others act on`,
      request: patch(MERGE, { metadata: { annotations: { [name]: 'x' } } }),
      want: false,
    })),
    ...['kubernetes.io/change-cause', 'ticket', 'team.owner'].map(name => ({
      name: `${name}, which people read`,
      request: patch(MERGE, { metadata: { annotations: { [name]: 'x' } } }),
      want: true,
    })),
    { name: 'all of them gone', request: patch(MERGE, { metadata: { annotations: null } }), want: false },
    { name: 'all of them written over', request: step('replace', '/metadata/annotations', { a: 'b' }), want: false },
    { name: 'nothing', request: patch(MERGE, {}), want: false },
    {
      name: 'an apply of one',
      request: aRequest(`PATCH ${WEB}`, { contentType: APPLY, body: '{"metadata":{"annotations":{"a":"b"}}}' }),
      want: false,
    },
    {
      name: 'what nobody can read',
      request: aRequest(`PATCH ${WEB}`, { contentType: MERGE, body: '{"metadata":{"annotations":{"a":1,"a":2}}}' }),
      want: false,
    },
    { name: 'a PUT', request: aRequest(`PUT ${WEB}`, { contentType: 'application/json', body: whole }), want: false },
  ])('annotations: $name', ({ request, want }) => {
    expect(changesOnly(request, ['annotations'])).toBe(want)
  })
})
