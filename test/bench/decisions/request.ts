// Time to read one request as kube-apiserver would.
import type { HeaderLine, HttpRequest } from '../../../src/request/http-request.ts'
import { readRequest } from '../../../src/request/read-request.ts'
import { anHttpRequest, WEBSOCKET } from '../../request/a-http-request.ts'

/** As kubectl sends them, with the headers that Envoy adds. */
const HEADERS: readonly HeaderLine[] = [
  [
    'accept',
    'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json',
  ],
  ['accept-encoding', 'gzip'],
  ['user-agent', 'kubectl/v1.36.3 (linux/amd64) kubernetes/0000000'],
  ['kubectl-command', 'kubectl get'],
  ['kubectl-session', '6f1c0c6e-7f5a-4d52-9a31-0b2f9e4d8d11'],
  ['authorization', `Bearer ${'a'.repeat(900)}`],
  ['x-forwarded-proto', 'https'],
  ['x-request-id', '3f6bd3c3-9f2e-4f53-b6cf-4a1d6f4f8a11'],
]
const POD = '/api/v1/namespaces/production/pods/web-5d4f8c7b9-x2x7k'
const body = Buffer.from(JSON.stringify({ spec: { replicas: 3 } }))
const patch: readonly HeaderLine[] = [
  ['content-type', 'application/merge-patch+json'],
  ['content-length', `${body.length}`],
]

const REQUESTS: Readonly<Record<string, HttpRequest>> = {
  get: anHttpRequest({ method: 'GET', target: POD, headers: HEADERS }),
  list: anHttpRequest({ method: 'GET', target: '/api/v1/namespaces/production/pods?limit=500', headers: HEADERS }),
  'watch by name': anHttpRequest({
    method: 'GET',
    target:
      '/apis/apps/v1/namespaces/production/deployments?allowWatchBookmarks=true&fieldSelector=metadata.name%3Dweb&labelSelector=app%3Dweb%2Ctier+in+(a,b)&resourceVersion=123456&timeoutSeconds=407&watch=true',
    headers: HEADERS,
    route: 'stream',
  }),
  patch: anHttpRequest({
    method: 'PATCH',
    target: '/apis/apps/v1/namespaces/production/deployments/web?fieldManager=kubectl-rollout',
    headers: [...HEADERS, ...patch],
    body,
    route: 'write',
  }),
  exec: anHttpRequest({
    method: 'GET',
    target: `${POD}/exec?command=sh&command=-c&command=ls+%2Ftmp&container=web&stderr=true&stdout=true`,
    headers: [...HEADERS, ...WEBSOCKET],
    route: 'session',
  }),
  'refused path': anHttpRequest({ method: 'GET', target: '/api/v1/namespaces/a/../b/secrets', headers: HEADERS }),
}

const ROUND = 20_000
const ROUNDS = 9

/** The median of some rounds, after one to warm up. */
function nanosecondsEach(http: HttpRequest): number {
  const rounds = Array.from({ length: ROUNDS + 1 }, () => {
    const from = performance.now()
    for (let i = 0; i < ROUND; i += 1) readRequest(http)
    return ((performance.now() - from) * 1e6) / ROUND
  })
  return rounds.slice(1).toSorted((a, b) => a - b)[ROUNDS >> 1] ?? Number.NaN
}

for (const [name, http] of Object.entries(REQUESTS)) {
  const { kind } = readRequest(http)
  console.log(`readRequest, ${name} (${kind}): ${Math.round(nanosecondsEach(http))} ns`)
}
