import { describe, expect, test } from 'vitest'
import type { Rule } from '../../../src/lease/lease.ts'
import { bytesField, envelope, flagField, protobufNamed } from '../../request/object/a-protobuf.ts'
import { patientRequest } from '../../support/wire/patient-request.ts'
import {
  boundary,
  CONFIG_MAPS,
  JSON_TYPE,
  MERGE,
  named,
  PODS,
  PROTOBUF,
  patch,
  reasonOf,
  sent,
  YAML_TYPE,
} from './the-boundary.ts'

describe('a body that names another object than the path', () => {
  test.each([
    { line: `POST ${CONFIG_MAPS}`, type: JSON_TYPE, body: named({ name: 'a', namespace: 'prod' }) },
    { line: `POST ${CONFIG_MAPS}`, type: YAML_TYPE, body: 'metadata:\n  name: a\n  namespace: prod\n' },
    { line: `POST ${CONFIG_MAPS}`, type: PROTOBUF, body: protobufNamed({ name: 'a', namespace: 'prod' }) },
    { line: `PUT ${CONFIG_MAPS}/a`, type: JSON_TYPE, body: named({ name: 'b', uid: 'u' }) },
    { line: `PUT ${CONFIG_MAPS}/a`, type: PROTOBUF, body: protobufNamed({ name: 'b' }) },
    { line: `PATCH ${CONFIG_MAPS}/a`, type: MERGE, body: named({ name: 'b' }) },
    { line: `PATCH ${CONFIG_MAPS}/a`, type: 'application/strategic-merge-patch+json', body: named({ name: 'b' }) },
    { line: `PATCH ${CONFIG_MAPS}/a`, type: 'application/apply-patch+yaml', body: 'metadata: { name: b }' },
    {
      line: `PATCH ${CONFIG_MAPS}/a`,
      type: 'application/json-patch+json',
      body: patch({ op: 'replace', path: '/metadata/namespace', value: 'prod' }),
    },
    {
      line: `PATCH ${CONFIG_MAPS}/a`,
      type: 'application/json-patch+json',
      body: patch({ op: 'add', path: 'x/metadata/name', value: 'b' }),
    },
    { line: `POST ${PODS}/p/binding`, type: JSON_TYPE, body: named({ name: 'q' }) },
    { line: `POST ${PODS}/p/eviction`, type: JSON_TYPE, body: named({ name: 'q' }) },
    { line: 'PUT /apis/apps/v1/namespaces/dev/deployments/d/scale', type: JSON_TYPE, body: named({ name: 'e' }) },
    { line: `PUT ${PODS}/p/status`, type: JSON_TYPE, body: named({ name: 'p', namespace: 'prod' }) },
  ])('$line as $type is refused', async ({ line, type, body }) => {
    const answer = await sent(line, type, body)
    expect([answer.status, reasonOf(answer)]).toEqual([400, 'body-mismatch'])
    expect(boundary.upstream.received).toEqual([])
  })

  test.each([
    { line: `POST ${CONFIG_MAPS}`, type: JSON_TYPE, body: named({ name: 'a', namespace: 'dev' }) },
    { line: `POST ${CONFIG_MAPS}`, type: PROTOBUF, body: protobufNamed({ generateName: 'a-' }) },
    { line: `PATCH ${CONFIG_MAPS}/a`, type: MERGE, body: named({ labels: { name: 'b' } }) },
    { line: `PATCH ${CONFIG_MAPS}/a`, type: 'application/apply-patch+yaml', body: 'metadata: { name: a }' },
    { line: `POST ${PODS}/p/eviction`, type: JSON_TYPE, body: named({ name: 'p', namespace: 'dev' }) },
    { line: `POST ${CONFIG_MAPS}`, type: 'application/cbor', body: Buffer.from('a0', 'hex') },
  ])('$line as $type that does not passes, byte for byte', async ({ line, type, body }) => {
    expect((await sent(line, type, body)).status).toBe(200)
    expect(boundary.upstream.received.map(({ body }) => body)).toEqual([Buffer.from(body as string)])
  })
})

