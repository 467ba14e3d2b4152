import { describe, expect, test } from 'vitest'
import { isDiscovery, isSelfReview } from '../../src/request/is-discovery.ts'
import { read } from './a-http-request.ts'

describe('isDiscovery', () => {
  test.each([
    ...['/version', '/api', '/api/v1', '/apis', '/apis/apps', '/apis/apps/v1', '/apis/metrics.k8s.io/v1beta1'],
    ...[
      '/openapi/v2',
      '/openapi/v3',
      '/openapi/v3/api/v1',
      '/openapi/v3/apis/apps/v1?hash=ABC',
      '/version?timeout=32s',
    ],
    ...['/version/', '/api/', '/api/v1/', '/apis/', '/apis/apps/', '/apis/apps/v1/', '/openapi/v2/', '/openapi/v3/'],
    ...['/openapi', '/openapi/', '/openapi/v3/apis/apps/v1/', '/healthz', '/livez', '/readyz', '/readyz?verbose'],
  ])('opens GET and HEAD of %s', target => {
    expect(isDiscovery(read(`GET ${target}`))).toBe(true)
    expect(isDiscovery(read(`HEAD ${target}`))).toBe(true)
  })

  test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('does not open %s of the same paths', method => {
    for (const path of ['/version', '/api/v1', '/apis/apps/v1', '/openapi/v3']) {
      expect(isDiscovery(read(`${method} ${path}`))).toBe(false)
    }
  })

  test.each([
    ...['/', '/openapiv2', '/versions', '/version/a', '/apiss', '/apis/apps/v1/deployments/'],
    ...['/API', '/Version', '/api/v1/pods', '/apis/apps/v1/deployments', '/api/v1/namespaces', '/apis/apps/v1/watch/a'],
    ...['/healthz/', '/healthz/ping', '/livez/etcd', '/readyz/', '/readyzz', '/metrics', '/logs', '/debug/pprof'],
    ...['/configz', '/swaggerapi', '/.well-known/a', '/.well-known/openid-configuration', '/openid/v1/jwks'],
  ])('does not open %s', path => {
    expect(isDiscovery(read(`GET ${path}`))).toBe(false)
  })
})

describe('isSelfReview', () => {
  test.each([
    '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews',
    '/apis/authentication.k8s.io/v1/selfsubjectreviews',
    '/apis/authentication.k8s.io/v1beta1/selfsubjectreviews?dryRun=All',
  ])('knows POST %s', path => {
    expect(isSelfReview(read(`POST ${path}`))).toBe(true)
  })

  test.each([
    'GET /apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    'PUT /apis/authorization.k8s.io/v1/selfsubjectaccessreviews/x',
    'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews/x',
    'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews/x/y',
    'POST /apis/authorization.k8s.io/v1/namespaces/x/selfsubjectaccessreviews',
    'POST /apis/authorization.k8s.io/v1/watch/selfsubjectaccessreviews',
    'POST /apis/authorization.k8s.io/v1/subjectaccessreviews',
    'POST /apis/authorization.k8s.io/v1/namespaces/x/localsubjectaccessreviews',
    'POST /apis/authentication.k8s.io/v1/tokenreviews',
    'POST /apis/authentication.k8s.io/v1/selfsubjectaccessreviews',
    'POST /apis/example.com/v1/selfsubjectreviews',
    'POST /api/v1/selfsubjectreviews',
  ])('does not take %s for one', request => {
    expect(isSelfReview(read(request))).toBe(false)
  })
})
