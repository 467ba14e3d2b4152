import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startBoundary, type TestBoundary } from '../support/envoy.ts'
import { rawRequest } from '../support/raw-request.ts'

let boundary: TestBoundary
beforeAll(async () => {
  boundary = await startBoundary()
})
beforeEach(() => boundary.script.reset())
afterAll(() => boundary.stop())

describe('where a request comes from', () => {
  test.each([
    { name: 'says nothing of it', headers: [] },
    { name: 'names another address', headers: ['X-Forwarded-For: 10.1.2.3'] },
    { name: 'names several', headers: ['X-Forwarded-For: 10.1.2.3, 10.1.2.4', 'X-Forwarded-For: 10.1.2.5'] },
    {
      name: 'names it as proxies do',
      headers: ['Forwarded: for=10.1.2.3', 'X-Real-IP: 10.1.2.3', 'X-Envoy-External-Address: 10.1.2.3'],
    },
    { name: 'says that it is from within', headers: ['X-Envoy-Internal: true', 'X-Envoy-Peer-Metadata: 10.1.2.3'] },
    {
      name: 'begins as an upgrade',
      headers: ['Connection: Upgrade', 'Upgrade: websocket', 'X-Forwarded-For: 10.1.2.3'],
    },
  ])('is the address that connected, where the client $name', async ({ headers }) => {
    const target = `/api/v1/namespaces/x/pods?n=${headers.length}${headers.join('').length}`
    await rawRequest(boundary.port, [`GET ${target} HTTP/1.1`, 'Host: kube', ...headers])
    expect(boundary.script.check(target).source).toBe('127.0.0.1')
  })
})
