import fc from 'fast-check'
import type { Rule, Scope } from '../../../src/lease/lease.ts'
import type { ApiRequest } from '../../../src/request/api-request.ts'
import { aRequest } from '../../policy/a-request.ts'

/** Few words, so that rules and requests often meet. */
const some = <T>(...words: readonly T[]) => fc.uniqueArray(fc.constantFrom(...words), { maxLength: 3 })

const lists: fc.Arbitrary<Rule> = fc.record({
  verbs: some('*', 'get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'),
  apiGroups: some('*', '', 'apps'),
  resources: some('*', 'pods', 'pods/log', 'pods/exec', '*/scale', 'deployments', 'deployments/scale', 'namespaces'),
  resourceNames: fc.oneof(fc.constant([]), some('a', 'b')),
  namespaces: some('*', 'x', 'y', 'z'),
  nonResourceURLs: fc.oneof(fc.constant([]), some('*', '/metrics', '/metrics/*', '/lo*')),
  commands: fc.oneof(fc.constant([]), some(['ls'], ['ls', '*'], ['ls', '**'], ['**'])),
  stdin: fc.boolean(),
  fields: fc.oneof(
    fc.constant([]),
    some(
      'spec',
      'spec.replicas',
      'spec.replicas <= 1',
      'spec.replicas <= 5',
      'spec.replicas in 2..9',
      'metadata.labels',
    ),
  ),
})

const reads: fc.Arbitrary<Partial<Rule>> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  fc.constantFrom<Partial<Rule>>(
    { metadataOnly: true },
    { labelSelector: 'app=a' },
    { labelSelector: 'app in (a,b)' },
    { fieldSelector: 'spec.nodeName=n' },
    { metadataOnly: true, labelSelector: 'app=a', fieldSelector: 'spec.nodeName=n' },
  ),
)

export const rules: fc.Arbitrary<Rule> = fc.tuple(lists, reads).map(([rule, more]) => ({ ...rule, ...more }))

export const scopes: fc.Arbitrary<Scope> = fc.array(rules, { maxLength: 5 })

const collections = fc.constantFrom('/api/v1/%/pods', '/apis/apps/v1/%/deployments')
const objects = fc
  .tuple(collections, fc.constantFrom('', '/a', '/b', '/a/log', '/a/scale'))
  .map(([collection, rest]) => `${collection}${rest}`)
const inNamespaces = fc
  .tuple(objects, fc.constantFrom('namespaces/x', 'namespaces/y', 'namespaces/z', 'namespaces/w', ''))
  .map(([path, namespace]) => path.replace('%/', namespace === '' ? '' : `${namespace}/`))
const others = fc.constantFrom('/api/v1/namespaces', '/api/v1/namespaces/x', '/api/v1/nodes/a', '/metrics', '/logs')

const bodies = fc.constantFrom('', '{"metadata":{"name":"a"}}', '{"metadata":{"generateName":"a"}}', '{')

const plain = fc
  .tuple(fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'), fc.oneof(inNamespaces, others), bodies)
  .map(([method, path, body]) => aRequest(`${method} ${path}`, method === 'POST' ? { body } : {}))
const execs = fc.array(fc.constantFrom('ls', '-l', 'rm'), { minLength: 1, maxLength: 3 }).map(command =>
  aRequest(`GET /api/v1/namespaces/x/pods/a/exec?${command.map(part => `command=${part}`).join('&')}`, {
    upgrade: true,
  }),
)

const patches = fc
  .constantFrom(
    '{"spec":{"replicas":1}}',
    '{"spec":{"replicas":4}}',
    '{"spec":{"replicas":7}}',
    '{"spec":{"a":1}}',
    '{"metadata":{"labels":{"a":"b"}}}',
    '{"spec":{},"data":1}',
    '{}',
  )
  .map(body =>
    aRequest('PATCH /apis/apps/v1/namespaces/x/deployments/a', { body, contentType: 'application/merge-patch+json' }),
  )

const selected = fc
  .tuple(
    fc.constantFrom(
      'GET /api/v1/namespaces/x/pods',
      'DELETE /api/v1/namespaces/x/pods',
      'GET /api/v1/namespaces/x/pods/a',
    ),
    fc.constantFrom(
      '',
      'labelSelector=app%3Da',
      'labelSelector=app+in+(a,b)',
      'labelSelector=app%3Da&fieldSelector=spec.nodeName%3Dn',
    ),
    fc.constantFrom(
      'application/json',
      ...['', 'List'].map(list => `application/json;as=PartialObjectMetadata${list};g=meta.k8s.io;v=v1`),
    ),
  )
  .map(([line, query, accept]) => aRequest(query === '' ? line : `${line}?${query}`, { accept }))

export const requests: fc.Arbitrary<ApiRequest> = fc.oneof({ weight: 5, arbitrary: plain }, execs, patches, selected)
