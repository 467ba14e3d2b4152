import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { NO_TERMS } from '../../../src/lease/scope/terms.ts'
import { mayReachHost, mayTakeIdentity } from '../../../src/policy/risk/pod-escape.ts'
import { bytesField, envelope, flagField, varint } from '../../request/object/a-protobuf.ts'
import { aPolicy } from '../a-policy.ts'
import { aRequest } from '../a-request.ts'

const DEPLOYMENT = 'POST /apis/apps/v1/namespaces/x/deployments'
const POD = 'POST /api/v1/namespaces/x/pods'

function asked(line: string, contentType: string, body: string | Uint8Array) {
  return { request: aRequest(line, { contentType, body }), policy: aPolicy(), terms: NO_TERMS }
}

function escapes(line: string, contentType: string, body: string | Uint8Array): readonly string[] {
  const given = asked(line, contentType, body)
  return [...(mayTakeIdentity(given) ? ['identity'] : []), ...(mayReachHost(given) ? ['host'] : [])]
}

const pod = (spec: object) => JSON.stringify({ kind: 'Pod', spec })
const deployment = (spec: object) => JSON.stringify({ kind: 'Deployment', spec: { template: { spec } } })

/** As Kubernetes wraps it; `path` leads from the object to the PodSpec. */
function protobuf(path: readonly number[], spec: Buffer): Buffer {
  const object = path.toReversed().reduce((inner, field) => bytesField(field, inner), spec)
  return envelope(object)
}

