import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Outcome } from '../../../src/record/outcome.ts'
import type { HttpRequest } from '../../../src/request/http-request.ts'
import { outcomeOf, startBoundary, type TestBoundary } from '../../support/envoy/envoy.ts'
import { openHttp1 } from '../../support/envoy/open-stream.ts'
import { allow, deny, keyOf } from '../../support/envoy/scripted-authorizer.ts'
import { valuesOf } from '../../support/envoy/upstream.ts'
import { until } from '../../support/until.ts'
import { CLOSED, GOAWAY } from '../../support/wire/frames.ts'
import { rawRequest } from '../../support/wire/raw-request.ts'

let boundary: TestBoundary
let requests = 0

beforeAll(async () => {
  boundary = await startBoundary()
})
beforeEach(() => boundary.script.reset())
afterAll(() => boundary.stop())

const SENT_ID = '11111111-1111-4111-8111-111111111111'

function send(line: string, headers: readonly string[] = []) {
  return rawRequest(boundary.port, [`${line} HTTP/1.1`, 'Host: kube', 'User-Agent: kubectl', ...headers])
}

function aPath(): string {
  return `/api/v1/o${requests++}`
}

function outcome(path: string): Promise<Outcome> {
  return outcomeOf(boundary, each => each.path === path)
}

