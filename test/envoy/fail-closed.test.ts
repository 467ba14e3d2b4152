import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { toStruct } from '../../src/envoy/struct.ts'
import { startBoundary, type TestBoundary } from '../support/envoy/envoy.ts'
import { type OpenStream, openHttp1 } from '../support/envoy/open-stream.ts'
import { allow, deny } from '../support/envoy/scripted-authorizer.ts'
import { stretched, until } from '../support/until.ts'
import { type RawAnswer, rawRequest } from '../support/wire/raw-request.ts'

let boundary: TestBoundary
let trickling: OpenStream

beforeAll(async () => {
  boundary = await startBoundary()
  // It takes ten seconds to be refused: meanwhile the others run.
  trickling = openHttp1(boundary.port, ['GET /api HTTP/1.1', 'Host: kube', 'X-A: a'], 'X-B: ')
})
beforeEach(() => {
  boundary.script.reset()
  boundary.upstream.seen.length = 0
})
afterAll(() => boundary.stop())

const PODS = 'GET /api/v1/pods'
const never = () => new Promise<never>(() => undefined)

function send(line: string, headers: readonly string[] = [], body: string | Buffer = ''): Promise<RawAnswer> {
  return rawRequest(boundary.port, [`${line} HTTP/1.1`, 'Host: kube', ...headers], body)
}

/** What kubectl can read, and nothing at the upstream. */
function expectStatus({ status, head, body }: RawAnswer, code: number, reason: string): void {
  expect(status).toBe(code)
  expect(head.toLowerCase()).toContain('content-type: application/json')
  expect(JSON.parse(body)).toEqual({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: expect.stringMatching(/^leasegate: /),
    reason,
    details: {
      causes: [
        { reason: expect.stringMatching(/^(refused-by-envoy|unavailable)$/), message: expect.any(String) },
        { reason: 'LeasegateReason', message: expect.stringMatching(/^(refused-by-envoy|unavailable)$/) },
        { reason: 'LeasegateRetry', message: code >= 500 || code === 408 ? 'later' : 'never' },
      ],
    },
    code,
  })
}

function expectNothingForwarded(): void {
  expect(boundary.upstream.seen).toEqual([])
}

describe('an answer without an identity of ours', () => {
  const said = (plain: Parameters<typeof toStruct>[0]) => ({
    status: { code: 0 },
    ok_response: {},
    dynamic_metadata: toStruct(plain),
  })

  test.each([
    { name: 'nothing at all', wire: {} },
    { name: 'status OK alone', wire: { status: { code: 0 } } },
    { name: 'OK with headers alone', wire: { status: { code: 0 }, ok_response: { headers: [] } } },
    { name: 'OK and a denial', wire: { status: { code: 0 }, denied_response: { status: { code: 403 } } } },
    { name: 'a row without a user', wire: said({ row: { audit_id: 'a', decided_at: 1, agent: 'b', lease: 'c' } }) },
    { name: 'an empty user', wire: said({ user: '' }) },
    { name: 'a user of somebody else', wire: said({ user: 'system:admin' }) },
    { name: 'half a user', wire: said({ user: 'leasegate:' }) },
    { name: 'a user with more behind', wire: said({ user: 'leasegate:bot:admin' }) },
    { name: 'a user within another', wire: said({ user: 'x-leasegate:bot' }) },
    { name: 'a user that is no text', wire: said({ user: 7 }) },
  ])('($name) lets nobody through', async ({ wire }) => {
    boundary.script.wire = () => wire
    expectStatus(await send(PODS), 403, 'Forbidden')
    // A stream is refused a step earlier: nobody could cut it.
    const upgrade = ['Connection: Upgrade', 'Upgrade: websocket']
    for (const stream of [await send(`${PODS}?watch=1`), await send('GET /api/v1/exec', upgrade)]) {
      expect([403, 500]).toContain(stream.status)
      expect(JSON.parse(stream.body)).toMatchObject({ kind: 'Status', code: stream.status })
    }
    expectNothingForwarded()
  })

  test('a denial that names a user is a denial', async () => {
    boundary.script.wire = () => ({ ...said({ user: 'leasegate:bot' }), status: { code: 7 } })
    expect((await send(PODS)).status).toBe(403)
    expectNothingForwarded()
  })

  test.each([':path', ':method', ':authority', 'host', 'authorization', 'impersonate-user', 'x-envoy-retry-on'])(
    'an answer that would set %s is refused',
    async key => {
      boundary.script.wire = () => ({
        ...said({ user: 'leasegate:bot' }),
        ok_response: { headers: [{ header: { key, value: 'x' } }] },
      })
      expectStatus(await send(PODS), 500, 'InternalError')
      expectNothingForwarded()
    },
  )

  test('a stream that comes without its decision is refused before it begins', async () => {
    boundary.script.wire = () => said({ user: 'leasegate:bot' })
    expect((await send(PODS)).status).toBe(200)
    boundary.upstream.seen.length = 0
    expectStatus(await send(`${PODS}?watch=1`), 500, 'InternalError')
    expectNothingForwarded()
  })
})

