import { mkdir, rename, symlink, writeFile } from 'node:fs/promises'
import { connect } from 'node:http2'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { readRequest } from '../../../src/request/read-request.ts'
import { BOUNDARY_TOKEN, startBoundary, type TestBoundary } from '../../support/envoy/envoy.ts'
import { allow, IDENTITY } from '../../support/envoy/scripted-authorizer.ts'
import { type Seen, valuesOf } from '../../support/envoy/upstream.ts'
import { until } from '../../support/until.ts'
import { patientRequest } from '../../support/wire/patient-request.ts'

let boundary: TestBoundary
let requests = 0

beforeAll(async () => {
  boundary = await startBoundary()
})
beforeEach(() => boundary.script.reset())
afterAll(() => boundary.stop())

/** Sends these lines, which the authorizer allows whatever they are, and gives back what reached the upstream. */
async function forwarded(headers: readonly string[], method = 'GET'): Promise<Seen> {
  const target = `/api/v1/x${requests++}`
  const { status } = await patientRequest(boundary.port, [`${method} ${target} HTTP/1.1`, 'Host: kube', ...headers])
  expect([101, 200]).toContain(status)
  return boundary.upstream.only(target)
}

/** All lines that say who asks. */
function whoAsks(seen: Seen): readonly (readonly [string, string])[] {
  const says = /^(impersonate|x-remote|authorization|proxy-authorization|x-forwarded-client-cert)/i
  return seen.headers
    .filter(([name]) => says.test(name))
    .map(([name, value]): [string, string] => [name.toLowerCase(), value])
    .sort()
}

const OURS: readonly (readonly [string, string])[] = [
  ['authorization', `Bearer ${BOUNDARY_TOKEN}`],
  ['impersonate-extra-leasegate.dev%2flease', 'lse_test'],
  ['impersonate-extra-leasegate.dev%2ftask', 'restart-web'],
  ['impersonate-group', 'leasegate:agents'],
  ['impersonate-group', 'leasegate:task:restart-web'],
  ['impersonate-user', 'leasegate:bot'],
]

const UPGRADE = ['Connection: Upgrade', 'Upgrade: websocket']

describe('the identity that goes on', () => {
  test('is ours: user, each group a line of its own, extras by key, the token of the file', async () => {
    const seen = await forwarded(['Authorization: Bearer a.lease.token'])
    expect(seen.protocol).toBe('h2')
    expect(whoAsks(seen)).toEqual(OURS)
  })

  test.each([
    { name: 'a user', headers: ['Impersonate-User: system:admin'] },
    { name: 'odd case', headers: ['iMPERSONATE-uSER: system:admin', 'IMPERSONATE-GROUP: system:masters'] },
    { name: 'the same twice', headers: ['Impersonate-User: a', 'Impersonate-User: b', 'impersonate-user: c'] },
    { name: 'groups', headers: ['Impersonate-Group: system:masters', 'Impersonate-Group: x'] },
    { name: 'a uid', headers: ['Impersonate-Uid: 1'] },
    { name: 'an extra', headers: ['Impersonate-Extra-Scopes: all', 'Impersonate-Extra-leasegate.dev%2Flease: lse_b'] },
    { name: 'a front proxy', headers: ['X-Remote-User: a', 'X-Remote-Group: system:masters', 'X-Remote-Extra-A: b'] },
    { name: 'two credentials', headers: ['Authorization: Bearer a', 'Authorization: Basic YTpi'] },
    { name: 'a certificate', headers: ['X-Forwarded-Client-Cert: Subject="CN=admin"'] },
    {
      name: 'a header named by Connection',
      headers: ['Connection: close, Impersonate-User', 'Impersonate-User: root'],
    },
    { name: 'our own header named by Connection', headers: ['Connection: Authorization, Impersonate-User, audit-id'] },
  ])('is ours and nothing else when a client sends $name', async ({ headers }) => {
    expect(whoAsks(await forwarded(headers))).toEqual(OURS)
    const upgrade = headers.some(line => line.startsWith('Connection')) ? headers : [...UPGRADE, ...headers]
    const seen = await forwarded(upgrade)
    expect(whoAsks(seen)).toEqual(OURS)
  })

  test('cannot be named by Connection on an upgrade, where Envoy passes that header on: the authorizer sees and refuses it', async () => {
    const headers = ['Connection: Upgrade, Impersonate-User', 'Upgrade: websocket']
    const seen = await forwarded(headers)
    expect(valuesOf(seen, 'connection')).toEqual(['Upgrade, Impersonate-User'])
    expect(readRequest(boundary.script.check(seen.target))).toMatchObject({ reason: 'forbidden-header' })
  })

  test('is ours on an upgrade over SPDY as well', async () => {
    const headers = ['Connection: Upgrade', 'Upgrade: SPDY/3.1', 'Impersonate-User: system:admin']
    const seen = await forwarded(headers, 'POST')
    expect(seen.protocol).toBe('http/1.1')
    expect(whoAsks(seen)).toEqual(OURS)
  })

  test('is ours over HTTP/2, whatever comes in headers or trailers', async () => {
    const session = connect(`https://127.0.0.1:${boundary.port}`, { rejectUnauthorized: false })
    const stream = session.request(
      { ':method': 'POST', ':path': '/api/v1/h2', 'impersonate-user': ['a', 'b'], 'x-remote-user': 'c' },
      { waitForTrailers: true },
    )
    stream.on('wantTrailers', () => stream.sendTrailers({ 'impersonate-user': 'd', 'audit-id': 'e' }))
    stream.end('{}')
    await new Promise((resolve, reject) => stream.resume().once('close', resolve).once('error', reject))
    session.close()
    const seen = boundary.upstream.only('/api/v1/h2')
    expect(whoAsks(seen)).toEqual(OURS)
    expect(seen.trailers).toEqual([])
  })

  test('says what a yes was bound to where the authorizer does, in one line, whatever the client says of it', async () => {
    const bound = 'u1@10 0f6a6a4e-9f5b-4c37-8a0e-6f2f0a0e0001@4711'
    const extras = { ...IDENTITY.extras, 'leasegate.dev/bound': bound }
    boundary.script.answer = http => allow(http, { identity: { ...IDENTITY, extras } })
    const name = 'impersonate-extra-leasegate.dev%2fbound'
    expect(valuesOf(await forwarded(['Impersonate-Extra-Leasegate.dev%2fBound: none']), name)).toEqual([bound])
    boundary.script.reset()
    expect(valuesOf(await forwarded(['Impersonate-Extra-Leasegate.dev%2fBound: none']), name)).toEqual([])
  })

  test.each([
    { name: 'no groups', identity: { groups: [] } },
    { name: 'four groups', identity: { groups: ['a', 'b, c', '"d"', '%REQ(:path)%'] } },
    {
      name: 'a value that looks like a command of Envoy',
      identity: { extras: { 'leasegate.dev/task': '%START_TIME%' } },
    },
  ])('may have $name, and is passed on as it is', async ({ identity }) => {
    const given = { ...IDENTITY, ...identity }
    boundary.script.answer = http => allow(http, { identity: given })
    const seen = await forwarded([])
    expect(valuesOf(seen, 'impersonate-group')).toEqual(given.groups)
    expect(valuesOf(seen, 'impersonate-extra-leasegate.dev%2ftask')).toEqual([given.extras['leasegate.dev/task']])
  })
})