describe('what pods reach for', () => {
  test.each([
    { name: 'an ordinary pod', spec: { containers: [{ name: 'a', image: 'b' }] }, want: [] },
    { name: 'the default account by name', spec: { serviceAccountName: 'default' }, want: [] },
    { name: 'another account', spec: { serviceAccountName: 'builder' }, want: ['identity'] },
    { name: 'another account by the old name', spec: { serviceAccount: 'builder' }, want: ['identity'] },
    {
      name: 'a token in a volume',
      spec: { volumes: [{ projected: { sources: [{ serviceAccountToken: { path: 't' } }] } }] },
      want: ['identity'],
    },
    { name: "the node's network", spec: { hostNetwork: true }, want: ['host'] },
    { name: "explicitly not the node's network", spec: { hostNetwork: false }, want: [] },
    { name: "the node's processes", spec: { hostPID: true }, want: ['host'] },
    { name: "the node's files", spec: { volumes: [{ name: 'v', hostPath: { path: '/' } }] }, want: ['host'] },
    { name: 'privileges', spec: { containers: [{ securityContext: { privileged: true } }] }, want: ['host'] },
    {
      name: 'privileges in an init container',
      spec: { initContainers: [{ securityContext: { privileged: true } }] },
      want: ['host'],
    },
    { name: 'a flag that is no flag', spec: { hostIPC: 'yes' }, want: ['host'] },
  ])('$name', ({ spec, want }) => {
    expect(escapes(POD, 'application/json', pod(spec))).toEqual(want)
    expect(escapes(DEPLOYMENT, 'application/json', deployment(spec))).toEqual(want)
    expect(escapes(DEPLOYMENT, 'application/strategic-merge-patch+json', deployment(spec))).toEqual(want)
    expect(escapes(DEPLOYMENT, 'application/apply-patch+yaml', deployment(spec))).toEqual(want)
  })

  test.each([
    { name: 'a restart', body: '[{"op":"add","path":"/spec/template/metadata/annotations/x","value":"y"}]', want: [] },
    {
      name: 'another account',
      body: '[{"op":"replace","path":"/spec/template/spec/serviceAccountName","value":"b"}]',
      want: ['identity'],
    },
    { name: 'a whole spec', body: '[{"op":"add","path":"/spec","value":{"hostPID":true}}]', want: ['host'] },
    {
      name: "into the node's files",
      body: '[{"op":"add","path":"/spec/volumes/0/hostPath/path","value":"/"}]',
      want: ['host'],
    },
    { name: 'an escaped name', body: '[{"op":"add","path":"/spec/host~0PID","value":true}]', want: [] },
    { name: 'a copy from elsewhere', body: '[{"op":"copy","from":"/a","path":"/b"}]', want: ['identity', 'host'] },
    { name: 'no list', body: '{}', want: ['identity', 'host'] },
  ])('a JSON patch: $name', ({ body, want }) => {
    expect(escapes('PATCH /apis/apps/v1/namespaces/x/deployments/web', 'application/json-patch+json', body)).toEqual(
      want,
    )
  })

  test.each([
    { name: 'an account that is named', spec: { serviceAccountName: 'web' }, want: false },
    { name: 'another one', spec: { serviceAccountName: 'admin' }, want: true },
    { name: 'another one by the old name', spec: { serviceAccountName: 'web', serviceAccount: 'admin' }, want: true },
    { name: 'an account that is no text', spec: { serviceAccountName: ['web'] }, want: true },
    {
      name: 'a token of the account that is named',
      spec: { serviceAccountName: 'web', volumes: [{ projected: { sources: [{ serviceAccountToken: {} }] } }] },
      want: false,
    },
    {
      name: 'a token of whichever account is there',
      spec: { volumes: [{ projected: { sources: [{ serviceAccountToken: {} }] } }] },
      want: true,
    },
  ])('where the template names service accounts: $name is one: $want', ({ spec, want }) => {
    const terms = { ...NO_TERMS, serviceAccounts: ['web', 'api'] }
    const request = aRequest(DEPLOYMENT, { contentType: 'application/json', body: deployment(spec) })
    expect(mayTakeIdentity({ request, policy: aPolicy(), terms })).toBe(want)
    const steps = JSON.stringify([{ op: 'replace', path: '/spec/template', value: { spec } }])
    const undo = aRequest('PATCH /apis/apps/v1/namespaces/x/deployments/web', {
      contentType: 'application/json-patch+json',
      body: steps,
    })
    expect(mayTakeIdentity({ request: undo, policy: aPolicy(), terms })).toBe(want)
  })

  test.each([
    { name: 'broken JSON', contentType: 'application/json', body: '{' },
    { name: 'a format of its own', contentType: 'application/cbor', body: '{}' },
    { name: 'protobuf that is none', contentType: 'application/vnd.kubernetes.protobuf', body: 'k8s\0\x07' },
    {
      name: 'a spec named twice, which the API server makes one',
      contentType: 'application/json',
      body: '{"spec":{"hostNetwork":true},"spec":{"containers":[]}}',
    },
    {
      name: 'a line that ends only in YAML 1.1',
      contentType: 'application/yaml',
      body: 'spec:\n  # x\u2028  hostNetwork: true\n  containers: []\n',
    },
    { name: 'a merge key', contentType: 'application/yaml', body: 'spec: { <<: { hostNetwork: true } }' },
    { name: 'nothing at all', contentType: 'application/json', body: '' },
    { name: 'deep nesting', contentType: 'application/json', body: `${'{"a":'.repeat(3000)}1${'}'.repeat(3000)}` },
  ])('$name counts as everything', ({ contentType, body }) => {
    expect(escapes(POD, contentType, body)).toEqual(['identity', 'host'])
  })

  test.each([
    { name: 'an ordinary pod', spec: bytesField(2, bytesField(1, 'web')), want: [] },
    { name: 'another account', spec: bytesField(8, 'builder'), want: ['identity'] },
    { name: 'the default account', spec: bytesField(8, 'default'), want: [] },
    { name: "the node's network", spec: flagField(11, 1), want: ['host'] },
    { name: "not the node's network", spec: flagField(11, 0), want: [] },
    { name: "the node's files", spec: bytesField(1, bytesField(2, bytesField(1, bytesField(1, '/')))), want: ['host'] },
    {
      name: 'a token',
      spec: bytesField(1, bytesField(2, bytesField(26, bytesField(1, bytesField(4, ''))))),
      want: ['identity'],
    },
    { name: 'privileges', spec: bytesField(2, bytesField(15, flagField(2, 1))), want: ['host'] },
  ])('protobuf: $name', ({ spec, want }) => {
    const type = 'application/vnd.kubernetes.protobuf'
    expect(escapes(POD, type, protobuf([2], spec))).toEqual(want)
    expect(escapes(DEPLOYMENT, type, protobuf([2, 3, 2], spec))).toEqual(want)
    expect(escapes('POST /apis/batch/v1/namespaces/x/cronjobs', type, protobuf([2, 5, 2, 6, 2], spec))).toEqual(want)
  })

  const ORDINARY = bytesField(2, bytesField(2, bytesField(1, 'web')))
  const ON_THE_HOST = bytesField(2, flagField(11, 1))

  test.each([
    { name: 'two objects in one envelope, of which the last one counts', body: envelope(ORDINARY, ON_THE_HOST) },
    {
      name: 'an object in a field whose number Go cuts down to that of the object',
      body: Buffer.concat([envelope(ORDINARY), varint(2 ** 35 + 2 * 8 + 2), varint(ON_THE_HOST.length), ON_THE_HOST]),
    },
    {
      name: 'a flag in a field whose number Go cuts down',
      body: envelope(bytesField(2, Buffer.concat([varint(2 ** 35 + 11 * 8), varint(1)]))),
    },
    { name: 'a field number of nought', body: envelope(Buffer.from([2, 0])) },
    { name: 'a number of more than 64 bits', body: envelope(Buffer.from([8, ...Array(9).fill(0x80), 2])) },
    { name: 'an envelope without an object', body: envelope() },
  ])('protobuf: $name counts as everything', ({ body }) => {
    expect(escapes(POD, 'application/vnd.kubernetes.protobuf', body)).toEqual(['identity', 'host'])
  })

  test('whatever the bytes, it is decided', () => {
    const types = [
      'application/json',
      'application/yaml',
      'application/json-patch+json',
      'application/vnd.kubernetes.protobuf',
    ]
    fc.assert(
      fc.property(fc.constantFrom(...types), fc.uint8Array({ maxLength: 200 }), (type, bytes) => {
        const magic = type.endsWith('protobuf') ? Buffer.concat([Buffer.from('k8s\0'), bytes]) : bytes
        expect(Array.isArray(escapes(POD, type, magic))).toBe(true)
      }),
    )
  })
})
