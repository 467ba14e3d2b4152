import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { outcomeOf, startBoundary, type TestBoundary } from '../support/envoy/envoy.ts'
import { type OpenStream, openHttp1, openHttp2 } from '../support/envoy/open-stream.ts'
import { allow } from '../support/envoy/scripted-authorizer.ts'
import { stretched, until } from '../support/until.ts'
import { rawRequest } from '../support/wire/raw-request.ts'

let boundary: TestBoundary
let requests = 0
const open: OpenStream[] = []

beforeAll(async () => {
  boundary = await startBoundary()
})
beforeEach(() => boundary.script.reset())
afterEach(async () => {
  for (const stream of open.splice(0)) stream.leave()
  await until('all side streams to end', () => boundary.script.live.size === 0)
})
afterAll(() => boundary.stop())

const POD = '/api/v1/namespaces/a/pods/b'
const EXEC = ['Connection: Upgrade', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==']

interface Kind {
  readonly name: string
  readonly start: (id: number) => { readonly target: string; readonly stream: OpenStream }
  /** What a stream that runs shows. */
  readonly sign: RegExp
}

function http1(method: string, target: string, headers: readonly string[] = []) {
  const stream = openHttp1(boundary.port, [`${method} ${target} HTTP/1.1`, 'Host: kube', ...headers])
  return { target, stream }
}

const KINDS: readonly Kind[] = [
  {
    name: 'a watch over HTTP/2',
    start: id => {
      const target = `/api/v1/pods?watch=1&id=${id}`
      return { target, stream: openHttp2(boundary.port, target) }
    },
    sign: /tick\n/,
  },
  { name: 'a watch over HTTP/1.1', start: id => http1('GET', `/api/v1/pods?watch=1&id=${id}`), sign: /tick\n/ },
  { name: 'a followed log', start: id => http1('GET', `${POD}/log?follow=true&id=${id}`), sign: /tick\n/ },
  {
    name: 'a watch over WebSocket',
    start: id => http1('GET', `/api/v1/pods?watch=1&id=${id}`, ['Upgrade: websocket', ...EXEC]),
    sign: /^HTTP\/1\.1 101/,
  },
  {
    name: 'an exec over WebSocket',
    start: id => http1('GET', `${POD}/exec?id=${id}`, ['Upgrade: websocket', ...EXEC]),
    sign: /^HTTP\/1\.1 101/,
  },
  {
    name: 'an exec over SPDY',
    start: id =>
      http1('POST', `${POD}/exec?id=${id}`, ['Connection: Upgrade', 'Upgrade: SPDY/3.1', 'Content-Length: 0']),
    sign: /^HTTP\/1\.1 101/,
  },
]

/** Runs for sure: something came, and the authorizer holds its side stream. */
async function running({ name, start, sign }: Kind) {
  const started = start(requests++)
  open.push(started.stream)
  await until(`${name} to run`, () => sign.test(started.stream.text()))
  return { ...started, seen: boundary.upstream.only(started.target) }
}

function theLive() {
  const [live] = [...boundary.script.live.keys()]
  if (live === undefined) throw new Error('no side stream is open')
  return live
}

const isOf = (target: string) => {
  const { id } = boundary.script.check(target)
  return ({ key }: { readonly key: { readonly auditId: string } | null }) => key?.auditId === id
}

describe.each(KINDS)('$name', kind => {
  test('ends when its time is over, for the client and for the upstream', async () => {
    boundary.script.answer = http => allow(http, { streamMs: 400 })
    const from = performance.now()
    const { target, stream, seen } = await running(kind)
    expect(stream.isOver()).toBe(false)
    await until('the end', () => stream.isOver() && seen.isOver)
    expect(performance.now() - from).toBeGreaterThan(390)
    expect(performance.now() - from).toBeLessThan(stretched(1000))
    expect(await outcomeOf(boundary, isOf(target))).toMatchObject({
      details: 'upstream_max_stream_duration_reached',
      flags: ['UMSDR'],
    })
  })

  test('ends at once when it is cut, and the access log says why', async () => {
    const { target, stream, seen } = await running(kind)
    const live = theLive()
    expect(live).toMatchObject({ auditId: boundary.script.check(target).id, lease: 'lse_test' })
    const from = performance.now()
    live.cut('lease_revoked')
    await until('the end', () => stream.isOver() && seen.isOver)
    expect(performance.now() - from).toBeLessThan(stretched(500))
    expect(await outcomeOf(boundary, isOf(target))).toMatchObject({ details: 'lease_revoked', forwarded: true })
    await until('its side stream to end', () => boundary.script.live.size === 0)
    expect(() => live.cut('shutdown')).not.toThrow()
  })

  test('is no longer live once its client has left', async () => {
    const { stream, seen } = await running(kind)
    expect(boundary.script.live.size).toBe(1)
    stream.leave()
    await until('the end', () => seen.isOver && boundary.script.live.size === 0)
  })
})

describe('a tunnel', () => {
  test.each(KINDS.filter(({ name }) => name.includes('exec')))(
    '($name) passes bytes both ways as they are',
    async kind => {
      const { stream, seen } = await running(kind)
      const said = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte)).join('')
      stream.write(said)
      await until('the echo', () => stream.text().endsWith(said))
      expect(seen.body.toString('latin1')).toBe(said)
      expect(seen.protocol).toBe('http/1.1')
    },
  )

  test('that the API server refuses leaves no connection behind on which what was said too early could be read', async () => {
    const headers = ['Connection: Upgrade', 'Upgrade: SPDY/3.1']
    const lines = [`POST /refused?id=${requests++} HTTP/1.1`, 'Host: kube', ...headers]
    const early = openHttp1(boundary.port, lines, '\r\nPOST /smuggled HTTP/1.1\r\nHost: kube\r\n\r\n')
    open.push(early)
    await until('the refusal', () => early.text().startsWith('HTTP/1.1 403'))
    const websocket = KINDS.find(({ name }) => name === 'an exec over WebSocket')
    if (websocket === undefined) throw new Error('no such kind')
    await running(websocket)
    expect(boundary.upstream.seen.filter(({ target }) => target.startsWith('/smuggled'))).toEqual([])
    const refused = boundary.upstream.seen.find(({ target }) => target.startsWith('/refused'))
    expect(refused?.body.toString()).not.toContain('exec')
  })
})