describe('without a decision', () => {
  test.each([
    { name: 'fails', wire: () => new Error('broken') },
    { name: 'says something that cannot be read', wire: () => Buffer.from('\xff\xff\xff garbage', 'latin1') },
    { name: 'does not answer', wire: never },
  ])('(the authorizer $name) a request gets a 503 that says so, with Retry-After', async ({ wire }) => {
    boundary.script.wire = wire
    const answer = await send(PODS)
    expectStatus(answer, 503, 'ServiceUnavailable')
    expect(answer.head).toMatch(/\r\nretry-after: 1\b/i)
    expect(answer.body).toContain('authorizer is not available')
    expect(answer.ms).toBeLessThan(stretched(1500))
    expectNothingForwarded()
  })

  test('a fault in one request is told to that one in our own words, and the next is answered', async () => {
    boundary.script.answer = () => Promise.reject(new Error('a bug'))
    boundary.script.failed = http => deny(http, { status: 503, body: `{"said":"of ${http.id}"}` })
    const answer = await send(PODS)
    expect(answer.status).toBe(503)
    expect(JSON.parse(answer.body)).toEqual({ said: `of ${boundary.script.checks[0]?.id}` })
    expectNothingForwarded()
    boundary.script.reset()
    expect((await send(PODS)).status).toBe(200)
  })

  test('an answer that cannot be put on the wire is none', async () => {
    boundary.script.answer = http => allow(http, { warning: 'a\r\nSet-Cookie: b' })
    const withWarning = await send(PODS)
    boundary.script.answer = http => allow(http, { identity: { user: 'leasegate:a\nb', groups: [], extras: {} } })
    expectStatus(await send(PODS), 503, 'ServiceUnavailable')
    expect(boundary.script.failures).toHaveLength(1)
    expect(withWarning.head).not.toMatch(/set-cookie/i)
    expectNothingForwarded()
  })
})

describe('a denial of the authorizer', () => {
  test.each([
    [400, null],
    [401, null],
    [403, null],
    [404, null],
    [405, null],
    [413, null],
    [429, 5],
    [500, null],
    [503, 2],
  ])('%d reaches the client as it was said', async (status, retryAfter) => {
    const body = '{"kind":"Status","message":"said by the authorizer: %RESPONSE_CODE%"}'
    boundary.script.answer = http => deny(http, { status, retryAfter, body })
    const answer = await send(PODS)
    expect(answer.status).toBe(status)
    expect(answer.body).toBe(body)
    expect(answer.head.toLowerCase()).toContain('content-type: application/json')
    expect(/\r\nretry-after: (\d+)/i.exec(answer.head)?.[1] ?? null).toBe(retryAfter === null ? null : `${retryAfter}`)
    expectNothingForwarded()
  })
})

describe('what Envoy refuses by itself', () => {
  const MEBIBYTE = 1024 * 1024
  test.each([
    { name: 'an escaped slash', line: 'GET /api%2Fv1', want: [400, 'BadRequest'] },
    { name: 'a fragment', line: 'GET /api#v1', want: [400, 'BadRequest'] },
    {
      name: 'two lengths',
      line: 'POST /api',
      headers: ['Content-Length: 1', 'Content-Length: 2'],
      want: [400, 'BadRequest'],
    },
    { name: 'an underscore', line: 'GET /api', headers: ['Impersonate_User: a'], want: [400, 'BadRequest'] },
    { name: 'a tunnel', line: 'CONNECT kube:443', want: [405, 'MethodNotAllowed'] },
    {
      name: 'another protocol',
      line: 'GET /api',
      headers: ['Connection: Upgrade', 'Upgrade: a'],
      want: [403, 'Forbidden'],
    },
    {
      name: 'long headers',
      line: 'GET /api',
      headers: [`X-A: ${'a'.repeat(240_000)}`],
      want: [431, 'RequestHeaderFieldsTooLarge'],
    },
    {
      name: 'many headers',
      line: 'GET /api',
      headers: Array.from({ length: 101 }, (_, i) => `X-${i}: a`),
      want: [431, 'RequestHeaderFieldsTooLarge'],
    },
    {
      name: 'a large body',
      line: 'POST /api',
      headers: [`Content-Length: ${3 * MEBIBYTE + 1}`],
      body: Buffer.alloc(3 * MEBIBYTE + 1),
      want: [413, 'RequestEntityTooLarge'],
    },
    {
      name: 'a large body on a read',
      line: 'GET /api',
      headers: ['Content-Length: 65537'],
      body: Buffer.alloc(65_537),
      want: [413, 'RequestEntityTooLarge'],
    },
  ])(
    '($name) is a Status, unasked and not forwarded',
    async ({ line, headers = [], body = '', want: [code, reason] }) => {
      expectStatus(await send(line, headers, body), Number(code), String(reason))
      expect(boundary.script.checks).toEqual([])
      expectNothingForwarded()
    },
  )

  test('a head that never ends is a Status, in time', async () => {
    await until('the answer', () => trickling.text().includes('}'))
    const [head = '', body = ''] = trickling.text().split('\r\n\r\n')
    expectStatus({ status: Number(head.slice(9, 12)), head, body, ms: 0 }, 408, 'Timeout')
    expectNothingForwarded()
  })

  test('an upstream that says nothing until the lease ends is a Status as well', async () => {
    boundary.script.answer = http => allow(http, { streamMs: 200 })
    const answer = await send('GET /silent')
    expectStatus(answer, 504, 'Timeout')
    expect(answer.ms).toBeLessThan(stretched(1000))
  })
})

describe('when they are gone', () => {
  test('the API server: a Status, not an empty answer', async () => {
    await boundary.upstream.stop()
    expectStatus(await send(PODS), 503, 'ServiceUnavailable')
    expect(boundary.script.checks).toHaveLength(1)
  })

  test('the authorizers: nothing passes, at once', async () => {
    await Promise.all(boundary.authorizers.map(each => each.stop(0)))
    const answers = await Promise.all(Array.from({ length: 20 }, () => send(PODS)))
    for (const answer of answers) {
      expectStatus(answer, 503, 'ServiceUnavailable')
      expect(answer.head).toMatch(/\r\nretry-after: 1\b/i)
    }
    await until('Envoy to know', async () => (await send(PODS)).ms < 50)
  })
})
