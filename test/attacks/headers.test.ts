import { connect as connectHttp2 } from 'node:http2'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { patientRequest } from '../support/wire/patient-request.ts'
import { AGENT, aBoundary, type Boundary } from './a-boundary.ts'
import type { Received } from './stub-upstream.ts'

const PODS = '/api/v1/namespaces/dev/pods'
let boundary: Boundary

beforeAll(async () => {
  boundary = await aBoundary()
})
afterAll(() => boundary.stop())
beforeEach(() => {
  boundary.upstream.received.length = 0
})

function valuesOf({ headers }: Received, name: string): readonly string[] {
  return headers.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value)
}

/** Whatever came through came as the lease, with our credential, and with nothing of the client's. */
function expectOnlyOurs(): void {
  for (const one of boundary.upstream.received) {
    expect(valuesOf(one, 'impersonate-user')).toEqual([`leasegate:${AGENT}`])
    expect(valuesOf(one, 'impersonate-group')).toEqual(['leasegate:agents', 'leasegate:task:everything'])
    expect(valuesOf(one, 'impersonate-extra-leasegate.dev%2flease')).toHaveLength(1)
    expect(valuesOf(one, 'authorization')).toEqual(['Bearer boundary-credential'])
    expect(valuesOf(one, 'audit-id')).toHaveLength(1)
    const names = one.headers.map(([name]) => name.toLowerCase())
    const ours = ['impersonate-user', 'impersonate-group']
    expect(names.filter(name => name.startsWith('x-remote-'))).toEqual([])
    const strange = names.filter(
      name =>
        name.startsWith('impersonate-') &&
        !ours.includes(name) &&
        !name.startsWith('impersonate-extra-leasegate.dev%2f'),
    )
    expect(strange).toEqual([])
    expect(
      valuesOf(one, 'connection')
        .map(value => value.toLowerCase())
        .filter(value => value !== 'upgrade'),
    ).toEqual([])
  }
}

