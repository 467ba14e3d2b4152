import { describe, expect, test } from 'vitest'
import { NO_TERMS } from '../../../src/lease/scope/terms.ts'
import { mayMakeTokenSecret } from '../../../src/policy/risk/token-secret.ts'
import { bytesField, envelope } from '../../request/object/a-protobuf.ts'
import { aPolicy } from '../a-policy.ts'
import { aRequest } from '../a-request.ts'

const TYPE = 'kubernetes.io/service-account-token'
const ESCAPED = '"kubernetes.io\\u002fservice-account-token"'
const ACCOUNT = 'kubernetes.io/service-account.name'
const json = 'application/json'
const MERGE = 'application/merge-patch+json'
const STRATEGIC = 'application/strategic-merge-patch+json'
const STEPS = 'application/json-patch+json'
const yaml = 'application/apply-patch+yaml'
const protobuf = 'application/vnd.kubernetes.protobuf'

function may(contentType: string, body: string | Uint8Array): boolean {
  const request = aRequest('POST /api/v1/namespaces/x/secrets', { contentType, body })
  return mayMakeTokenSecret({ request, policy: aPolicy(), terms: NO_TERMS })
}

function inProtobuf(...types: readonly string[]): Buffer {
  return envelope(Buffer.concat(types.map(type => bytesField(3, type))))
}

describe('mayMakeTokenSecret', () => {
  test.each([
    { name: 'an ordinary Secret', contentType: json, body: '{"kind":"Secret","type":"Opaque"}', want: false },
    { name: 'a Secret without a type', contentType: json, body: '{"kind":"Secret"}', want: false },
    { name: 'a token Secret', contentType: json, body: `{"type":"${TYPE}"}`, want: true },
    { name: 'the type behind an escape', contentType: json, body: `{"type":${ESCAPED}}`, want: true },
    { name: 'the key behind an escape', contentType: json, body: `{"\\u0074ype":${ESCAPED}}`, want: true },
    { name: 'a second type that wins', contentType: json, body: `{"type":"Opaque","type":${ESCAPED}}`, want: true },
    { name: 'a type that is no text', contentType: json, body: '{"type":[1]}', want: true },
    { name: 'broken JSON', contentType: json, body: '{"type":', want: true },
    { name: 'no body', contentType: json, body: '', want: true },
    { name: 'JSON that is no object', contentType: json, body: '[]', want: true },
    { name: 'no media type, which is JSON', contentType: '', body: '{"type":"Opaque"}', want: false },
    { name: 'an ordinary Secret in YAML', contentType: yaml, body: 'kind: Secret\ntype: Opaque\n', want: false },
    { name: 'the type behind an escape in YAML', contentType: yaml, body: `type: ${ESCAPED}`, want: true },
    { name: 'the type in base64 by a tag', contentType: yaml, body: 'type: !!binary a3ViZXJuZXRlcy5pbw==', want: true },
    {
      name: 'a tag, which is read otherwise elsewhere',
      contentType: yaml,
      body: 'kind: !!str Secret\ntype: Opaque',
      want: true,
    },
    { name: 'the type by an alias', contentType: yaml, body: `a: &a ${ESCAPED}\ntype: *a`, want: true },
    { name: 'the type by a merge key', contentType: yaml, body: `<<: {type: ${ESCAPED}}`, want: true },
    { name: 'two documents', contentType: yaml, body: `a: 1\n---\ntype: ${ESCAPED}`, want: true },
    { name: 'very long YAML', contentType: yaml, body: `a: b\n${'#'.repeat(300_000)}`, want: true },
    { name: 'an ordinary Secret in protobuf', contentType: protobuf, body: inProtobuf('Opaque'), want: false },
    { name: 'a Secret without a type in protobuf', contentType: protobuf, body: inProtobuf(), want: false },
    { name: 'a token Secret in protobuf', contentType: protobuf, body: inProtobuf(TYPE), want: true },
    { name: 'a second type in protobuf', contentType: protobuf, body: inProtobuf('Opaque', TYPE), want: true },
    { name: 'protobuf that is none', contentType: protobuf, body: 'k8s\0\x12\x06Secret', want: true },
    { name: 'an encoding that is not read here', contentType: 'application/cbor', body: '\xa0', want: true },
  ])('$name: $want', ({ contentType, body, want }) => {
    expect(may(contentType, body)).toBe(want)
  })

  test.each([
    { name: 'a value', contentType: MERGE, body: '{"data":{"a":"Yg=="}}', want: false },
    { name: 'a label', contentType: MERGE, body: '{"metadata":{"labels":{"a":"b"}}}', want: false },
    { name: 'an annotation', contentType: MERGE, body: '{"metadata":{"annotations":{"note":"a"}}}', want: false },
    {
      name: 'another account',
      contentType: MERGE,
      body: `{"metadata":{"annotations":{"${ACCOUNT}":"admin"}}}`,
      want: true,
    },
    { name: 'no account', contentType: MERGE, body: `{"metadata":{"annotations":{"${ACCOUNT}":null}}}`, want: true },
    {
      name: 'a uid that goes',
      contentType: STRATEGIC,
      body: '{"metadata":{"annotations":{"kubernetes.io/service-account.uid":null}}}',
      want: true,
    },
    {
      name: 'another account, applied',
      contentType: yaml,
      body: `metadata: {annotations: {${ACCOUNT}: admin}}`,
      want: true,
    },
    { name: 'the type', contentType: MERGE, body: `{"type":"${TYPE}"}`, want: true },
    {
      name: 'another account by a step',
      contentType: STEPS,
      body: `[{"op":"add","path":"/metadata/annotations/${ACCOUNT.replace('/', '~1')}","value":"admin"}]`,
      want: true,
    },
    {
      name: 'all annotations by a step',
      contentType: STEPS,
      body: `[{"op":"add","path":"/metadata/annotations","value":{"${ACCOUNT}":"admin"}}]`,
      want: true,
    },
    {
      name: 'the type by a step',
      contentType: STEPS,
      body: `[{"op":"replace","path":"/type","value":"${TYPE}"}]`,
      want: true,
    },
    {
      name: 'a value by a step',
      contentType: STEPS,
      body: '[{"op":"add","path":"/data/a","value":"Yg=="}]',
      want: false,
    },
    {
      name: 'a copy from elsewhere',
      contentType: STEPS,
      body: `[{"op":"copy","from":"/metadata/labels/a","path":"/metadata/annotations/b"}]`,
      want: true,
    },
    { name: 'a format that is not read here', contentType: 'application/cbor', body: 'x', want: true },
  ])('a patch of $name: $want', ({ contentType, body, want }) => {
    const request = aRequest('PATCH /api/v1/namespaces/x/secrets/s', { contentType, body })
    expect(mayMakeTokenSecret({ request, policy: aPolicy(), terms: NO_TERMS })).toBe(want)
  })

  test('an annotation in protobuf is seen', () => {
    const annotation = bytesField(12, Buffer.concat([bytesField(1, ACCOUNT), bytesField(2, 'admin')]))
    expect(may(protobuf, envelope(bytesField(1, annotation)))).toBe(true)
    expect(may(protobuf, envelope(bytesField(1, bytesField(1, 's'))))).toBe(false)
  })

  test('without the body it counts as one', () => {
    const request = aRequest('POST /api/v1/namespaces/x/secrets')
    expect(mayMakeTokenSecret({ request, policy: aPolicy(), terms: NO_TERMS })).toBe(true)
  })
})