describe('a lease for certain names', () => {
  const rule: Rule = {
    verbs: ['*'],
    apiGroups: [''],
    resources: ['configmaps'],
    resourceNames: ['a'],
    namespaces: ['dev'],
    nonResourceURLs: [],
    commands: [],
    stdin: false,
    fields: [],
  }

  async function ask(line: string, type: string, body: string | Buffer): Promise<number> {
    const { token } = await boundary.token('everything', { scope: [rule] })
    const head = [`Content-Type: ${type}`, `Content-Length: ${Buffer.byteLength(body)}`]
    const lines = [`${line} HTTP/1.1`, 'Host: boundary', `Authorization: Bearer ${token}`, ...head]
    return (await patientRequest(boundary.port, lines, body)).status
  }

  test.each([
    { name: 'the name', type: JSON_TYPE, body: named({ name: 'a' }) },
    { name: 'the name in protobuf', type: PROTOBUF, body: protobufNamed({ name: 'a' }) },
    { name: 'the name in YAML', type: YAML_TYPE, body: 'metadata: { name: a }' },
  ])('opens a create of $name', async ({ type, body }) => {
    expect(await ask(`POST ${CONFIG_MAPS}`, type, body)).toBe(200)
    expect(boundary.upstream.received).toHaveLength(1)
  })

  test.each([
    { name: 'of another name', type: JSON_TYPE, body: named({ name: 'b' }) },
    { name: 'of a generated name', type: JSON_TYPE, body: named({ generateName: 'a' }) },
    { name: 'of a generated name in protobuf', type: PROTOBUF, body: protobufNamed({ generateName: 'a' }) },
    { name: 'without a name', type: JSON_TYPE, body: named({}) },
    { name: 'without a body', type: JSON_TYPE, body: '' },
    { name: 'of two names', type: JSON_TYPE, body: '{"metadata":{"name":"b","name":"a"}}' },
    {
      name: 'of a name that API server and boundary would merge otherwise',
      type: JSON_TYPE,
      body: '{"metadata":{"generateName":"a"},"metadata":{"name":"a"}}',
    },
    { name: 'of a list', type: JSON_TYPE, body: '{"kind":"List","items":[{"metadata":{"name":"a"}}]}' },
    { name: 'of a name in a format that is not read', type: 'application/cbor', body: named({ name: 'a' }) },
    {
      name: 'of a name in UTF-16',
      type: `${JSON_TYPE}; charset=utf-16`,
      body: Buffer.from(named({ name: 'a' }), 'utf16le'),
    },
    { name: 'of a name behind a byte order mark', type: JSON_TYPE, body: `\ufeff${named({ name: 'a' })}` },
    { name: 'of a name by an alias', type: YAML_TYPE, body: 'metadata: { annotations: { x: &a a }, name: *a }' },
    { name: 'of a name in the second document', type: YAML_TYPE, body: 'metadata: {}\n---\nmetadata: { name: a }' },
    { name: 'of a name that is a flag to Kubernetes', type: YAML_TYPE, body: 'metadata: { name: yes }' },
  ])('opens no create $name', async ({ type, body }) => {
    expect(await ask(`POST ${CONFIG_MAPS}`, type, body)).toBe(403)
    expect(boundary.upstream.received).toEqual([])
  })
})

describe('a pod on the host', () => {
  const HARMLESS = bytesField(2, bytesField(2, bytesField(1, 'c')))
  const ON_HOST = bytesField(2, flagField(11, 1))
  const spare = (bytes: Buffer) =>
    Buffer.concat([Buffer.from([0x92, 0x80, 0x80, 0x80, 0x80, 0x01]), Buffer.from([bytes.length]), bytes])

  test.each([
    { name: 'in plain sight', type: JSON_TYPE, body: '{"spec":{"hostNetwork":true}}' },
    { name: 'behind an escape', type: JSON_TYPE, body: String.raw`{"spec":{"host\u004eetwork":true}}` },
    {
      name: 'in the first of two specs, which the API server merges',
      type: JSON_TYPE,
      body: '{"spec":{"hostNetwork":true},"spec":{"containers":[]}}',
    },
    {
      name: 'behind a line end that only YAML 1.1 knows',
      type: YAML_TYPE,
      body: 'spec:\n  # x\u0085  hostNetwork: true\n  containers: []\n',
    },
    { name: 'by a merge key', type: YAML_TYPE, body: 'spec: { <<: { hostNetwork: true } }' },
    { name: 'in UTF-16', type: YAML_TYPE, body: Buffer.from('\ufeffspec: { hostNetwork: true }', 'utf16le') },
    { name: 'in the second object of a protobuf envelope', type: PROTOBUF, body: envelope(HARMLESS, ON_HOST) },
    {
      name: 'in a field of protobuf whose number is cut down',
      type: PROTOBUF,
      body: Buffer.concat([envelope(HARMLESS), spare(ON_HOST)]),
    },
    { name: 'in CBOR', type: 'application/cbor', body: Buffer.from('a0', 'hex') },
    { name: 'in a text', type: 'text/plain', body: '{}' },
    { name: 'below more levels than are read', type: JSON_TYPE, body: `{"x":${'['.repeat(5000)}${']'.repeat(5000)}}` },
  ])('$name is dangerous', async ({ type, body }) => {
    const answer = await sent(`POST ${PODS}`, type, body)
    expect([answer.status, reasonOf(answer)]).toEqual([403, 'dangerous'])
    expect(boundary.upstream.received).toEqual([])
  })

  test('behind an escaped name is seen, also after a body that JSON.parse would take it for', async () => {
    const before = String.raw`{"spec":{"containers":[],"hostNetwor\\":true}}`
    const after = String.raw`{"spec":{"containers":[],"hostNetwor\u006b":true}}`
    // Two authorizers answer in turn.
    for (let count = 0; count < 8; count += 1) expect((await sent(`POST ${PODS}`, JSON_TYPE, before)).status).toBe(200)
    for (let count = 0; count < 8; count += 1) expect((await sent(`POST ${PODS}`, JSON_TYPE, after)).status).toBe(403)
    expect(boundary.upstream.received).toHaveLength(8)
  })

  test('an ordinary pod passes in every format that clients send', async () => {
    for (const [type, body] of [
      [JSON_TYPE, '{"spec":{"containers":[{"name":"c"}]}}'],
      [YAML_TYPE, 'spec:\n  containers:\n    - name: c\n'],
      [PROTOBUF, envelope(HARMLESS)],
    ] as const) {
      expect((await sent(`POST ${PODS}`, type, body)).status).toBe(200)
    }
    expect(boundary.upstream.received).toHaveLength(3)
  })
})
