import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { mayReachHost, mayTakeIdentity } from '../../../src/policy/risk/pod-escape.ts'
import { aPolicy } from '../a-policy.ts'
import { aRequest } from '../a-request.ts'

const DEPLOYMENT = 'POST /apis/apps/v1/namespaces/x/deployments'
const POD = 'POST /api/v1/namespaces/x/pods'

function asked(line: string, contentType: string, body: string | Uint8Array) {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  return { request: aRequest(line, { contentType }), policy: aPolicy(), body: bytes }
}

function escapes(line: string, contentType: string, body: string | Uint8Array): readonly string[] {
  const given = asked(line, contentType, body)
  return [...(mayTakeIdentity(given) ? ['identity'] : []), ...(mayReachHost(given) ? ['host'] : [])]
}

const pod = (spec: object) => JSON.stringify({ kind: 'Pod', spec })
const deployment = (spec: object) => JSON.stringify({ kind: 'Deployment', spec: { template: { spec } } })

/** A protobuf field that holds a text or a message. */
function bytesField(number: number, value: Uint8Array | string): Buffer {
  const content = Buffer.from(value as string)
  return Buffer.concat([varint((number << 3) | 2), varint(content.length), content])
}

function flagField(number: number, value: number): Buffer {
  return Buffer.concat([varint(number << 3), varint(value)])
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  let left = value
  for (; left >= 0x80; left >>= 7) bytes.push((left & 0x7f) | 0x80)
  return Buffer.from([...bytes, left])
}

/** As Kubernetes wraps it; `path` leads from the object to the PodSpec. */
function protobuf(path: readonly number[], spec: Buffer): Buffer {
  const object = path.toReversed().reduce((inner, field) => bytesField(field, inner), spec)
  return Buffer.concat([Buffer.from('k8s\0'), bytesField(1, 'type'), bytesField(2, object)])
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
    { name: 'broken JSON', contentType: 'application/json', body: '{' },
    { name: 'a format of its own', contentType: 'application/cbor', body: '{}' },
    { name: 'protobuf that is none', contentType: 'application/vnd.kubernetes.protobuf', body: 'k8s\0\x07' },
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
