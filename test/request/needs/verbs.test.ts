import { describe, expect, test } from 'vitest'
import { read, SPDY, WEBSOCKET } from '../a-http-request.ts'
import { bytesField, envelope } from '../object/a-protobuf.ts'

const POD = '/api/v1/namespaces/x/pods/p'
const SERVICE = '/api/v1/namespaces/x/services/s'

describe('requiredVerbs', () => {
  test.each([
    { request: 'GET /api/v1/pods', want: ['list'] },
    { request: 'GET /api/v1/pods?watch=1', want: ['watch'] },
    { request: `GET ${POD}/log`, want: ['get'] },
    { request: 'POST /api/v1/namespaces/x/pods?dryRun=All', want: ['create'] },
    { request: 'DELETE /api/v1/namespaces/x/pods', want: ['deletecollection'] },
    { request: 'GET /metrics', want: ['get'] },
    { request: 'GET /api/v1/proxy/namespaces/x/pods/p', want: ['proxy'] },
    { request: 'OPTIONS /api/v1/pods', want: [''] },
  ])('$request needs $want', ({ request, want }) => {
    expect(read(request).verbs).toEqual(want)
  })

  test.each(['exec?command=ls', 'attach', 'portforward'])('%s needs create, whichever way it comes', sub => {
    expect(read(`GET ${POD}/${sub}`, { headers: WEBSOCKET }).verbs).toEqual(['create'])
    expect(read(`POST ${POD}/${sub}`, { headers: SPDY }).verbs).toEqual(['create'])
  })

  test('a tunnel through proxy is more than the get that it comes as', () => {
    expect(read(`GET ${POD}/proxy/a`).verbs).toEqual(['get'])
    expect(read(`GET ${POD}/proxy/a`, { headers: WEBSOCKET }).verbs).toEqual(['get', 'create'])
    expect(read(`POST ${POD}/proxy/a`, { headers: SPDY }).verbs).toEqual(['create'])
  })

  test.each([
    { request: `PATCH ${POD}`, contentType: 'application/apply-patch+yaml', want: ['patch', 'create'] },
    { request: `PATCH ${POD}`, contentType: 'APPLICATION/Apply-Patch+YAML ; charset=utf-8', want: ['patch', 'create'] },
    { request: `PATCH ${POD}`, contentType: 'application/apply-patch+cbor', want: ['patch', 'create'] },
    { request: `PATCH ${POD}/status`, contentType: 'application/apply-patch+yaml', want: ['patch'] },
    { request: `PATCH ${SERVICE}/status`, contentType: 'application/apply-patch+yaml', want: ['patch', 'create'] },
    { request: `PATCH ${SERVICE}/status`, contentType: 'application/merge-patch+json', want: ['patch'] },
    { request: `PATCH ${SERVICE}`, contentType: 'application/merge-patch+json', want: ['patch'] },
    { request: `PATCH ${POD}`, contentType: 'application/strategic-merge-patch+json', want: ['patch'] },
    { request: `PATCH ${POD}`, contentType: 'application/json-patch+json', want: ['patch'] },
  ])('$request as $contentType needs $want', ({ request, contentType, want }) => {
    expect(read(request, { headers: [['content-type', contentType]] }).verbs).toEqual(want)
  })

  const VERSION = '{"metadata":{"name":"x","resourceVersion":"7"}}'
  const UID = '{"metadata":{"uid":"u"}}'

  test.each([
    { request: `PUT ${POD}`, body: VERSION },
    { request: `PUT ${POD}`, body: UID },
    { request: `PUT ${POD}`, contentType: 'Application/JSON; charset=utf-8', body: VERSION },
    { request: `PUT ${POD}/status`, body: '{}' },
    { request: 'PUT /apis/apps/v1/namespaces/x/deployments/d/scale', body: '{}' },
    { request: 'PUT /apis/example.com/v1/namespaces/x/services/s', body: VERSION },
    { request: `PUT ${SERVICE}`, body: UID },
    { request: `PUT ${SERVICE}/status`, body: UID },
    { request: `PUT ${SERVICE}/proxy`, body: '{}' },
  ])('$request of $body replaces and never creates', ({ request, contentType = 'application/json', body }) => {
    const given = { headers: [['content-type', contentType]] as const, body: Buffer.from(body) }
    expect(read(request, given).verbs).toEqual(['update'])
  })

  test.each([
    ...['', '{}', '{"metadata":null}', '{"metadata":[]}', '{"metadata":{}}', '{"uid":"u"}'],
    ...['{"resourceVersion":"7"}', '{"metadata":{"resourceVersion":7}}', '{"metadata":{"resourceVersion":""}}'],
    ...['{"metadata":{"resourceVersion":"0"}}', '{"metadata":{"resourceVersion":"00"}}', '{"metadata":{"uid":""}}'],
    ...['{"Metadata":{"uid":"u"}}', '{"metadata":{"UID":"u"}}', '{"__proto__":{"metadata":{"uid":"u"}}}'],
  ])('a PUT of %s may create', body => {
    const headers = [['content-type', 'application/json']] as const
    expect(read(`PUT ${POD}`, { headers, body: Buffer.from(body) }).verbs).toEqual(['update', 'create'])
  })

  test.each([
    ...['x', 'null', '[]', '"a"', '{"metadata":{"uid":"u"},"metadata":{}}', `${VERSION}x`, `\ufeff${VERSION}`],
  ])('a PUT of %s may be anything', body => {
    const headers = [['content-type', 'application/json']] as const
    expect(read(`PUT ${POD}`, { headers, body: Buffer.from(body) }).verbs).toEqual(['update', 'create', 'delete'])
  })

  test('a PUT of what nests without end may be anything', () => {
    const given = { headers: [['content-type', 'application/json']] as const, body: Buffer.from('['.repeat(100_000)) }
    expect(read(`PUT ${POD}`, given).verbs).toEqual(['update', 'create', 'delete'])
  })

  test.each(['application/json-patch+json', 'application/vnd.kubernetes.protobuf', 'application/cbor', 'text/plain'])(
    'a PUT as "%s" that cannot be read may be anything',
    contentType => {
      const given = { headers: [['content-type', contentType]] as const, body: Buffer.from(UID) }
      expect(read(`PUT ${POD}`, given).verbs).toEqual(['update', 'create', 'delete'])
    },
  )

  test.each(['application/yaml', ''])('a PUT as "%s" says like any other what it replaces', contentType => {
    const given = { headers: [['content-type', contentType]] as const, body: Buffer.from(UID) }
    expect(read(`PUT ${POD}`, given).verbs).toEqual(['update'])
  })

  test('a PUT in protobuf says too what it replaces', () => {
    const headers = [['content-type', 'application/vnd.kubernetes.protobuf']] as const
    const put = (meta: Buffer) => read(`PUT ${POD}`, { headers, body: envelope(bytesField(1, meta)) }).verbs
    expect(put(bytesField(6, '7'))).toEqual(['update'])
    expect(put(bytesField(1, 'p'))).toEqual(['update', 'create'])
  })

  test.each([
    ...[SERVICE, `${SERVICE}/status`, '/api/v1/namespaces/x/endpoints/e', '/api/v1/namespaces/x/events/e'],
    ...['/api/v1/namespaces/x/limitranges/l', '/apis/events.k8s.io/v1/namespaces/x/events/e'],
    ...['/apis/coordination.k8s.io/v1/namespaces/x/leases/l', '/apis/node.k8s.io/v1/runtimeclasses/r'],
    ...['/apis/rbac.authorization.k8s.io/v1/namespaces/x/roles/r', '/apis/rbac.authorization.k8s.io/v1/clusterroles/r'],
    ...['/apis/rbac.authorization.k8s.io/v1/namespaces/x/rolebindings/r'],
    ...['/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/r'],
  ])('PUT %s may create, also with a version', path => {
    const given = { headers: [['content-type', 'application/json']] as const, body: Buffer.from(VERSION) }
    expect(read(`PUT ${path}`, given).verbs).toEqual(['update', 'create'])
  })
})
