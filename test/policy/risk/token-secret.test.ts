import { describe, expect, test } from 'vitest'
import { NO_TERMS } from '../../../src/lease/terms.ts'
import { mayMakeTokenSecret } from '../../../src/policy/risk/token-secret.ts'
import { bytesField, envelope } from '../../request/object/a-protobuf.ts'
import { aPolicy } from '../a-policy.ts'
import { aRequest } from '../a-request.ts'

const TYPE = 'kubernetes.io/service-account-token'
const ESCAPED = '"kubernetes.io\\u002fservice-account-token"'
const json = 'application/json'
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

  test('without the body it counts as one', () => {
    const request = aRequest('POST /api/v1/namespaces/x/secrets')
    expect(mayMakeTokenSecret({ request, policy: aPolicy(), terms: NO_TERMS })).toBe(true)
  })
})
