import { describe, expect, test } from 'vitest'
import { carriesCredential } from '../../../src/request/object/carries-credential.ts'
import { read } from '../a-http-request.ts'

describe('carriesCredential', () => {
  test.each([
    { request: 'POST /api/v1/namespaces/x/secrets', want: true },
    { request: 'PATCH /api/v1/namespaces/x/secrets/db', want: true },
    { request: 'POST /apis/authentication.k8s.io/v1/tokenreviews', want: true },
    { request: 'POST /api/v1/namespaces/x/serviceaccounts/web/token', want: true },
    { request: 'POST /apis/bitnami.com/v1alpha1/namespaces/x/sealedsecrets', want: true },
    { request: 'POST /api/v1/namespaces/x/configmaps', want: false },
    { request: 'PATCH /apis/apps/v1/namespaces/x/deployments/web', want: false },
    { request: 'POST /api/v1/namespaces/x/serviceaccounts', want: false },
    { request: 'POST /version/secrets', want: false },
  ])('$request: $want', ({ request, want }) => {
    expect(carriesCredential(read(request).info)).toBe(want)
  })
})
