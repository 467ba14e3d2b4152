import { describe, expect, test } from 'vitest'
import { metadataOf } from '../../../src/request/object/metadata.ts'
import { read } from '../a-http-request.ts'
import { bytesField, envelope, flagField, protobufNamed } from './a-protobuf.ts'

const NOTHING = { name: '', namespace: '', generateName: '', uid: '', resourceVersion: '' }
const PROTOBUF = 'application/vnd.kubernetes.protobuf'

function said(contentType: string, body: string | Uint8Array) {
  const headers = [['content-type', contentType]] as const
  return metadataOf(read('PATCH /api/v1/namespaces/x/pods/p', { headers, body: Buffer.from(body as string) }).object)
}

describe('metadataOf', () => {
  test.each([
    { body: '{"metadata":{"name":"a","namespace":"x"}}', want: { name: 'a', namespace: 'x' } },
    { body: '{"metadata":{"generateName":"g-"}}', want: { generateName: 'g-' } },
    { body: '{"metadata":{"uid":"u","resourceVersion":"7"}}', want: { uid: 'u', resourceVersion: '7' } },
    { body: '{"meta\\u0064ata":{"n\\u0061me":"\\u0061"}}', want: { name: 'a' } },
    { body: '{"metadata":{"name":null}}', want: {} },
    { body: '{"metadata":null}', want: {} },
    { body: '{"Metadata":{"name":"a"},"metadata":{"Name":"a"}}', want: {} },
    { body: '{"name":"a"}', want: {} },
    { body: '{"__proto__":{"metadata":{"name":"a"}}}', want: {} },
    { body: '', want: {} },
  ])('of the object $body', ({ body, want }) => {
    expect(said('application/json', body)).toEqual({ ...NOTHING, ...want })
    expect(said('application/apply-patch+yaml', body)).toEqual({ ...NOTHING, ...want })
  })

  test.each(['{"metadata":{"name":5}}', '{"metadata":"a"}', '{"metadata":["a"]}', '[]', 'null', '5', '{', '\ufeff{}'])(
    'of the object %s nobody can tell',
    body => {
      expect(said('application/json', body)).toBeNull()
    },
  )

  const replace = (path: string, value: unknown) => ({ op: 'replace', path, value })

  test.each([
    { name: 'a name', steps: [replace('/metadata/name', 'a')], want: { name: 'a' } },
    {
      name: 'a namespace, added',
      steps: [{ op: 'add', path: '/metadata/namespace', value: 'y' }],
      want: { namespace: 'y' },
    },
    {
      name: 'all metadata',
      steps: [replace('/metadata', { name: 'a', namespace: 'y' })],
      want: { name: 'a', namespace: 'y' },
    },
    { name: 'the whole object', steps: [replace('', { metadata: { name: 'a' } })], want: { name: 'a' } },
    {
      name: 'the last of several',
      steps: [replace('/metadata/name', 'a'), replace('/metadata/name', 'b')],
      want: { name: 'b' },
    },
    { name: 'a path without its slash', steps: [replace('x/metadata/name', 'a')], want: { name: 'a' } },
    {
      name: 'nothing, where a name is taken away',
      steps: [replace('/metadata/name', 'a'), { op: 'remove', path: '/metadata/name' }],
      want: {},
    },
    { name: 'nothing in a test', steps: [{ op: 'test', path: '/metadata/name', value: 'a' }], want: {} },
    { name: 'nothing in a label', steps: [replace('/metadata/labels/name', 'a')], want: {} },
    { name: 'nothing elsewhere', steps: [{ op: 'copy', from: '/spec/a', path: '/spec/b' }], want: {} },
  ])('of a JSON patch is $name', ({ steps, want }) => {
    expect(said('application/json-patch+json', JSON.stringify(steps))).toEqual({ ...NOTHING, ...want })
  })

  test.each([
    { name: 'copies to the name', steps: [{ op: 'copy', from: '/a', path: '/metadata/name' }] },
    { name: 'moves the metadata', steps: [{ op: 'move', from: '/metadata', path: '/spec' }] },
    { name: 'copies over everything', steps: [{ op: 'copy', from: '/spec', path: '' }] },
    { name: 'sets a name that is no text', steps: [replace('/metadata/name', { a: 1 })] },
    { name: 'makes the object a text', steps: [replace('', 'a')] },
    { name: 'has an operation of its own', steps: [{ op: 'Replace', path: '/metadata/name', value: 'a' }] },
    { name: 'has no path', steps: [{ op: 'remove' }] },
    { name: 'is no list', steps: {} },
  ])('of a JSON patch that $name nobody can tell', ({ steps }) => {
    expect(said('application/json-patch+json', JSON.stringify(steps))).toBeNull()
  })

  test('of protobuf stands in the same place in every kind', () => {
    const named = protobufNamed({ name: 'a', namespace: 'x', generateName: 'g-' })
    expect(said(PROTOBUF, named)).toEqual({ ...NOTHING, name: 'a', namespace: 'x', generateName: 'g-' })
    const version = envelope(bytesField(1, Buffer.concat([bytesField(5, 'u'), bytesField(6, '7')])))
    expect(said(PROTOBUF, version)).toEqual({ ...NOTHING, uid: 'u', resourceVersion: '7' })
    expect(said(PROTOBUF, envelope(bytesField(2, 'spec')))).toEqual(NOTHING)
  })

  const NAME = bytesField(1, bytesField(1, 'a'))

  test.each([
    { name: 'without its first bytes', body: bytesField(2, NAME) },
    { name: 'with two objects', body: envelope(NAME, NAME) },
    { name: 'without an object', body: envelope() },
    { name: 'with metadata twice, which Kubernetes merges', body: envelope(Buffer.concat([NAME, NAME])) },
    { name: 'with two names', body: envelope(bytesField(1, Buffer.concat([bytesField(1, 'a'), bytesField(1, 'b')]))) },
    { name: 'with a number for a name', body: envelope(bytesField(1, flagField(1, 1))) },
    { name: 'with a name that is no UTF-8', body: envelope(bytesField(1, bytesField(1, Buffer.from([0xff])))) },
    { name: 'with more fields than any kind has', body: envelope(Buffer.alloc(100_002, Buffer.from([0x08, 1]))) },
    { name: 'that ends too early', body: envelope(NAME).subarray(0, -1) },
  ])('of protobuf $name nobody can tell', ({ body }) => {
    expect(said(PROTOBUF, body)).toBeNull()
  })

  test.each(['application/cbor', 'text/plain', 'application/apply-patch+cbor'])(
    'of %s nobody can tell',
    contentType => {
      expect(said(contentType, '{"metadata":{"name":"a"}}')).toBeNull()
    },
  )
})
