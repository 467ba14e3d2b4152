import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BOUNDARY_NAME, startBoundary, type TestBoundary } from '../../support/envoy/envoy.ts'
import { valuesOf } from '../../support/envoy/upstream.ts'
import { patientRequest } from '../../support/wire/patient-request.ts'

let boundary: TestBoundary

beforeAll(async () => {
  boundary = await startBoundary({ credential: 'certificate' })
})
afterAll(() => boundary.stop())

describe('a certificate in place of a token', () => {
  test.each([
    { name: 'a request', target: '/api/v1/a', headers: [] },
    { name: 'an upgrade', target: '/api/v1/b', headers: ['Connection: Upgrade', 'Upgrade: websocket'] },
  ])('is shown for $name, and no credential of the client goes on', async ({ target, headers }) => {
    const lines = [`GET ${target} HTTP/1.1`, 'Host: kube', 'Authorization: Bearer a.lease.token', ...headers]
    expect([101, 200]).toContain((await patientRequest(boundary.port, lines)).status)
    const seen = boundary.upstream.only(target)
    expect(seen.shownBy).toBe(BOUNDARY_NAME)
    expect(valuesOf(seen, 'authorization')).toEqual([])
    expect(valuesOf(seen, 'impersonate-user')).toEqual(['leasegate:bot'])
  })

  test('is shown for nothing that lacks an identity', async () => {
    boundary.script.wire = () => ({})
    const { status } = await patientRequest(boundary.port, ['GET /api/v1/c HTTP/1.1', 'Host: kube'])
    expect(status).toBe(403)
    expect(boundary.upstream.seen.filter(({ target }) => target === '/api/v1/c')).toEqual([])
  })
})
