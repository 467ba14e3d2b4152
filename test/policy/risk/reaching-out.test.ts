import { describe, expect, test } from 'vitest'
import { NO_TERMS } from '../../../src/lease/scope/terms.ts'
import { maySteerController, mayTakeAddresses, mayTakeCloudIdentity } from '../../../src/policy/risk/reaching-out.ts'
import { aPolicy } from '../a-policy.ts'
import { aRequest } from '../a-request.ts'

const JSON_TYPE = 'application/json'
const MERGE = 'application/merge-patch+json'
const STEPS = 'application/json-patch+json'

const asked = (line: string, contentType: string, body: unknown) => ({
  request: aRequest(line, { contentType, body: typeof body === 'string' ? body : JSON.stringify(body) }),
  policy: aPolicy(),
  terms: NO_TERMS,
})

describe('a Service that takes addresses of others', () => {
  const SERVICES = '/api/v1/namespaces/x/services'
  const external = { spec: { externalIPs: ['192.0.2.1'] } }

  test.each([
    { line: `POST ${SERVICES}`, type: JSON_TYPE, body: external, want: true },
    { line: `PUT ${SERVICES}/s`, type: JSON_TYPE, body: external, want: true },
    { line: `PATCH ${SERVICES}/s`, type: MERGE, body: external, want: true },
    {
      line: `PATCH ${SERVICES}/s`,
      type: STEPS,
      body: [{ op: 'add', path: '/spec/externalIPs/-', value: '192.0.2.1' }],
      want: true,
    },
    { line: `PATCH ${SERVICES}/s`, type: STEPS, body: [{ op: 'copy', from: '/a', path: '/b' }], want: true },
    { line: `PATCH ${SERVICES}/s`, type: 'application/cbor', body: 'x', want: true },
    { line: `PATCH ${SERVICES}/s`, type: MERGE, body: { spec: { externalIPs: null } }, want: false },
    { line: `PATCH ${SERVICES}/s`, type: MERGE, body: { spec: { ports: [{ port: 80 }] } }, want: false },
    { line: `POST ${SERVICES}`, type: JSON_TYPE, body: { spec: { externalIPs: [] } }, want: false },
  ])('$line as $type with $body: $want', ({ line, type, body, want }) => {
    expect(mayTakeAddresses(asked(line, type, body))).toBe(want)
  })
})

describe('an account that gets an identity in a cloud', () => {
  const ACCOUNTS = '/api/v1/namespaces/x/serviceaccounts'
  const inCloud = (name: string) => ({ metadata: { annotations: { [name]: 'admin' } } })

  test.each([
    { type: MERGE, body: inCloud('eks.amazonaws.com/role-arn'), want: true },
    { type: MERGE, body: inCloud('iam.gke.io/gcp-service-account'), want: true },
    { type: MERGE, body: inCloud('azure.workload.identity/client-id'), want: true },
    { type: MERGE, body: inCloud('pod-identity.alibabacloud.com/role-name'), want: true },
    {
      type: STEPS,
      body: [{ op: 'add', path: '/metadata/annotations/eks.amazonaws.com~1role-arn', value: 'admin' }],
      want: true,
    },
    { type: 'application/cbor', body: 'x', want: true },
    { type: MERGE, body: inCloud('note'), want: false },
    { type: MERGE, body: { metadata: { annotations: { 'eks.amazonaws.com/role-arn': null } } }, want: false },
  ])('by $type with $body: $want', ({ type, body, want }) => {
    expect(mayTakeCloudIdentity(asked(`PATCH ${ACCOUNTS}/default`, type, body))).toBe(want)
  })
})

describe('an Ingress that steers its controller', () => {
  const INGRESS = 'PATCH /apis/networking.k8s.io/v1/namespaces/x/ingresses/i'

  test.each([
    { name: 'nginx.ingress.kubernetes.io/configuration-snippet', want: true },
    { name: 'nginx.org/server-snippets', want: true },
    { name: 'nginx.ingress.kubernetes.io/auth-tls-secret', want: true },
    { name: 'haproxy-ingress.github.io/config-backend', want: true },
    { name: 'haproxy-ingress.github.io/config-frontend-late', want: true },
    { name: 'haproxy-ingress.github.io/config-tcp-service', want: true },
    { name: 'haproxy-ingress.github.io/secure-crt-secret', want: true },
    { name: 'nginx.ingress.kubernetes.io/proxy-ssl-secret', want: true },
    { name: 'nginx.ingress.kubernetes.io/rewrite-target', want: false },
    { name: 'cert-manager.io/cluster-issuer', want: false },
  ])('by $name: $want', ({ name, want }) => {
    const body = { metadata: { annotations: { [name]: 'x' } } }
    expect(maySteerController(asked(INGRESS, MERGE, body))).toBe(want)
    const path = `/metadata/annotations/${name.replaceAll('/', '~1')}`
    expect(maySteerController(asked(INGRESS, STEPS, [{ op: 'add', path, value: 'x' }]))).toBe(want)
  })
})
