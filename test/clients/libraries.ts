import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { asAdmin } from '../support/cluster/api-server.ts'
import { type OpenStream, openHttp1 } from '../support/envoy/open-stream.ts'
import { until } from '../support/until.ts'
import { patientRequest } from '../support/wire/patient-request.ts'
import type { RawAnswer } from '../support/wire/raw-request.ts'
import { NOT_TOO_BUSY } from './a-clients-edition.ts'
import { playing } from './the-leased-edition.ts'

/** As client libraries other than client-go write their requests, before a real API server. */
const WEBSOCKET = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Origin: https://127.0.0.1',
]

let port: number
let token: string
let pods: string
let direct: Awaited<ReturnType<typeof asAdmin>>
const open: OpenStream[] = []

beforeAll(async () => {
  const { boundaryUrl, cluster, names } = playing.edition
  port = Number(boundaryUrl.split(':').at(-1))
  pods = `/api/v1/namespaces/${names.app}/pods`
  token = await playing.token(await playing.lease('operate'))
  direct = await asAdmin(cluster)
  const made = await cluster.admin(['run', 'one', '-n', names.app, '--image=one:1', '--restart=Never'])
  expect(made.stderr).toBe('')
  await cluster.admin(['wait', 'pod/one', '-n', names.app, '--for=condition=Ready', '--timeout=60s'])
}, 600_000)
afterAll(() => {
  for (const stream of open) stream.leave()
})

function lines(line: string, headers: readonly string[], bearer = token): readonly string[] {
  return [`${line} HTTP/1.1`, 'Host: boundary', `Authorization: Bearer ${bearer}`, ...headers]
}

function send(line: string, headers: readonly string[] = [], body = ''): Promise<RawAnswer> {
  return patientRequest(port, lines(line, headers), body)
}

function upgrade(line: string, subprotocol: string, bearer?: string): OpenStream {
  const named = subprotocol === '' ? [] : [`Sec-WebSocket-Protocol: ${subprotocol}`]
  const stream = openHttp1(port, lines(line, [...WEBSOCKET, ...named], bearer))
  open.push(stream)
  return stream
}

describe('a watch over WebSocket', () => {
  test.each(['', 'base64.binary.k8s.io'])('shows what is there, as "%s"', async subprotocol => {
    const watch = upgrade(`GET ${pods}?watch=true`, subprotocol)
    await until('the pod', () => watch.text().includes('"ADDED"') && watch.text().includes('"name":"one"'))
    expect(watch.text()).toMatch(/^HTTP\/1\.1 101/)
  })

  test('of one object, and of the old path, too', async () => {
    for (const line of [
      `GET ${pods}?watch=1&fieldSelector=metadata.name%3Done`,
      `GET ${pods.replace('/v1/', '/v1/watch/')}`,
    ]) {
      const watch = upgrade(line, '')
      await until('the pod', () => watch.text().includes('"name":"one"'))
    }
  })

  test('is on record as a watch, and is cut with its lease', async () => {
    const lease = await playing.lease('operate')
    const watch = upgrade(`GET ${pods}?watch=true`, '', await playing.token(lease))
    await until('the pod', () => watch.text().includes('"name":"one"'))
    expect(await playing.leasegate('admin', 'lease', 'revoke', lease)).toMatchObject({ code: 0 })
    await until('the cut', () => watch.isOver())
    const rows = () =>
      playing.sql<object>(`SELECT verb, resource, state FROM requests WHERE lease = '${lease}' AND ${NOT_TOO_BUSY}`)
    await until('the row', async () => JSON.stringify(await rows()).includes('done'))
    expect(await rows()).toEqual([{ verb: 'watch', resource: 'pods', state: 'done' }])
  })
})

describe('a log over WebSocket', () => {
  test.each(['', 'binary.k8s.io'])('says what the pod says, as "%s"', async subprotocol => {
    const log = upgrade(`GET ${pods}/one/log?follow=true`, subprotocol)
    await until('a line', () => log.text().includes('the server is up'))
  })

  test('in base64, and without follow it ends by itself', async () => {
    const log = upgrade(`GET ${pods}/one/log`, 'base64.binary.k8s.io')
    await until('the end', () => log.isOver())
    expect(log.text()).toContain(Buffer.from('the server is up\n').toString('base64'))
  })
})

