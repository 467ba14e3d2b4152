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
    expect(read(`PUT ${POD}`, { body }).object).toEqual({ kind: 'unreadable' })
  })

  test('is read once', () => {
    const request = read(`PUT ${POD}`, { body: BODY })
    expect(request.object).toBe(request.object)
  })
})