describe('headers that would take the identity away or bring another', () => {
  const nominated = [
    'Impersonate-User',
    'Impersonate-Group',
    'Impersonate-Uid',
    'Impersonate-Extra-Lease',
    'Authorization',
    'Audit-ID',
  ]

  test.each([
    ...nominated.map(name => [`Connection: close, ${name}`]),
    ['Connection: close', 'Connection: Impersonate-User'],
    ['connection: impersonate-user'],
    ['CONNECTION: IMPERSONATE-USER'],
    ['Connection:\timpersonate-User ,\t close'],
    ['Connection: ,,close,,Impersonate-User,,'],
    ['X-Remote-User: admin', 'X-Remote-Group: system:masters', 'X-Remote-Extra-foo: y'],
    ['Audit-ID: mine'],
    ['X-Request-Id: mine'],
    ['X-Envoy-Upstream-Stream-Duration-Ms: 0', 'X-Envoy-Upstream-Rq-Timeout-Ms: 1'],
    ['Proxy-Authorization: Basic eDp5'],
  ])('%s %s', async (...headers) => {
    const answer = await boundary.send('everything', `GET ${PODS}`, headers.filter(Boolean))
    expect([200, 400, 401]).toContain(answer.status)
    expect(boundary.upstream.received.length).toBe(answer.status === 200 ? 1 : 0)
    expectOnlyOurs()
  })

  test.each([
    ['Impersonate-User: admin'],
    ['IMPERSONATE-user: admin'],
    ['Impersonate-Group: system:masters', 'Impersonate-User: admin'],
    ['Impersonate-Uid: 1', 'Impersonate-User: admin'],
    ['Impersonate-Extra-leasegate.dev%2flease: lse_other'],
  ])('%s %s is forbidden, as Kubernetes says it', async (...headers) => {
    const answer = await boundary.send('everything', `GET ${PODS}`, headers.filter(Boolean))
    expect(answer.status).toBe(403)
    expect(JSON.parse(answer.body)).toMatchObject({ kind: 'Status', reason: 'Forbidden', code: 403 })
    expect(answer.body).toContain('leave out --as')
    expect(boundary.upstream.received).toEqual([])
  })

  test.each([
    ['Connection: Upgrade, Impersonate-User'],
    ['Connection: Upgrade', 'Connection: Impersonate-User'],
    ['Connection: Impersonate-User, Upgrade'],
  ])('on exec, where Connection goes on: %s %s', async (...headers) => {
    const upgrade = ['Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==']
    const answer = await boundary.send('everything', `GET ${PODS}/p/exec?command=id`, [
      ...headers.filter(Boolean),
      ...upgrade,
      'Sec-WebSocket-Protocol: v5.channel.k8s.io',
    ])
    expect(answer.status).toBe(400)
    expect(boundary.upstream.received).toEqual([])
  })

  test.each([
    'Impersonate_User: admin',
    'IMPERSONATE_GROUP: system:masters',
    'X_Forwarded_For: 10.0.0.1',
    'Audit_ID: x',
  ])('%s: underscores are refused', async header => {
    expect((await boundary.send('everything', `GET ${PODS}`, [header])).status).toBe(400)
    expect(boundary.upstream.received).toEqual([])
  })

  test.each([
    { name: 'a second Authorization', headers: ['Authorization: Bearer x'] },
    { name: 'two tokens in one', headers: ['Authorization: , Bearer x'] },
  ])('$name is never judged by one of two', async ({ headers }) => {
    const answer = await boundary.send('everything', `GET ${PODS}`, headers)
    expect([400, 401]).toContain(answer.status)
    expect(boundary.upstream.received).toEqual([])
  })

  test('a second Authorization before ours, and over HTTP/2', async () => {
    const { token } = await boundary.token('everything')
    const first = await patientRequest(boundary.port, [
      `GET ${PODS} HTTP/1.1`,
      'Host: b',
      'Authorization: Bearer x',
      `Authorization: Bearer ${token}`,
    ])
    expect([400, 401]).toContain(first.status)
    const second = await http2Status({ authorization: `Bearer x, Bearer ${token}`, ':path': PODS })
    expect([400, 401]).toContain(second)
    expect(boundary.upstream.received).toEqual([])
  })

  test('several groups stay several lines', async () => {
    await boundary.send('everything', `GET ${PODS}`)
    expect(boundary.upstream.received).toHaveLength(1)
    expectOnlyOurs()
  })

  test('headers that claim another path change nothing', async () => {
    const claims = ['x-envoy-original-path', 'X-Forwarded-Uri', 'X-Forwarded-Prefix', 'X-Original-URL', 'X-Rewrite-URL']
    const answer = await boundary.send(
      'reads',
      'DELETE /api/v1/namespaces/dev/pods/p',
      claims.map(name => `${name}: /healthz`),
    )
    expect(answer.status).toBe(403)
    expect(boundary.upstream.received).toEqual([])
  })

  test.each(['X-HTTP-Method-Override: DELETE', 'X-Method-Override: DELETE', 'X-HTTP-Method: DELETE'])(
    '%s is judged and forwarded as what it is',
    async header => {
      expect((await boundary.send('everything', `GET ${PODS}`, [header])).status).toBe(200)
      expect(boundary.upstream.received[0]?.method).toBe('GET')
    },
  )

  test('claims about where it came from are not believed and not passed on', async () => {
    await boundary.send('everything', `GET ${PODS}`, [
      'X-Forwarded-For: 10.0.0.5',
      'Forwarded: for=10.0.0.5',
      'X-Real-IP: 10.0.0.5',
    ])
    const [one] = boundary.upstream.received
    expect(JSON.stringify(one?.headers)).not.toContain('10.0.0.5')
  })

  test.each(['kube-probe/1.36', 'GoogleHC/1.0', 'ELB-HealthChecker/2.0'])(
    'user agent %s opens nothing',
    async agent => {
      const answer = await patientRequest(boundary.port, [`GET ${PODS} HTTP/1.1`, 'Host: b', `User-Agent: ${agent}`])
      expect(answer.status).toBe(401)
    },
  )

  test.each([['X-Odd: \xff\xfe'], ['User-Agent: \xc0\xaf\xed\xa0\x80'], ['Kubectl-Command: a"},{"b":"\x1b[31m']])(
    'bytes that are no text do no harm: %j',
    async header => {
      const answer = await boundary.send('everything', `GET ${PODS}`, [header])
      expect([200, 400]).toContain(answer.status)
      expectOnlyOurs()
    },
  )

  test('trailers bring no identity', async () => {
    const body = '2\r\n{}\r\n0\r\nImpersonate-User: admin\r\nAuthorization: Bearer x\r\n\r\n'
    const headers = ['Transfer-Encoding: chunked', 'Trailer: Impersonate-User', 'Content-Type: application/json']
    const answer = await boundary.send('everything', 'POST /api/v1/namespaces/dev/configmaps', headers, body)
    expect(answer.status).toBeGreaterThan(0)
    for (const { trailers } of boundary.upstream.received) expect(trailers).toEqual([])
    expectOnlyOurs()
  })

  test.each(['PROD.Example.COM', 'dev/../prod', 'dev?x=', 'kubernetes.default.svc'])(
    'host %s leads nowhere else',
    async host => {
      const { token } = await boundary.token('everything')
      const answer = await patientRequest(boundary.port, [
        `GET ${PODS} HTTP/1.1`,
        `Host: ${host}`,
        `Authorization: Bearer ${token}`,
      ])
      expect([200, 400]).toContain(answer.status)
      for (const one of boundary.upstream.received) expect(one.target).toBe(PODS)
    },
  )
})

function http2Status(headers: Record<string, string>): Promise<number> {
  const session = connectHttp2(`https://127.0.0.1:${boundary.port}`, { rejectUnauthorized: false })
  return new Promise((resolve, reject) => {
    const stream = session.request(headers)
    stream.once('response', ({ ':status': status }) => {
      session.destroy()
      resolve(Number(status))
    })
    stream.once('error', reject)
    stream.end()
  })
}
