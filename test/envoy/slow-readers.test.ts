import { connect } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { outcomeOf, startBoundary, type TestBoundary } from '../support/envoy/envoy.ts'
import { LAST } from '../support/envoy/upstream.ts'
import { until } from '../support/until.ts'
import { type SlowlyRead, slowHttp1, slowHttp2 } from '../support/wire/slow-reader.ts'

const MEBIBYTE = 1024 * 1024
/** More than lies in buffers on the way. */
const BYTES = 6 * MEBIBYTE
/** Longer than any timer that closes connections may run, and short enough for a test. */
const PACE = { bytes: MEBIBYTE / 2, pauseMs: 400 }
/** Three times as long as the pauses take. */
const TIMEOUT_MS = 60_000

let boundary: TestBoundary

beforeAll(async () => {
  boundary = await startBoundary()
})
afterAll(() => boundary.stop())

const POD = '/api/v1/namespaces/a/pods'
const WEBSOCKET = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13']
const KEY = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='
const SPDY = ['Connection: Upgrade', 'Upgrade: SPDY/3.1', 'Content-Length: 0']

const http1 =
  (method: string, ...headers: readonly string[]) =>
  (target: string): Promise<SlowlyRead> =>
    slowHttp1(boundary.port, [`${method} ${target} HTTP/1.1`, 'Host: kube', ...headers], PACE)

const http2 = (target: string): Promise<SlowlyRead> => slowHttp2(boundary.port, target, PACE)

describe('a client that reads slowly is given everything, the end last, and the record has as much', () => {
  test.each([
    { name: 'exec over WebSocket', path: `${POD}/1/exec`, read: http1('GET', ...WEBSOCKET, KEY) },
    { name: 'exec over SPDY', path: `${POD}/2/exec`, read: http1('POST', ...SPDY) },
    { name: 'a list over HTTP/1.1', path: `${POD}-1`, read: http1('GET', 'Connection: close') },
    {
      name: 'a list of known length over HTTP/1.1',
      path: `${POD}-2`,
      query: '&sized',
      read: http1('GET', 'Connection: close'),
    },
    { name: 'a log over HTTP/1.1', path: `${POD}/3/log`, read: http1('GET', 'Connection: close') },
    { name: 'a list over HTTP/2', path: `${POD}-3`, read: http2 },
    { name: 'a log over HTTP/2', path: `${POD}/4/log`, read: http2 },
  ])('$name', { timeout: TIMEOUT_MS }, async ({ path, query = '', read }) => {
    const got = await read(`${path}?bytes=${BYTES}${query}`)
    expect(got.bytes).toBeGreaterThanOrEqual(BYTES)
    // Chunks have a frame of their own around.
    expect(got.tail).toContain(LAST)
    const { bytesOut } = await outcomeOf(boundary, each => each.path === path)
    expect(bytesOut).toBeGreaterThanOrEqual(BYTES)
  })
})

describe('a client that reads nothing at all', () => {
  test('is ended', { timeout: TIMEOUT_MS }, async () => {
    const impatient = await startBoundary({ stalledSeconds: 1 })
    try {
      const path = `${POD}-4`
      const socket = connect({
        host: '127.0.0.1',
        port: impatient.port,
        rejectUnauthorized: false,
        ALPNProtocols: ['http/1.1'],
      })
      socket.on('error', () => socket.destroy())
      socket.once('secureConnect', () => {
        socket.write(`GET ${path}?bytes=${3 * BYTES} HTTP/1.1\r\nHost: kube\r\n\r\n`)
        socket.pause()
      })
      await until('the upstream to be left', () => impatient.upstream.seen.some(each => each.isOver), TIMEOUT_MS / 2)
      // Nobody else can know why it read nothing.
      expect(await outcomeOf(impatient, each => each.path === path)).toMatchObject({ flags: ['DC'] })
      socket.destroy()
    } finally {
      await impatient.stop()
    }
  })
})
