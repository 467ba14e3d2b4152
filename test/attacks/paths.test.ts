import { connect as connectHttp2 } from 'node:http2'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { stretched } from '../support/until.ts'
import { patientRequest } from '../support/wire/patient-request.ts'
import { aBoundary, type Boundary } from './a-boundary.ts'

let boundary: Boundary

beforeAll(async () => {
  boundary = await aBoundary()
})
afterAll(() => boundary.stop())
beforeEach(() => {
  boundary.upstream.received.length = 0
})

describe('paths that two parsers could read in two ways', () => {
  test.each([
    '/api/v1//namespaces/prod/secrets',
    '/api//v1/pods',
    '/apis/apps//v1/deployments',
    '//api/v1/pods',
    '/api/v1/namespaces/dev/pods//',
    '/api/v1/namespaces/dev/../prod/secrets',
    '/api/v1/./namespaces/dev/pods',
    '/api/v1/namespaces/dev/pods/..',
    '/api/v1/namespaces/dev/%2e%2e/prod/secrets',
    '/api/v1/namespaces/dev/%2E./prod/secrets',
    '/api/v1/namespaces/dev/.%2e/prod/secrets',
    '/api/v1/namespaces/dev/%252e%252e/prod/secrets',
    '/api/v1/namespaces/dev/%25%32%65/prod',
    '/api/v1/namespaces/dev%2f..%2fprod/secrets',
    '/api/v1/namespaces/dev%2Fpods',
    '/api/v1/namespaces/dev%5cpods',
    '/api/v1/namespaces/dev%5Cpods',
    '/api/v1/namespaces\\dev\\pods',
    '/api/v1/secrets#/api/v1/pods',
    '/api/v1/pods%23/../secrets',
    '/api/v1/namespaces/dev/pods?x=1#y',
    '/api/v1/namespaces/dev/pods%3Fwatch=true',
    '/api/v1/namespaces/dev/pods;v=1',
    '/api/v1/namespaces/dev;/pods',
    '/api/v1/namespaces/dev/pods/x\tec',
    '/api/v1/namespaces/dev/pods/%00',
    '/api/v1/namespaces/dev/pods/%0d%0aImpersonate-User:%20admin',
    '/api/v1/namespaces/dev/pods/%ff',
    '/api/v1/namespaces/dev/p\u00f6ds',
    '/api/v1/namespaces/dev/pods/%zz',
    '/api/v1/namespaces/dev/pods/%',
    'http://evil/api/v1/secrets',
    'api/v1/namespaces/dev/pods',
    '*',
  ])('%s is refused', async target => {
    const answer = await boundary.send('everything', `GET ${target}`)
    expect([400, 404, 405]).toContain(answer.status)
    expect(boundary.upstream.received).toEqual([])
  })

  test.each(['/%61pi/v1/namespaces/dev/pods', '/api/v1/namespaces/dev/%73ecrets', '/api/v1/namespaces/%64ev/pods'])(
    '%s is refused, or judged as what the API server makes of it',
    async target => {
      const answer = await boundary.send('reads', `GET ${target}`)
      if (answer.status === 200) expect(boundary.upstream.received[0]?.target).toBe(target)
      else expect(boundary.upstream.received).toEqual([])
      if (target.includes('%73ecrets')) expect(answer.status).not.toBe(200)
    },
  )

  test('a legal escape in a name goes on as it came', async () => {
    const target = '/api/v1/namespaces/dev/configmaps/system%3Anode'
    expect((await boundary.send('everything', `GET ${target}`)).status).toBe(200)
    expect(boundary.upstream.received[0]?.target).toBe(target)
  })

  test.each([
    '/api/v1/namespaces/dev/pods?x=/healthz',
    '/api/v1/namespaces/dev/pods?labelSelector=a%3Db&limit=5',
    '/api/v1/namespaces/dev/pods?pretty=true?x',
  ])('what passes, passes byte for byte: %s', async target => {
    const answer = await boundary.send('everything', `GET ${target}`)
    if (answer.status === 200) expect(boundary.upstream.received.map(one => one.target)).toEqual([target])
    else expect(boundary.upstream.received).toEqual([])
  })

  test.each([
    ':path',
    '/api\\v1\\secrets',
    '/api/v1/namespaces/dev/pods/x\u0001ec',
    '',
    'api/v1/pods',
    '/api/v1/namespaces/dev/../prod/secrets',
  ])('over HTTP/2 too: %j', async path => {
    const { token } = await boundary.token('everything')
    expect(await http2Status(path, token)).not.toBe(200)
    expect(boundary.upstream.received).toEqual([])
  })

  test.each([
    'CONNECT host:443',
    'OPTIONS *',
    'PROPFIND /api/v1/pods',
    'PURGE /api/v1/pods',
    'get /api/v1/pods',
    'TRACE /api',
  ])('%s opens nothing, and Envoy stays up', async line => {
    const answer = await boundary.send('everything', line)
    expect([400, 403, 404, 405]).toContain(answer.status)
    expect(boundary.upstream.received).toEqual([])
    expect((await boundary.send('everything', 'GET /api/v1/namespaces/dev/pods')).status).toBe(200)
  })

  test.each([
    { name: 'a path of 64 KB', target: `/api/v1/namespaces/dev/pods/${'a'.repeat(65_536)}` },
    { name: 'a query of a megabyte', target: `/api/v1/namespaces/dev/pods?x=${'a'.repeat(1_000_000)}` },
  ])('$name is too much', async ({ target }) => {
    const answer = await boundary.send('everything', `GET ${target}`)
    expect([0, 400, 414, 431]).toContain(answer.status)
    expect(boundary.upstream.received).toEqual([])
  })

  test('thousands of query keys are read quickly', async () => {
    const query = Array.from({ length: 5000 }, (_, i) => `k${i}=1`).join('&')
    const answer = await boundary.send('everything', `GET /api/v1/namespaces/dev/pods?${query}`)
    expect([200, 400]).toContain(answer.status)
    expect(answer.ms).toBeLessThan(stretched(1000))
  })
})

