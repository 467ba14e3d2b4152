import { describe, expect, test } from 'vitest'
import { read, SPDY, WEBSOCKET } from '../a-http-request.ts'

const POD = '/api/v1/namespaces/x/pods/p'

describe('requiredVerbs', () => {
  test.each([
    { request: 'GET /api/v1/pods', want: ['list'] },
    { request: 'GET /api/v1/pods?watch=1', want: ['watch'] },
    { request: `GET ${POD}/log`, want: ['get'] },
    { request: 'POST /api/v1/namespaces/x/pods?dryRun=All', want: ['create'] },
    { request: 'DELETE /api/v1/namespaces/x/pods', want: ['deletecollection'] },
    { request: 'GET /metrics', want: ['get'] },
    { request: 'GET /api/v1/proxy/namespaces/x/pods/p', want: ['proxy'] },
    { request: 'OPTIONS /api/v1/pods', want: [''] },
  ])('$request needs $want', ({ request, want }) => {
    expect(read(request).verbs).toEqual(want)
  })

  test.each(['exec?command=ls', 'attach', 'portforward?ports=80'])('%s needs create, whichever way it comes', sub => {
    expect(read(`GET ${POD}/${sub}`, { headers: WEBSOCKET }).verbs).toEqual(['create'])
    expect(read(`POST ${POD}/${sub}`, { headers: SPDY }).verbs).toEqual(['create'])
  })

  test('a tunnel through proxy is more than the get that it comes as', () => {
    expect(read(`GET ${POD}/proxy/a`).verbs).toEqual(['get'])
    expect(read(`GET ${POD}/proxy/a`, { headers: WEBSOCKET }).verbs).toEqual(['get', 'create'])
    expect(read(`POST ${POD}/proxy/a`, { headers: SPDY }).verbs).toEqual(['create'])
  })

  test.each([
    { request: `PUT ${POD}`, contentType: 'application/json', want: ['update', 'create'] },
    { request: `PUT ${POD}/status`, contentType: 'application/json', want: ['update'] },
    { request: `PATCH ${POD}`, contentType: 'application/apply-patch+yaml', want: ['patch', 'create'] },
    { request: `PATCH ${POD}`, contentType: 'APPLICATION/Apply-Patch+YAML ; charset=utf-8', want: ['patch', 'create'] },
    { request: `PATCH ${POD}`, contentType: 'application/apply-patch+cbor', want: ['patch', 'create'] },
    { request: `PATCH ${POD}/status`, contentType: 'application/apply-patch+yaml', want: ['patch'] },
    { request: `PATCH ${POD}`, contentType: 'application/strategic-merge-patch+json', want: ['patch'] },
    { request: `PATCH ${POD}`, contentType: 'application/merge-patch+json', want: ['patch'] },
  ])('$request as $contentType needs $want', ({ request, contentType, want }) => {
    expect(read(request, { headers: [['content-type', contentType]] }).verbs).toEqual(want)
  })
})