describe('what everybody may read', () => {
  test('is all that `can-i --list` promises, however it is spelt', async () => {
    const body =
      '{"apiVersion":"authorization.k8s.io/v1","kind":"SelfSubjectRulesReview","spec":{"namespace":"default"}}'
    const review = await send(
      'POST /apis/authorization.k8s.io/v1/selfsubjectrulesreviews',
      ['Content-Type: application/json', `Content-Length: ${body.length}`],
      body,
    )
    const { status } = JSON.parse(review.body) as {
      readonly status: { readonly nonResourceRules: readonly { readonly nonResourceURLs: readonly string[] }[] }
    }
    const promised = new Set(status.nonResourceRules.flatMap(({ nonResourceURLs }) => nonResourceURLs))
    expect([...promised]).toEqual(expect.arrayContaining(['/api', '/apis']))
    for (const url of promised) {
      const below = url.startsWith('/apis') ? 'apps/v1/' : url.startsWith('/openapi') ? 'v3' : 'v1/'
      const path = url.replace('*', below)
      const want = await direct({ method: 'GET', path, contentType: 'application/json', body: '' })
      expect([path, (await send(`GET ${path}`)).status]).toEqual([path, want])
    }
  })

  test.each([
    '/version/',
    '/api/',
    '/apis/',
    '/apis/apps/',
    '/apis/apps/v1/',
    '/api/v1/',
    '/healthz',
    '/readyz?verbose',
  ])('GET %s', async path => {
    expect((await send(`GET ${path}`)).status).toBe(200)
  })

  test('and of another path the refusal says what would open it', async () => {
    const { status, body } = await send('GET /metrics')
    expect(status).toBe(403)
    expect(body).toContain('names this path under nonResourceURLs')
  })
})

