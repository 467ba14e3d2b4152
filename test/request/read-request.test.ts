import { describe, expect, test } from 'vitest'
import type { HttpRequest } from '../../src/request/http-request.ts'
import { isDiscovery, isSelfReview } from '../../src/request/is-discovery.ts'
import { readAnywhere, readRequest } from '../../src/request/read-request.ts'
import { anHttpRequest, SPDY, WEBSOCKET } from './a-http-request.ts'

function read(line: string, given: Partial<HttpRequest> = {}) {
  const [method = '', target = ''] = line.split(' ')
  return readAnywhere(anHttpRequest({ method, target, ...given }))
}

function request(line: string, given: Partial<HttpRequest> = {}) {
  const found = read(line, given)
  if (found.kind === 'refused') throw new Error(`${line}: ${found.reason} ${found.detail}`)
  return found.request
}

const EXEC = '/api/v1/namespaces/x/pods/web-0/exec?command=ls&stdout=true'

describe('readAnywhere', () => {
  test.each([
    ['GET /api/v1/namespaces/x/pods', { verb: 'list', resource: 'pods', namespace: 'x' }],
    ['GET /api/v1/namespaces/x/pods/web-0', { verb: 'get', name: 'web-0' }],
    ['GET /api/v1/pods?watch=1', { verb: 'watch', namespace: '' }],
    ['GET /api/v1/watch/namespaces/x/pods', { verb: 'watch', namespace: 'x' }],
    ['GET /api/v1/namespaces/x/pods?fieldSelector=metadata.name%3Dweb-0', { verb: 'list', name: 'web-0' }],
    ['DELETE /api/v1/namespaces/x/pods', { verb: 'deletecollection' }],
    ['DELETE /api/v1/namespaces/x', { verb: 'delete', resource: 'namespaces', name: 'x', namespace: 'x' }],
    ['PUT /api/v1/namespaces/x/finalize', { verb: 'update', resource: 'namespaces', subresource: 'finalize' }],
    [
      'PATCH /apis/apps/v1/namespaces/x/deployments/web/scale',
      { verb: 'patch', subresource: 'scale', apiGroup: 'apps' },
    ],
    [
      'GET /apis/example.com/v1beta1/widgets/system%3Anode',
      { verb: 'get', name: 'system:node', apiGroup: 'example.com' },
    ],
    ['GET /api/v1/nodes/n/proxy/metrics', { subresource: 'proxy', resource: 'nodes' }],
    ['GET /version', { isResourceRequest: false, verb: 'get' }],
    ['HEAD /api/v1/namespaces/x/pods/web-0', { verb: 'get' }],
  ])('%s', (line, want) => {
    expect(
      request(line, line.startsWith('GET') || line.startsWith('HEAD') ? {} : { route: 'write' }).info,
    ).toMatchObject(want)
  })

  test.each([
    'GET /api/v1/namespaces/x/../y/pods',
    'GET /api/v1/namespaces/x/./pods',
    'GET /api/v1/namespaces/%2e%2e/pods',
    'GET /api/v1//pods',
    'GET //api/v1/pods',
    'GET /api/v1/pods;a=b',
    'GET /api/v1/namespaces/x%2fpods',
    'GET /api/v1/namespaces/x%5cpods',
    'GET /api/v1/namespaces/x\\pods',
    'GET http://other/api/v1/pods',
    'GET /api/v1/pods#x',
    'GET /api/v1/pods%',
    'GET /api/v1/pods%zz',
    'GET /api/v1/p\u00f6ds',
    'GET /api/v1/pods%00',
    'GET /api/v1/pods%0a',
    'GET ',
    'GET *',
  ])('%s could be read in two ways', line => {
    expect(read(line)).toMatchObject({ kind: 'refused', reason: 'odd-path' })
  })

  test.each([
    'GET /api/v1/pods?watch=true&watch=false',
    'GET /api/v1/pods?a;watch=true',
    'GET /api/v1/pods?w%61tch=true',
    'GET /api/v1/pods?watch=%zz',
    'GET /api/v1/pods?watch=true#x',
  ])('%s is refused', line => {
    expect(read(line).kind).toBe('refused')
  })

  test.each(['get', 'CONNECT', 'TRACE', 'PROPFIND', ''])('method "%s" is not one of Kubernetes', method => {
    expect(readAnywhere(anHttpRequest({ method, target: '/api' }))).toMatchObject({ reason: 'odd-method' })
  })

  test.each([
    [['impersonate-user', 'x']],
    [['Impersonate-Uid', 'x']],
    [['impersonate_user', 'x']],
    [['x-remote-user', 'x']],
    [['audit-id', 'x']],
    [['proxy-authorization', 'x']],
    [['connection', 'close, Impersonate-Group']],
    [['connection', 'authorization']],
    [['sec-websocket-protocol', 'base64url.bearer.authorization.k8s.io.eA']],
    [
      ['authorization', 'Bearer a'],
      ['authorization', 'Bearer b'],
    ],
    [['authorization', 'Bearer a,Bearer b']],
  ] as [string, string][][])('headers %j never take effect', (...headers) => {
    const refused = read('GET /api/v1/pods', { headers })
    expect(refused).toMatchObject({ kind: 'refused', reason: 'forbidden-header' })
  })

  test('a refusal names the part, never its value', () => {
    const refused = read('GET /api/v1/pods', { headers: [['x-remote-user', 'secret-value']] })
    expect(JSON.stringify(refused)).not.toContain('secret-value')
  })

  test.each([
    { name: 'a body on a GET', line: 'GET /api/v1/pods', given: { body: Buffer.from('{}') } },
    { name: 'a declared body on a GET', line: 'GET /api/v1/pods', given: { headers: [['content-length', '2']] } },
    { name: 'a chunked GET', line: 'GET /api/v1/pods', given: { headers: [['transfer-encoding', 'chunked']] } },
    { name: 'less of a body than declared', line: 'POST /api/v1/pods', given: { headers: [['content-length', '9']] } },
    {
      name: 'an upgrade with a body',
      line: `GET ${EXEC}`,
      given: { headers: [...WEBSOCKET, ['content-length', '3']] },
    },
  ] as { name: string; line: string; given: Partial<HttpRequest> }[])('$name is refused', ({ line, given }) => {
    expect(read(line, given)).toMatchObject({ kind: 'refused', reason: 'unexpected-body' })
  })

  test('exec is one capability, over WebSocket and over SPDY', () => {
    const overWebSocket = request(`GET ${EXEC}`, { headers: WEBSOCKET })
    const overSpdy = request(`POST ${EXEC}`, { headers: SPDY })
    expect(overWebSocket.verbs).toEqual(overSpdy.verbs)
    expect(overWebSocket.verbs).toContain('create')
    for (const one of [overWebSocket, overSpdy]) {
      expect(one).toMatchObject({ routes: ['upgrade'], longRunning: true, stream: { command: ['ls'] } })
    }
  })

  test.each([
    {
      name: 'another protocol',
      line: `GET ${EXEC}`,
      headers: [
        ['connection', 'upgrade'],
        ['upgrade', 'h2c'],
      ],
    },
    { name: 'an upgrade of a list', line: 'GET /api/v1/pods', headers: WEBSOCKET },
    { name: 'exec without one', line: `GET ${EXEC}`, headers: [] },
    { name: 'WebSocket by POST', line: `POST ${EXEC}`, headers: WEBSOCKET },
    { name: 'an announcement without a protocol', line: 'GET /api/v1/pods', headers: [['connection', 'upgrade']] },
  ] as { name: string; line: string; headers: [string, string][] }[])('$name is refused', ({ line, headers }) => {
    expect(read(line, { headers })).toMatchObject({ kind: 'refused', reason: 'odd-upgrade' })
  })

  test.each([
    {
      line: 'PATCH /api/v1/namespaces/x/configmaps/a',
      contentType: 'application/apply-patch+yaml',
      want: ['patch', 'create'],
    },
    { line: 'PATCH /api/v1/namespaces/x/configmaps/a', contentType: 'application/merge-patch+json', want: ['patch'] },
  ])('$line as $contentType needs $want', ({ line, contentType, want }) => {
    expect(request(line, { headers: [['content-type', contentType]] }).verbs.toSorted()).toEqual(want.toSorted())
  })
})

