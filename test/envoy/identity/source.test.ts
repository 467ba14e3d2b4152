import { createServer } from 'node:http'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startBoundary, type TestBoundary } from '../../support/envoy/envoy.ts'
import { patientRequest } from '../../support/wire/patient-request.ts'

let boundary: TestBoundary
beforeAll(async () => {
  boundary = await startBoundary()
})
beforeEach(() => boundary.script.reset())
afterAll(() => boundary.stop())

const CLAIMS = [
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
]

describe('where a request comes from', () => {
  test.each(CLAIMS)('is the address that connected, where the client $name', async ({ headers }) => {
    const target = `/api/v1/namespaces/x/pods?n=${headers.length}${headers.join('').length}`
    await patientRequest(boundary.port, [`GET ${target} HTTP/1.1`, 'Host: kube', ...headers])
    expect(boundary.script.check(target).source).toBe('127.0.0.1')
  })

  test.each(CLAIMS)('is for the broker what Envoy says last, where the client $name', async ({ headers }) => {
    const seen: string[] = []
    const broker = createServer(({ headersDistinct }, response) => {
      seen.push(...(headersDistinct['x-forwarded-for'] ?? []))
      response.end('{}')
    })
    await new Promise<void>(resolve => broker.listen(join(boundary.directory, 'broker.sock'), resolve))
    try {
      const plain = headers.filter(line => !/^(Connection|Upgrade):/.test(line))
      await patientRequest(boundary.brokerPort, ['GET /v1/whoami HTTP/1.1', 'Host: broker', ...plain])
      // Of a loopback connection Envoy says the machine's own address.
      expect(seen).toEqual([expect.toBeOneOf(ownAddresses())])
    } finally {
      broker.closeAllConnections()
      await new Promise(resolve => broker.close(resolve))
    }
  })
})

function ownAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap(each => (each ?? []).map(({ address }) => address))
}