describe('the outcome of a request', () => {
  test.each([[[]], [[`X-Request-Id: ${SENT_ID}`]], [[`X-Request-Id: ${SENT_ID}`, 'X-Request-Id: 2']]])(
    'carries the key that the authorizer gave, whatever request id the client sends (%j)',
    async headers => {
      const path = aPath()
      await send(`GET ${path}?token=t`, headers)
      const check = boundary.script.check(`${path}?token=t`)
      expect(check.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      expect(check.id).not.toBe(SENT_ID)
      expect(valuesOf(boundary.upstream.only(`${path}?token=t`), 'audit-id')).toEqual([check.id])
      expect(await outcome(path)).toMatchObject({
        key: keyOf(check),
        phase: 'end',
        method: 'GET',
        path,
        source: '127.0.0.1',
        userAgent: 'kubectl',
        status: 200,
        flags: [],
        details: 'via_upstream',
        forwarded: true,
      })
    },
  )

  test('of 429 by the API server is told to the authorizer, where a yes was used', async () => {
    const eviction = (pod: string) => `POST /api/v1/namespaces/shop/pods/${pod}/eviction`
    const send = (line: string) => rawRequest(boundary.port, [`${line} HTTP/1.1`, 'Host: kube', 'Content-Length: 0'])
    const approval = `apr_${'0'.repeat(8)}`
    const withYes = (http: HttpRequest) => allow(http, { approval })
    await send(eviction('without'))
    boundary.script.answer = withYes
    await send(`POST ${aPath()}`)
    boundary.script.answer = http => deny(http, { status: 429, retryAfter: 1 })
    await send(eviction('denied'))
    boundary.script.answer = withYes
    await send(eviction('web-0'))
    const { id } = boundary.script.check(eviction('web-0').slice('POST '.length))
    await until('the authorizer to hear of it', () => boundary.script.putOff.length > 0)
    expect(boundary.script.putOff).toEqual([{ approval, request: id }])
  })

  test('that was denied carries it as well, and was not forwarded', async () => {
    const path = aPath()
    boundary.script.answer = http => deny(http, { status: 429, retryAfter: 1 })
    await send(`DELETE ${path}`)
    expect(await outcome(path)).toMatchObject({
      key: keyOf(boundary.script.check(path)),
      method: 'DELETE',
      status: 429,
      details: 'ext_authz_denied',
      flags: ['UAEX'],
      forwarded: false,
    })
  })

  test.each([
    { name: 'Envoy refuses the path', line: 'GET /p%2Fq', path: '/p/q', want: { status: 400 } },
    {
      name: 'Envoy refuses the headers',
      line: 'GET /long',
      headers: [`X: ${'a'.repeat(240_000)}`],
      path: '',
      want: { status: 431 },
    },
    {
      name: 'the protocol is unknown',
      line: 'GET /up',
      headers: ['Connection: Upgrade', 'Upgrade: x'],
      path: '/up',
      want: { status: 403, details: 'upgrade_failed' },
    },
  ])(
    'that nobody was asked about has none, whatever the client claims ($name)',
    async ({ line, headers = [], path, want }) => {
      const before = boundary.outcomes.length
      await send(line, [`X-Request-Id: ${SENT_ID}`, ...headers])
      // What an earlier request left may still come.
      const its = () => boundary.outcomes.slice(before).find(one => one.path === path && one.status === want.status)
      await until('the outcome', () => its() !== undefined)
      expect(its()).toMatchObject({ key: null, requestId: '', path, forwarded: false, ...want })
      expect(boundary.script.checks).toEqual([])
    },
  )

  test('without a decision has no key, and says so', async () => {
    const path = aPath()
    boundary.script.wire = () => new Error('broken')
    await send(`GET ${path}`, [`X-Request-Id: ${SENT_ID}`])
    const end = await outcome(path)
    expect(end).toMatchObject({ key: null, status: 503, details: 'ext_authz_error', flags: ['UAEX'] })
    // By this the tap finds the decision, if there is one: it must be Envoy's own.
    expect(end.requestId).toMatch(/^[0-9a-f-]{36}$/)
    expect(end.requestId).not.toBe(SENT_ID)
  })

  test('that the guard refused was not forwarded', async () => {
    const path = aPath()
    boundary.script.wire = () => ({})
    await send(`GET ${path}`)
    expect(await outcome(path)).toMatchObject({ key: null, status: 403, forwarded: false })
  })

  test('of a tunnel is there as soon as it is open, and again at its end, with what went through', async () => {
    const path = aPath()
    const lines = [`GET ${path} HTTP/1.1`, 'Host: kube', 'Connection: Upgrade', 'Upgrade: websocket']
    const stream = openHttp1(boundary.port, lines)
    const isOpen = () => boundary.outcomes.some(each => each.path === path && each.phase === 'open')
    await until('the open tunnel', isOpen, 2000)
    const key = keyOf(boundary.script.check(path))
    expect(boundary.outcomes.filter(each => each.path === path)).toMatchObject([{ key, status: 101, phase: 'open' }])
    stream.write('x'.repeat(10_000))
    await until('the echo', () => stream.text().endsWith('xxx') && stream.text().length > 10_000)
    stream.leave()
    const end = await outcome(path)
    expect(end).toMatchObject({ key, status: 101, flags: ['DC'] })
    expect(end.bytesIn).toBeGreaterThan(10_000)
    expect(end.bytesOut).toBeGreaterThan(10_000)
  })

  describe.each([
    {
      name: 'WebSocket',
      method: 'GET',
      headers: ['Upgrade: websocket', 'Sec-WebSocket-Version: 13'],
      farewell: CLOSED,
    },
    { name: 'SPDY', method: 'POST', headers: ['Upgrade: SPDY/3.1', 'Content-Length: 0'], farewell: GOAWAY },
  ])('of a tunnel over $name says how it ended:', ({ method, headers, farewell }) => {
    const open = async (path: string) => {
      const stream = openHttp1(boundary.port, [
        `${method} ${path} HTTP/1.1`,
        'Host: kube',
        'Connection: Upgrade',
        ...headers,
      ])
      await until('the tunnel', () => stream.text().startsWith('HTTP/1.1 101'))
      return stream
    }

    test('the API server was through with it', async () => {
      const path = aPath()
      await open(path)
      boundary.upstream.end(path, farewell)
      expect(await outcome(path)).toMatchObject({ status: 101, flags: [], forwarded: true })
    })

    test('the client left', async () => {
      const path = aPath()
      const stream = await open(path)
      stream.leave()
      expect(await outcome(path)).toMatchObject({ status: 101, flags: ['DC'] })
    })

    test('its lease had ended', async () => {
      const path = aPath()
      await open(path)
      const { id } = boundary.script.check(path)
      for (const live of boundary.script.live.keys()) if (live.auditId === id) live.cut('lease_revoked')
      expect(await outcome(path)).toMatchObject({ status: 101, flags: [], details: 'lease_revoked' })
    })

    test('its time was over', async () => {
      const path = aPath()
      boundary.script.answer = http => allow(http, { streamMs: 300 })
      await open(path)
      expect(await outcome(path)).toMatchObject({ status: 101, flags: ['UMSDR'] })
    })

    test('the API server broke off before there was one', async () => {
      const path = aPath()
      const broken = send(`${method} ${path}?reset`, ['Connection: Upgrade', ...headers])
      expect((await broken).status).toBe(503)
      expect(await outcome(path)).toMatchObject({ status: 503, flags: ['UC'] })
    })
  })

  test('of a watch is there while it runs, again and again', async () => {
    const path = aPath()
    const stream = openHttp1(boundary.port, [`GET ${path}?watch=1 HTTP/1.1`, 'Host: kube'])
    await until('a line of the running watch', () => boundary.outcomes.some(each => each.path === path))
    expect(boundary.outcomes.find(each => each.path === path)).toMatchObject({
      key: keyOf(boundary.script.check(`${path}?watch=1`)),
      phase: 'open',
      status: 200,
    })
    // Each says how long it has been open: without that it would count as lost a minute after its begin.
    const durations = () => boundary.outcomes.filter(each => each.path === path).map(each => each.durationMs)
    await until('another line', () => durations().length >= 2, 8000)
    expect((durations()[1] ?? 0) - (durations()[0] ?? 0)).toBeGreaterThan(3000)
    stream.leave()
    expect(await outcome(path)).toMatchObject({ flags: ['DC'] })
  })
})