describe('readRequest', () => {
  test.each([
    { line: 'GET /api/v1/pods?watch=true', route: 'read' },
    { line: 'GET /api/v1/namespaces/x/pods/web-0/log?follow=true', route: 'read' },
    { line: 'POST /api/v1/namespaces/x/pods', route: 'read' },
    { line: 'POST /api/v1/namespaces/x/pods', route: 'stream' },
    { line: 'GET /api/v1/nodes/n/proxy/metrics', route: 'read' },
    { line: 'GET /api/v1/pods', route: null },
    { line: 'GET /api/v1/pods', route: 'upgrade' },
  ] as const)('$line on a route of class $route is refused', ({ line, route }) => {
    const [method = '', target = ''] = line.split(' ')
    const refused = readRequest(anHttpRequest({ method, target, route }))
    expect(refused).toMatchObject({ kind: 'refused', reason: 'wrong-route' })
  })

  test('exec on a route that buffers is refused', () => {
    const refused = readRequest(anHttpRequest({ method: 'GET', target: EXEC, headers: WEBSOCKET, route: 'stream' }))
    expect(refused).toMatchObject({ kind: 'refused', reason: 'wrong-route' })
  })
})

describe('isDiscovery', () => {
  test.each([
    ...[
      '/api',
      '/api/v1',
      '/apis',
      '/apis/apps',
      '/apis/apps/v1',
      '/openapi/v2',
      '/openapi/v3',
      '/openapi/v3/apis/apps/v1',
      '/version',
    ],
  ])('%s is open to every lease', path => {
    expect(isDiscovery(request(`GET ${path}`))).toBe(true)
    expect(isDiscovery(request(`HEAD ${path}`))).toBe(true)
    expect(isDiscovery(request(`POST ${path}`, { route: 'write' }))).toBe(false)
  })

  test.each([
    '/',
    '/metrics',
    '/healthz',
    '/logs',
    '/debug/pprof',
    '/api/v1/pods',
    '/apis/apps/v1/deployments',
    '/openapi/v2x',
    '/versions',
  ])('%s is not', path => {
    expect(isDiscovery(request(`GET ${path}`))).toBe(false)
  })
})

describe('isSelfReview', () => {
  test.each([
    ['POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews', true],
    ['POST /apis/authorization.k8s.io/v1/selfsubjectrulesreviews', true],
    ['POST /apis/authentication.k8s.io/v1/selfsubjectreviews', true],
    ['POST /apis/authorization.k8s.io/v1/subjectaccessreviews', false],
    ['POST /apis/authentication.k8s.io/v1/tokenreviews', false],
    ['POST /apis/other.io/v1/selfsubjectaccessreviews', false],
    ['DELETE /apis/authorization.k8s.io/v1/selfsubjectaccessreviews/x', false],
  ])('%s: %s', (line, want) => {
    expect(isSelfReview(request(line, { route: 'write' }))).toBe(want)
  })
})
