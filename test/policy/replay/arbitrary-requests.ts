import fc from 'fast-check'
import type { HttpRequest } from '../../../src/request/http-request.ts'
import { anHttpRequest, SPDY, WEBSOCKET } from '../../request/a-http-request.ts'
import { type Asking, HOLDER, PERSON } from './a-recorded.ts'
import { EDITS } from './policies.ts'

export const WIDE: Asking = { agent: 'bot', template: 'wide', namespaces: ['shop', 'dev'] }
export const NARROW: Asking = { agent: 'bot', template: 'narrow', namespaces: ['shop', 'dev'] }
const OF_ONE: Asking = { agent: 'other', template: 'narrow', namespaces: ['dev'] }

export function sent(line: string, contentType = '', body = ''): HttpRequest {
  const [method = '', target = ''] = line.split(' ')
  const headers = contentType === '' ? [] : [['content-type', contentType] as const]
  return anHttpRequest({ method, target, headers, body: Buffer.from(body) })
}

export const MERGE = 'application/merge-patch+json'
export const JSON_TYPE = 'application/json'

const resources = fc.constantFrom(
  ...[
    '/api/v1/%/pods',
    '/api/v1/%/configmaps',
    '/apis/apps/v1/%/deployments',
    '/api/v1/%/secrets',
    '/api/v1/%/services',
  ],
  '/apis/batch/v1/%/jobs',
)
const namespaces = fc.constantFrom('namespaces/shop', 'namespaces/dev', 'namespaces/more', 'namespaces/leasegate', '')
const names = fc.constantFrom(
  '',
  '/web',
  '/settings',
  '/other',
  '/web/scale',
  '/web/log',
  '/web/status',
  '/web/eviction',
  '/web/proxy/x',
)
const paths = fc
  .tuple(resources, namespaces, names)
  .map(([resource, namespace, name]) => `${resource.replace('%/', namespace === '' ? '' : `${namespace}/`)}${name}`)
const queries = fc.constantFrom(
  '',
  '',
  '?watch=true',
  '?labelSelector=app%3Dweb',
  '?fieldSelector=metadata.name%3Dweb',
  '?dryRun=All',
  '?force=true',
)

const containers = (more: object) => ({ spec: { template: { spec: { containers: [{ name: 'web', ...more }] } } } })
const bodies = fc
  .constantFrom<object | string>(
    ...['', '{', 'kind: x'],
    ...[{}, { metadata: { name: 'web' } }, { metadata: { name: 'settings', namespace: 'dev' } }],
    ...[
      { metadata: { generateName: 'web-' } },
      { metadata: { annotations: { a: 'b' } } },
      { metadata: { labels: { a: 'b' } } },
      { metadata: { labels: { 'team.example/a': 'b' } } },
    ],
    ...[
      { metadata: { annotations: { a: 'b' }, labels: { a: 'b' } } },
      { spec: { replicas: 3 } },
      { spec: { replicas: 3 }, metadata: { annotations: { a: 'b' } } },
    ],
    ...[
      containers({ image: 'x' }),
      containers({ env: [{ name: 'A', value: 'b' }] }),
      containers({ securityContext: { privileged: true } }),
    ],
    ...[{ spec: { hostNetwork: true, containers: [] } }, { spec: { serviceAccountName: 'admin', containers: [] } }],
    ...[
      { metadata: { ownerReferences: [{ uid: 'x' }] } },
      { metadata: { uid: 'u', name: 'web' } },
      { data: { a: 'b' } },
    ],
    { type: 'kubernetes.io/service-account-token', metadata: { name: 'web' } },
  )
  .map(body => (typeof body === 'string' ? body : JSON.stringify(body)))
const types = fc.constantFrom(
  ...[
    JSON_TYPE,
    MERGE,
    'application/strategic-merge-patch+json',
    'application/apply-patch+yaml',
    'application/json-patch+json',
  ],
)
const plain = fc
  .tuple(fc.constantFrom('GET', 'GET', 'HEAD', 'DELETE'), paths, queries)
  .map(([method, path, query]) => sent(`${method} ${path}${query}`))
const writes = fc
  .tuple(fc.constantFrom('POST', 'PUT', 'PATCH', 'PATCH'), paths, queries, types, bodies)
  .map(([method, path, query, type, body]) => sent(`${method} ${path}${query}`, type, body))
const tunnels = fc
  .tuple(
    fc.boolean(),
    fc.constantFrom('shop', 'dev', 'more'),
    fc.constantFrom(
      'exec?command=ls&command=-l',
      'exec?command=ps',
      'exec?command=ps&stdin=true',
      'attach',
      'portforward',
      'exec?command=curl&command=--token%3Dabcdefgh',
      'proxy/x',
    ),
  )
  .map(([spdy, namespace, rest]) => {
    const target = `/api/v1/namespaces/${namespace}/pods/web/${rest}`
    return spdy
      ? anHttpRequest({ method: 'POST', target, headers: SPDY })
      : anHttpRequest({ method: 'GET', target, headers: WEBSOCKET })
  })
const others = fc
  .constantFrom(
    'GET /metrics',
    'GET /version',
    'GET /api/v1/namespaces',
    'GET /api/v1/namespaces/shop',
    'DELETE /api/v1/namespaces/shop',
    'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    'GET /a%zz',
  )
  .map(line => sent(line))
export const anything = fc.oneof({ weight: 3, arbitrary: plain }, { weight: 4, arbitrary: writes }, tunnels, others)
export const askings = fc
  .tuple(
    fc.constantFrom(WIDE, NARROW, OF_ONE),
    fc.constantFrom({}, { holder: HOLDER }),
    fc.constantFrom({}, { onBehalfOf: PERSON }),
  )
  .map(parts => Object.assign({}, ...parts) as Asking)
export const edits = fc.subarray([...EDITS], { maxLength: 3 })
export const watching = fc.constantFrom<readonly string[]>([], ['ada'])