describe('queries that decide what a request is', () => {
  test.each([
    'watch=0&watch=1',
    '%77atch=1',
    'a;watch=1',
    'watch=true&watch=false',
    'timeout%53econds=7&watch=1',
    'watch=true&timeoutSeconds=5&timeout%53econds=9',
  ])('?%s is refused', async query => {
    const answer = await boundary.send('everything', `GET /api/v1/namespaces/dev/pods?${query}`)
    expect(answer.status).toBe(400)
    expect(boundary.upstream.received).toEqual([])
  })

  test.each(['watch=1', 'watch=true', 'watch=TRUE', 'watch=t', 'watch', 'watch='])(
    '?%s is a watch or is not, and a lease without watch learns which',
    async query => {
      const answer = await boundary.send('reads', `GET /api/v1/namespaces/dev/pods?${query}`)
      const isWatch = !['watch='].includes(query)
      if (answer.status === 200) expect(boundary.upstream.received).toHaveLength(1)
      else expect(boundary.upstream.received).toEqual([])
      if (isWatch && query !== 'watch') expect(answer.status).toBe(403)
    },
  )

  test.each([
    'fieldSelector=metadata.name%3Dallowed,metadata.name!%3Dx',
    'fieldSelector=metadata.name%3Da&fieldSelector=metadata.name%3Db',
  ])('?%s does not pass for a read of one name', async query => {
    const answer = await boundary.send('reads', `GET /api/v1/namespaces/dev/secrets?${query}`)
    expect([400, 403]).toContain(answer.status)
    expect(boundary.upstream.received).toEqual([])
  })
})