describe('other claims of a client', () => {
  test.each([
    'X-Forwarded-For: 10.1.1.1',
    'X-Real-IP: 10.1.1.1',
    'Forwarded: for=10.1.1.1',
    'X-Envoy-External-Address: 10.1.1.1',
    'X-Envoy-Internal: true',
    'X-Forwarded-Proto: ftp',
  ])('%s does not reach the API server', async line => {
    const [name = '', value = ''] = line.split(': ')
    for (const headers of [[line], [...UPGRADE, line]]) {
      const seen = await forwarded(headers)
      expect(valuesOf(seen, name).filter(each => each.includes(value))).toEqual([])
    }
  })

  test.each([
    'x-envoy-upstream-stream-duration-ms: 86400000',
    'x-envoy-upstream-rq-timeout-ms: 1',
    'x-envoy-upstream-rq-per-try-timeout-ms: 1',
    'x-envoy-retry-on: 5xx',
    'x-envoy-max-retries: 5',
    'x-envoy-force-trace: true',
    'x-envoy-original-path: /',
    'x-envoy-expected-rq-timeout-ms: 1',
    'x-envoy-decorator-operation: x',
  ])('%s has no effect and goes no further', async line => {
    const [name = ''] = line.split(': ')
    expect(valuesOf(await forwarded([line]), name)).toEqual([])
  })

  test('the audit id is the request id of Envoy, not what the client sends', async () => {
    const sent = '11111111-1111-4111-8111-111111111111'
    const seen = await forwarded([`Audit-ID: ${sent}`, `audit-id: ${sent}`, `X-Request-Id: ${sent}`])
    const { id } = boundary.script.check(seen.target)
    expect(id).not.toBe(sent)
    expect(valuesOf(seen, 'audit-id')).toEqual([id])
    expect(valuesOf(seen, 'x-request-id')).toEqual([id])
  })
})

describe('the credential', () => {
  async function usesSoon(token: string): Promise<void> {
    await until(token, async () => valuesOf(await forwarded([]), 'authorization').includes(`Bearer ${token}`))
  }

  test('follows its file when another is renamed over it', async () => {
    for (const token of ['another-token', BOUNDARY_TOKEN]) {
      await boundary.swapToken(token)
      await usesSoon(token)
    }
  })

  test('follows a projected volume, where a link to the folder is swapped', async () => {
    const at = (name: string) => join(boundary.directory, 'token', name)
    const project = async (version: string, token: string) => {
      await mkdir(at(version))
      await writeFile(at(`${version}/token`), token)
      await symlink(version, at('..data_tmp'))
      await rename(at('..data_tmp'), at('..data'))
    }
    await project('..1', 'first-token')
    await symlink('..data/token', at('link'))
    await rename(at('link'), at('token'))
    await usesSoon('first-token')
    await project('..2', BOUNDARY_TOKEN)
    await usesSoon(BOUNDARY_TOKEN)
  })
})