describe('a delete that says how in two places', () => {
  const json = (body: string) => ['Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`]
  const map = (name: string) => `/api/v1/namespaces/${playing.edition.names.app}/configmaps/${name}`

  const remove = (query: string, body: string) => send(`DELETE ${map('twice')}?${query}`, json(body), body)

  async function isThere(): Promise<boolean> {
    return (await playing.edition.cluster.admin(['get', '--raw', map('twice')])).code === 0
  }

  beforeEach(async () => {
    await playing.edition.cluster.admin(['create', 'configmap', 'twice', '-n', playing.edition.names.app])
  })

  test.each([
    { query: 'propagationPolicy=Background', body: '{"propagationPolicy":"Background"}' },
    { query: 'propagationPolicy=Foreground&pretty=true', body: '{"kind":"DeleteOptions","apiVersion":"v1"}' },
    { query: 'gracePeriodSeconds=0&gracePeriodSeconds=0', body: '{}' },
  ])('deletes where both agree: $query and $body', async ({ query, body }) => {
    expect((await remove(query, body)).status).toBe(200)
    await until('it to go', async () => !(await isThere()))
  })

  test('by kubectl ends well with get, list and watch on the name alone', async () => {
    await playing.lease('clear')
    const { stdout, stderr, code } = await playing.stage.kubectl([
      ...['delete', 'configmap', 'twice', '-n', playing.edition.names.app, '--timeout=30s'],
    ])
    expect({ code, stderr: stderr.replace(/^Warning:.*\n/gm, '') }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('deleted')
  })

  test('changes nothing where both say that it is a dry run', async () => {
    expect((await remove('dryRun=All', '{"dryRun":["All"]}')).status).toBe(200)
    expect(await isThere()).toBe(true)
  })

  test.each(['{}', '{"propagationPolicy":"Background"}'])(
    'and is refused where only the query says so, beside %s',
    async body => {
      const answer = await remove('dryRun=All', body)
      expect([answer.status, await isThere()]).toEqual([400, true])
      expect(answer.body).toContain('dryRun is another in the query than in the body')
      // Without the boundary it would be gone.
      expect(
        await direct({ method: 'DELETE', path: `${map('twice')}?dryRun=All`, contentType: 'application/json', body }),
      ).toBe(200)
      expect(await isThere()).toBe(false)
    },
  )
})

describe('exec', () => {
  beforeAll(async () => void (await playing.lease('operate')))

  const SPDY = ['Connection: Upgrade', 'Upgrade: SPDY/3.1', 'X-Stream-Protocol-Version: v4.channel.k8s.io']

  test('runs with its container named twice', async () => {
    const query = 'command=echo&command=hello&container=one&container=one&stdout=true&stdout=true'
    expect((await send(`POST ${pods}/one/exec?${query}`, SPDY)).status).toBe(101)
    expect((await send(`POST ${pods}/one/exec?${query}&container=other`, SPDY)).status).toBe(400)
  })

  test.each([40_000, 100_000])('runs a script of %i bytes to its end', async bytes => {
    const ran = await playing.stage.kubectl([
      ...['exec', '-n', playing.edition.names.app, 'one', '--', 'sh', '-c'],
      `: ${'x'.repeat(bytes)}; echo the end`,
    ])
    expect(ran).toMatchObject({ code: 0, stdout: 'the end\n' })
    const marked =
      "SELECT count() AS n FROM requests WHERE subresource = 'exec' AND match(toString(command), '\\\\[cut, [0-9]+ more')"
    await until(
      'the command, with a mark',
      async () => Number((await playing.sql<{ n: string }>(marked))[0]?.n) > 0,
      60_000,
    )
  })

  test('of a longer one says which limit that is', async () => {
    const ran = await playing.stage.kubectl([
      ...['exec', '-n', playing.edition.names.app, 'one', '--', 'sh', '-c'],
      `: ${'ü'.repeat(33_000)}; echo the end`,
    ])
    expect(ran.stderr).toMatch(/the query has \d+ bytes, and 196608 are read/)
  })

  test('with --as is told whose identity it is', async () => {
    const ran = await playing.stage.kubectl(['get', 'pods', '-n', playing.edition.names.app, '--as', 'admin'])
    expect(ran.stderr).toContain('leave out --as')
    expect(ran.stderr).not.toContain('client-go')
  })
})

const list = (query: string) => `GET PODS${query}`

/** Odd, and legal: written by some client, or by hand. */
const SPELLINGS: readonly string[] = [
  ...[
    list('?'),
    list('/'),
    list('/?'),
    list('?&limit=5&'),
    list('?labelSelector='),
    list('?fieldSelector='),
    list('?pretty=false'),
  ],
  ...[
    list('?labelSelector=run%3Done%2Crun+notin+%28a%2Cb%29'),
    list('?labelSelector=run%3done%2crun%20notin%20%28a%2cb%29'),
  ],
  ...[list('?labelSelector=run=one,run!=two'), list('?fieldSelector=metadata.name=one'), list('?limit=500&limit=500')],
  ...[list('?resourceVersion=&resourceVersion='), list('?resourceVersion=0&resourceVersionMatch=NotOlderThan')],
  ...[
    list('?watch=0'),
    list('?watch=False'),
    list('?timeout=5s'),
    list('?timeoutSeconds=abc'),
    list('?limit=x'),
    list('?labelSelector=%21%21'),
  ],
  ...[
    'GET PODS/one/',
    'GET PODS/one?pretty',
    'HEAD PODS',
    'HEAD PODS/one',
    'GET PODS/one/log?container=one&container=one',
  ],
  ...['GET PODS/one/log/', 'GET PODS/none', 'DELETE PODS/none?gracePeriodSeconds=%30'],
]

describe('what is odd and legal', () => {
  test.each(SPELLINGS)('%s is answered as the API server answers it', async line => {
    const written = line.replace('PODS', pods)
    const [method = '', path = ''] = written.split(' ')
    const want = await direct({ method, path, contentType: 'application/json', body: '' })
    const { status } = await send(written, method === 'GET' || method === 'HEAD' ? [] : ['Content-Length: 0'])
    expect(status).toBe(want)
  })

  test('as are watches by any word for true', async () => {
    for (const yes of ['watch=1', 'watch=True', 'watch=t', 'watch', 'watch=', 'watch=true&watch=true']) {
      const watch = openHttp1(port, lines(`GET ${pods}?${yes}&timeoutSeconds=20&timeoutSeconds=20`, []))
      open.push(watch)
      await until(`${yes} to show the pod`, () => watch.text().includes('"ADDED"'))
    }
  })

  test('and HTTP/1.0 is answered, too', async () => {
    const answer = await patientRequest(port, [`GET ${pods} HTTP/1.0`, `Authorization: Bearer ${token}`])
    expect([0, 200, 426]).toContain(answer.status)
  })
})

/** What a client may want as an answer, or send; the API server of 1.36 does not serve CBOR by default. */
const ACCEPTS = [
  ...[
    'application/json',
    '*/*',
    'application/yaml',
    'application/vnd.kubernetes.protobuf',
    'application/json;q=0.9, */*;q=0.1',
  ],
  ...[
    'application/json;as=Table;v=v1;g=meta.k8s.io,application/json',
    'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
  ],
  ...['application/cbor', 'application/cbor, application/json', 'text/html', 'application/json; charset=utf-8'],
  ...['application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch'],
]
const SENT = [
  ...['application/json', 'application/json; charset=utf-8', 'Application/JSON', '', 'application/yaml', 'text/plain'],
  ...['application/cbor', 'application/vnd.kubernetes.protobuf', 'application/x-www-form-urlencoded'],
]

describe('media types', () => {
  test.each(ACCEPTS)('an answer as %s comes as the API server gives it', async accept => {
    const want = await direct({ method: 'GET', path: pods, contentType: '', body: '', accept })
    expect((await send(`GET ${pods}`, [`Accept: ${accept}`])).status).toBe(want)
  })

  test.each(SENT)('a body as "%s" is taken no further than the API server takes it', async contentType => {
    const body = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"typed"}}'
    const path = `/api/v1/namespaces/${playing.edition.names.app}/configmaps?dryRun=All`
    const want = await direct({ method: 'POST', path, contentType, body })
    const typed = contentType === '' ? [] : [`Content-Type: ${contentType}`]
    const { status } = await send(`POST ${path}`, [...typed, `Content-Length: ${body.length}`], body)
    expect(want < 300 ? status : Math.min(status, 400)).toBe(want < 300 ? want : 400)
  })
})