describe('what a list, a proxy or a subresource hides', () => {
  test.each([
    'GET /api/v1/namespaces/dev/pods/p/exec?command=id',
    'GET /api/v1/namespaces/dev/pods/p/attach',
    'GET /api/v1/namespaces/dev/pods/p/portforward',
    'POST /api/v1/namespaces/dev/pods/p/exec?command=id',
    'GET /api/v1/namespaces/dev/pods/p:8080/proxy/admin',
    'GET /api/v1/namespaces/dev/services/https:vault:8200/proxy/v1/secret/x',
    'GET /api/v1/proxy/namespaces/dev/pods/p',
    'GET /api/v1/nodes/n/proxy/exec/ns/pod/c?command=id',
    'GET /api/v1/namespaces/dev/pods/p/foo',
    'GET /apis/metrics.k8s.io/v1beta1/namespaces/dev/pods',
    'GET /api/v1/namespaces/prod/pods',
    'GET /api/v1/pods',
    'GET /api/v1/watch/namespaces/dev/pods',
    'GET /metrics',
    'GET /',
    'GET /apis/g/v1/namespaces/dev/clusterwidgets/x',
  ])('a lease for reads does not open %s', async line => {
    const answer = await boundary.send('reads', line)
    expect([400, 403]).toContain(answer.status)
    expect(boundary.upstream.received).toEqual([])
  })

  test.each([
    'POST /api/v1/namespaces/dev/serviceaccounts/default/token',
    'GET /api/v1/nodes/n/proxy/metrics',
    'GET /api/v1/namespaces/dev/pods/p/proxy/x',
    'GET /api/v1/namespaces/dev/services/s/proxy/x',
    'PATCH /api/v1/namespaces/dev/pods/p/ephemeralcontainers',
    'POST /apis/rbac.authorization.k8s.io/v1/namespaces/dev/rolebindings',
    'POST /apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
    'POST /apis/certificates.k8s.io/v1/certificatesigningrequests',
    'PUT /apis/certificates.k8s.io/v1/certificatesigningrequests/x/approval',
    'POST /apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations',
    'POST /apis/apiregistration.k8s.io/v1/apiservices',
    'DELETE /api/v1/namespaces/dev',
    'PUT /api/v1/namespaces/dev/finalize',
    'GET /api/v1/namespaces/leasegate/pods',
    'DELETE /api/v1/namespaces/leasegate/pods',
  ])('a lease for everything in a namespace does not open %s', async line => {
    const headers = line.startsWith('GET') ? [] : ['Content-Type: application/json', 'Content-Length: 2']
    const answer = await boundary.send('everything', line, headers, headers.length === 0 ? '' : '{}')
    expect([400, 403]).toContain(answer.status)
    expect(boundary.upstream.received).toEqual([])
  })

  test.each([
    {
      line: 'PATCH /api/v1/namespaces/dev/configmaps/new?fieldManager=x&force=true',
      type: 'application/apply-patch+yaml',
    },
    { line: 'PUT /api/v1/namespaces/dev/configmaps/new', type: 'application/json' },
  ])('a lease that may only patch and update does not create: $line', async ({ line, type }) => {
    const body = '{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"new"}}'
    const headers = [`Content-Type: ${type}`, `Content-Length: ${body.length}`]
    const answer = await boundary.send('patches', line, headers, body)
    expect(answer.status).toBe(403)
    expect(boundary.upstream.received).toEqual([])
  })
})

describe('no token, no way', () => {
  test.each([
    'GET /',
    'GET /healthz',
    'GET /readyz',
    'GET /version',
    'GET /api',
    'GET /boundary-healthz',
    'GET /unknown/host',
  ])('%s without a token is a 401', async line => {
    const answer = await patientRequest(boundary.port, [`${line} HTTP/1.1`, 'Host: b'])
    expect(answer.status).toBe(401)
    expect(boundary.upstream.received).toEqual([])
  })
})

function http2Status(path: string, token: string): Promise<number> {
  const session = connectHttp2(`https://127.0.0.1:${boundary.port}`, { rejectUnauthorized: false })
  return new Promise(resolve => {
    const done = (status: number) => {
      session.destroy()
      resolve(status)
    }
    session.once('error', () => done(0))
    session.once('close', () => done(0))
    try {
      const stream = session.request({ ':path': path, authorization: `Bearer ${token}` })
      stream.once('response', ({ ':status': status }) => done(Number(status)))
      stream.once('error', () => done(0))
      stream.once('close', () => done(0))
      stream.end()
    } catch {
      done(0)
    }
  })
}
