import { describe, expect, test } from 'vitest'
import { read, SPDY } from '../a-http-request.ts'

const POD = '/api/v1/namespaces/x/pods/p'
const BODY = Buffer.from('{"metadata":{"name":"a"}}')

describe('readObject', () => {
  test.each([
    { name: 'a delete sends options', request: `DELETE ${POD}` },
    { name: 'a deletecollection too', request: 'DELETE /api/v1/namespaces/x/pods' },
    { name: 'what goes to a service is its own affair', request: 'POST /api/v1/namespaces/x/services/s/proxy/a' },
    { name: 'what goes to a pod too', request: `PUT ${POD}/proxy` },
    { name: 'what goes to a node too', request: 'PATCH /api/v1/nodes/n/proxy/x' },
    { name: 'outside of resources there are none', request: 'POST /version' },
    { name: 'a proxy path is none that Kubernetes serves', request: 'POST /api/v1/proxy/namespaces/x/pods/p' },
  ])('is none where $name', ({ request }) => {
    expect(read(request, { body: BODY }).object).toEqual({ kind: 'none' })
  })

  test('is none where nothing is sent', () => {
    expect(read(`PUT ${POD}`).object).toEqual({ kind: 'none' })
    expect(read(`POST ${POD}/exec?command=ls`, { headers: SPDY }).object).toEqual({ kind: 'none' })
  })

  test('is read in the media type that is named, and in no other', () => {
    const kinds = ['application/json', 'application/yaml', 'application/json-patch+json', ''].map(type => {
      const headers = [['content-type', type]] as const
      return read(`PUT ${POD}`, { headers, body: BODY }).object.kind
    })
    expect(kinds).toEqual(['plain', 'plain', 'unreadable', 'plain'])
  })

  test('is not read where it is larger than what can be stored', () => {
    const body = Buffer.from(`{"a":"${'x'.repeat(1_600_000)}"}`)
    expect(read(`PUT ${POD}`, { body }).object).toMatchObject({ kind: 'unreadable' })
  })

  test.each([
    { name: 'a member named twice', type: 'application/json', body: '{"a":1,"a":2}', why: 'named twice' },
    { name: 'one named twice by an escape', type: '', body: '{"a":1,"\\u0061":2}', why: 'named twice' },
    { name: 'one named twice in YAML', type: 'application/yaml', body: 'a: 1\na: 2', why: 'named twice' },
    { name: 'JSON without its end', type: 'application/json', body: '{"a":', why: 'not valid JSON' },
    { name: 'a list', type: 'application/json', body: '[]', why: 'not an object' },
    { name: 'half a letter', type: 'application/json', body: Buffer.from([0x22, 0xff]), why: 'not UTF-8' },
    { name: 'levels without end', type: 'application/json', body: '['.repeat(300), why: 'levels deep' },
    { name: 'members without end', type: '', body: `[${'1,'.repeat(60_000)}1]`, why: 'members and items' },
    { name: 'what is no patch', type: 'application/json-patch+json', body: '{}', why: 'not a JSON patch' },
    { name: 'what is no YAML', type: 'application/yaml', body: 'a: b: c', why: 'YAML' },
    { name: 'an anchor', type: 'application/apply-patch+yaml', body: 'a: &b c', why: 'YAML' },
    { name: 'CBOR', type: 'application/cbor', body: Buffer.from([0xd9, 0xd9, 0xf7, 0xa0]), why: 'CBOR' },
    { name: 'CBOR to apply', type: 'application/apply-patch+cbor', body: Buffer.from([0xa0]), why: 'CBOR' },
    { name: 'another type', type: 'text/hunter2', body: 'x', why: 'content type is not read' },
    { name: 'half an envelope', type: 'application/vnd.kubernetes.protobuf', body: 'k8s\0\x12', why: 'protobuf' },
  ])('says why it is not read: $name', ({ type, body, why }) => {
    const { object } = read(`PUT ${POD}`, { headers: [['content-type', type]], body: Buffer.from(body) })
    expect(object).toEqual({ kind: 'unreadable', why: expect.stringContaining(why) })
    expect(JSON.stringify(object)).not.toContain('hunter2')
  })

  test('is read once', () => {
    const request = read(`PUT ${POD}`, { body: BODY })
    expect(request.object).toBe(request.object)
  })
})