describe('a cut', () => {
  test('reaches the one stream that it is meant for', async () => {
    const [, watch] = KINDS
    if (watch === undefined) throw new Error('no such kind')
    const both = [await running(watch), await running(watch)]
    const [, second] = both
    const { id } = boundary.script.check(second?.target ?? '')
    for (const live of boundary.script.live.keys()) if (live.auditId === id) live.cut('lease_expired')
    await until('the end', () => second?.stream.isOver() ?? false)
    const before = both[0]?.stream.text().length ?? 0
    await until('the other to go on', () => (both[0]?.stream.text().length ?? 0) > before)
  })

  test('before the answer has begun is a Status', async () => {
    const answer = rawRequest(boundary.port, [`GET /silent?watch=1 HTTP/1.1`, 'Host: kube'])
    await until('the side stream', () => boundary.script.live.size === 1)
    theLive().cut('lease_revoked')
    const { status, body } = await answer
    expect(status).toBe(403)
    expect(JSON.parse(body)).toMatchObject({
      kind: 'Status',
      code: 403,
      message: expect.stringContaining('lease_revoked'),
    })
  })

  test('is possible for streams alone: a short request has no side stream', async () => {
    open.push(http1('GET', '/silent/short').stream)
    await until('it to be forwarded', () => boundary.upstream.seen.some(({ target }) => target === '/silent/short'))
    expect(boundary.script.live.size).toBe(0)
  })
})
