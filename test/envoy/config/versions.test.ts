import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isSafeVersion } from '../../../envoy/lint/version.ts'
import { run } from '../../../local/process/run.ts'
import { BOUNDARY_TOKEN, startBoundary, type TestBoundary } from '../../support/envoy/envoy.ts'
import { ensureOtherEnvoy } from '../../support/envoy/other-envoy.ts'
import { until } from '../../support/until.ts'
import { patientRequest } from '../../support/wire/patient-request.ts'

let ours: TestBoundary
let other: TestBoundary
let program: string

beforeAll(async () => {
  program = await ensureOtherEnvoy(line => process.stderr.write(`${line}\n`))
  ours = await startBoundary()
  other = await startBoundary({ envoy: program })
  // 1.39 takes the file as it is, with a line end at its end; a projected token has none.
  await writeFile(join(other.directory, 'token/plain'), BOUNDARY_TOKEN)
  await rename(join(other.directory, 'token/plain'), join(other.directory, 'token/token'))
  await until('the token to be taken up', async () => (await arrives(other, '/api/v1/first', [])).status === 200)
})
afterAll(async () => {
  await ours.stop()
  await other.stop()
})

/** What differs from request to request. */
const OWN = /^(audit-id|x-request-id|date)$/i

async function arrives(boundary: TestBoundary, target: string, headers: readonly string[]) {
  const { status } = await patientRequest(boundary.port, [`GET ${target} HTTP/1.1`, 'Host: kube', ...headers])
  const seen = boundary.upstream.seen.filter(each => each.target === target)
  return { status, headers: seen.map(each => each.headers.filter(([name]) => !OWN.test(name))) }
}

describe('another line of Envoy', () => {
  test('is another one, and one that may be used', async () => {
    const { stdout } = await run(program, ['--version'])
    expect(stdout).toMatch(/\/1\.39\./)
    expect(isSafeVersion(stdout.trim().split(' ').at(-1) ?? '')).toBe(true)
  })

  test.each([
    { name: 'a plain request', headers: ['Authorization: Bearer a.b.c', 'Accept: application/json'] },
    {
      name: 'identities of the client',
      headers: ['Impersonate-User: a', 'Impersonate-Group: b', 'impersonate-group: c'],
    },
    { name: 'two credentials', headers: ['Authorization: Bearer a', 'Authorization: Basic b'] },
    { name: 'names in Connection', headers: ['Connection: close, Impersonate-User, Authorization'] },
    {
      name: 'claims about where it came from',
      headers: ['X-Forwarded-For: 1.2.3.4', 'X-Real-IP: 1.2.3.4', 'Forwarded: for=1.2.3.4'],
    },
    { name: 'an audit id', headers: ['Audit-ID: mine', 'X-Request-Id: mine'] },
    { name: 'headers that steer the router', headers: ['x-envoy-retry-on: 5xx', 'x-envoy-upstream-rq-timeout-ms: 1'] },
  ])('hands on the same headers of $name', async ({ name, headers }) => {
    const target = `/api/v1/${name.replaceAll(' ', '-')}`
    const both = await Promise.all([ours, other].map(boundary => arrives(boundary, target, headers)))
    expect(both[1]).toEqual(both[0])
    expect(both[0]?.headers).toHaveLength(1)
  })
})
