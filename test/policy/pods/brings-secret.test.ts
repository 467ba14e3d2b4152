import { describe, expect, test } from 'vitest'
import { bringsSecret } from '../../../src/policy/pods/brings-secret.ts'
import { aRequest } from '../a-request.ts'
import { toProtobuf } from './to-protobuf.ts'

const JSON_TYPE = 'application/json'
const STRATEGIC = 'application/strategic-merge-patch+json'
const STEPS = 'application/json-patch+json'
const PROTOBUF = 'application/vnd.kubernetes.protobuf'
const POD = 'POST /api/v1/namespaces/x/pods'
const WEB = 'PATCH /apis/apps/v1/namespaces/x/deployments/web'

const inTemplate = (spec: object) => ({ spec: { template: { spec } } })
const inContainer = (fields: object) => ({ containers: [{ name: 'c', ...fields }] })

describe('bringsSecret', () => {
  const brings = (line: string, contentType: string, body: object | string) =>
    bringsSecret(aRequest(line, { contentType, body: typeof body === 'string' ? body : JSON.stringify(body) }))

  test.each([
    {
      name: 'a variable',
      spec: inContainer({ env: [{ name: 'P', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }] }),
    },
    { name: 'all variables of one', spec: inContainer({ envFrom: [{ secretRef: { name: 's' } }] }) },
    { name: 'a volume', spec: { volumes: [{ name: 'v', secret: { secretName: 's' } }] } },
    {
      name: 'a projected volume',
      spec: { volumes: [{ name: 'v', projected: { sources: [{ secret: { name: 's' } }] } }] },
    },
    {
      name: 'a token',
      spec: { volumes: [{ name: 'v', projected: { sources: [{ serviceAccountToken: { path: 't' } }] } }] },
    },
    { name: 'a certificate', spec: { volumes: [{ name: 'v', projected: { sources: [{ podCertificate: {} }] } }] } },
    {
      name: 'a driver that has one',
      spec: { volumes: [{ name: 'v', csi: { driver: 'd', nodePublishSecretRef: { name: 's' } } }] },
    },
    {
      name: 'a driver that brings them itself',
      spec: { volumes: [{ name: 'v', csi: { driver: 'secrets-store.csi.k8s.io' } }] },
    },
    {
      name: 'a share that has one',
      spec: { volumes: [{ name: 'v', azureFile: { secretName: 's', shareName: 'a' } }] },
    },
    { name: 'a disk that has one', spec: { volumes: [{ name: 'v', rbd: { secretRef: { name: 's' } } }] } },
    { name: 'one to pull images with', spec: { imagePullSecrets: [{ name: 's' }] } },
    { name: 'a container of an init', spec: { initContainers: [{ envFrom: [{ secretRef: { name: 's' } }] }] } },
  ])('$name is one', ({ spec }) => {
    expect(brings(POD, JSON_TYPE, { spec })).toBe(true)
    expect(brings('PUT /apis/apps/v1/namespaces/x/statefulsets/w', JSON_TYPE, inTemplate(spec))).toBe(true)
    expect(brings(WEB, STRATEGIC, inTemplate(spec))).toBe(true)
    expect(brings(WEB, 'application/apply-patch+yaml', inTemplate(spec))).toBe(true)
    const custom = 'PATCH /apis/argoproj.io/v1alpha1/namespaces/x/rollouts/r'
    expect(brings(custom, 'application/merge-patch+json', inTemplate({ ...inContainer({}), ...spec }))).toBe(true)
    expect(bringsSecret(aRequest(POD, { contentType: PROTOBUF, body: toProtobuf('pods', { spec }) }))).toBe(true)
    const [[name, value] = ['', '']] = Object.entries(spec)
    expect(brings(WEB, STEPS, [{ op: 'add', path: `/spec/template/spec/${name}`, value }])).toBe(true)
  })

  const ACCOUNT = '/api/v1/namespaces/x/serviceaccounts'
  const pulls = { imagePullSecrets: [{ name: 's' }] }

  test.each([
    { line: `POST ${ACCOUNT}`, type: JSON_TYPE, body: { metadata: { name: 'a' }, ...pulls }, want: true },
    { line: `PUT ${ACCOUNT}/default`, type: JSON_TYPE, body: pulls, want: true },
    { line: `PATCH ${ACCOUNT}/default`, type: STRATEGIC, body: pulls, want: true },
    { line: `PATCH ${ACCOUNT}/default`, type: STRATEGIC, body: { secrets: [{ name: 's' }] }, want: true },
    {
      line: `PATCH ${ACCOUNT}/default`,
      type: STEPS,
      body: [{ op: 'add', path: '/imagePullSecrets/-', value: { name: 's' } }],
      want: true,
    },
    { line: `PATCH ${ACCOUNT}/default`, type: 'application/cbor', body: 'x', want: true },
    { line: `PATCH ${ACCOUNT}/default`, type: STRATEGIC, body: { metadata: { labels: { a: 'b' } } }, want: false },
    {
      line: `PATCH ${ACCOUNT}/default`,
      type: STEPS,
      body: [{ op: 'remove', path: '/imagePullSecrets/0' }],
      want: false,
    },
    { line: `POST ${ACCOUNT}/default/token`, type: JSON_TYPE, body: { spec: {} }, want: false },
    { line: `DELETE ${ACCOUNT}/default`, type: JSON_TYPE, body: {}, want: false },
  ])('an account hands it to pods that run as it: $line as $type with $body: $want', ({ line, type, body, want }) => {
    expect(brings(line, type, body)).toBe(want)
  })

  test('an account that is sent as protobuf is read as well', () => {
    const body = (more: object) => toProtobuf('serviceaccounts', { metadata: { name: 'a' }, ...more })
    const sent = (more: object) =>
      bringsSecret(aRequest(`POST ${ACCOUNT}`, { contentType: PROTOBUF, body: body(more) }))
    expect([sent(pulls), sent({})]).toEqual([true, false])
  })

  test('an ephemeral container with one is one', () => {
    const line = 'PATCH /api/v1/namespaces/x/pods/p/ephemeralcontainers'
    const body = { spec: { ephemeralContainers: [{ name: 'e', envFrom: [{ secretRef: { name: 's' } }] }] } }
    expect(brings(line, STRATEGIC, body)).toBe(true)
  })

  test.each([
    { name: 'an ordinary pod', line: POD, type: JSON_TYPE, body: { spec: inContainer({ image: 'a' }) } },
    {
      name: 'a ConfigMap for variables',
      line: POD,
      type: JSON_TYPE,
      body: { spec: inContainer({ envFrom: [{ configMapRef: { name: 'c' } }] }) },
    },
    {
      name: 'a volume that holds a certificate of others',
      line: POD,
      type: JSON_TYPE,
      body: { spec: { volumes: [{ name: 'v', projected: { sources: [{ clusterTrustBundle: { path: 'p' } }] } }] } },
    },
    { name: 'no Secret to pull images with', line: POD, type: JSON_TYPE, body: { spec: { imagePullSecrets: [] } } },
    {
      name: 'a restart',
      line: WEB,
      type: STRATEGIC,
      body: { spec: { template: { metadata: { annotations: { a: 'b' } } } } },
    },
    {
      name: 'a variable that goes',
      line: WEB,
      type: STEPS,
      body: [{ op: 'remove', path: '/spec/template/spec/containers/0/envFrom/0/secretRef' }],
    },
    { name: 'a Secret itself', line: 'POST /api/v1/namespaces/x/secrets', type: JSON_TYPE, body: { type: 'Opaque' } },
    {
      name: 'an Ingress with one',
      line: 'POST /apis/networking.k8s.io/v1/namespaces/x/ingresses',
      type: JSON_TYPE,
      body: { spec: { tls: [{ secretName: 's' }] } },
    },
    {
      name: 'a certificate, which is written there',
      line: 'POST /apis/cert-manager.io/v1/namespaces/x/certificates',
      type: JSON_TYPE,
      body: { spec: { secretName: 's' } },
    },
    {
      name: 'a key of a ConfigMap',
      line: 'POST /apis/x.example/v1/namespaces/x/widgets',
      type: JSON_TYPE,
      body: { spec: { configMapKeyRef: { name: 'c', key: 'k' }, from: { kind: 'ConfigMap', name: 'c' } } },
    },
    {
      name: 'a custom resource whose Secrets stay as they are',
      line: 'PATCH /apis/x.example/v1/namespaces/x/widgets/w',
      type: 'application/merge-patch+json',
      body: { spec: { size: 3, storeRef: { name: 's' }, password: null, secretRef: null } },
    },
    {
      name: 'the status of one that names a Secret',
      line: 'PATCH /apis/x.example/v1/namespaces/x/widgets/w/status',
      type: 'application/merge-patch+json',
      body: { status: { secretName: 's' } },
    },
    { name: 'a read', line: 'GET /api/v1/namespaces/x/pods/p', type: JSON_TYPE, body: '' },
  ])('$name is none', ({ line, type, body }) => {
    expect(brings(line, type, body)).toBe(false)
  })

  test.each([
    { name: 'its name', spec: { secretName: 's' } },
    { name: 'a name before it', spec: { credentialsSecret: 's' } },
    {
      name: 'a reference',
      spec: { vault: { server: 'https://v', auth: { tokenSecretRef: { name: 's', key: 'k' } } } },
    },
    { name: 'credentials for an address', spec: { authSecretRef: { name: 's' }, url: 'https://g' } },
    { name: 'a list of references', spec: { secretRefs: [{ name: 's' }] } },
    { name: 'its kind', spec: { postBuild: { substituteFrom: [{ kind: 'Secret', name: 's' }] } } },
    { name: 'a key', spec: { endpoints: [{ basicAuth: { password: { name: 's', key: 'k' } } }] } },
    {
      name: 'a value from one',
      spec: { datasource: { valuesFrom: [{ valueFrom: { secretKeyRef: { name: 's' } } }] } },
    },
  ])('a kind of others hands one that it names to its operator: by $name', ({ spec }) => {
    const kind = '/apis/x.example/v1/namespaces/x/widgets'
    expect(brings(`POST ${kind}`, JSON_TYPE, { spec })).toBe(true)
    expect(brings(`PUT ${kind}/w`, JSON_TYPE, { spec })).toBe(true)
    expect(brings(`PATCH ${kind}/w`, 'application/merge-patch+json', { spec })).toBe(true)
    const [[name, value] = ['', '']] = Object.entries(spec)
    expect(brings(`PATCH ${kind}/w`, STEPS, [{ op: 'add', path: `/spec/${name}`, value }])).toBe(true)
    expect(brings('POST /apis/cert-manager.io/v1/namespaces/x/issuers', JSON_TYPE, { spec })).toBe(true)
  })

  test.each([
    { spec: { password: { name: 'db' } } },
    { spec: { credentials: { key: 'admin' } } },
    { spec: { passwordRef: { name: 'db' } } },
    { spec: { valuesFrom: [{ name: 'db' }] } },
  ])('a patch that leads a reference to another one does, whatever stood beside it: $spec', ({ spec }) => {
    const kind = '/apis/x.example/v1/namespaces/x/widgets/w'
    expect(brings(`PATCH ${kind}`, 'application/merge-patch+json', { spec })).toBe(true)
    const [[field, value] = ['', '']] = Object.entries(spec)
    const [one = {}] = Array.isArray(value) ? value : [value]
    const [[part, text] = ['', '']] = Object.entries(one)
    const path = `/spec/${field}/${Array.isArray(value) ? '0/' : ''}${part}`
    expect(brings(`PATCH ${kind}`, STEPS, [{ op: 'replace', path, value: text }])).toBe(true)
  })

  test.each([
    { spec: { parentRefs: [{ name: 'web' }] } },
    { spec: { backendRefs: [{ name: 'web', port: 80 }] } },
    { spec: { configMapRef: { name: 'settings' } } },
    { spec: { replicas: 3 }, metadata: { name: 'w', namespace: 'x' } },
  ])('a patch that leads one to something else does not: $spec', patch => {
    expect(brings('PATCH /apis/x.example/v1/namespaces/x/widgets/w', 'application/merge-patch+json', patch)).toBe(false)
  })

  test.each([POD, WEB, 'POST /apis/x.example/v1/namespaces/x/widgets'])('what cannot be read is one: %s', line => {
    expect(brings(line, 'application/cbor', 'x')).toBe(true)
  })
})
