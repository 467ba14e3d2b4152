import { connect, type TLSSocket } from 'node:tls'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { stretched, until } from '../support/until.ts'
import { aBoundary, type Boundary } from './a-boundary.ts'

const EXEC = '/api/v1/namespaces/dev/pods/p/exec?command=id&stdout=true'
const WEBSOCKET = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Protocol: v5.channel.k8s.io',
]
const SPDY = ['Connection: Upgrade', 'Upgrade: SPDY/3.1', 'X-Stream-Protocol-Version: v4.channel.k8s.io']

let boundary: Boundary

beforeAll(async () => {
  boundary = await aBoundary()
})
afterAll(() => boundary.stop())
beforeEach(() => {
  boundary.upstream.received.length = 0
})

interface Tunnel {
  readonly socket: TLSSocket
  readonly seen: () => string
  readonly isClosed: () => boolean
}

/** Sends the lines and leaves the connection open. */
async function open(token: string, line: string, headers: readonly string[], early = ''): Promise<Tunnel> {
  const socket = connect({
    host: '127.0.0.1',
    port: boundary.port,
    rejectUnauthorized: false,
    ALPNProtocols: ['http/1.1'],
  })
  let text = ''
  let isClosed = false
  socket.on('data', data => {
    text += data.toString('latin1')
  })
  socket.on('error', () => undefined)
  socket.on('close', () => {
    isClosed = true
  })
  const lines = [`${line} HTTP/1.1`, 'Host: b', `Authorization: Bearer ${token}`, ...headers]
  socket.write(`${lines.join('\r\n')}\r\n\r\n${early}`)
  await until('an answer', () => text.includes('\r\n\r\n') || isClosed)
  return { socket, seen: () => text, isClosed: () => isClosed }
}

const WATCH = 'GET /api/v1/namespaces/dev/pods?watch=true'
const LOG = 'GET /api/v1/namespaces/dev/pods/p/log?follow=true'

const ways = [
  { name: 'WebSocket', line: `GET ${EXEC}`, headers: WEBSOCKET },
  { name: 'SPDY', line: `POST ${EXEC}`, headers: SPDY },
]

/** What libraries ask for as messages of a WebSocket, and may be told to by some of its subprotocols. */
const asMessages = [
  { name: 'a watch over WebSocket', line: WATCH, headers: WEBSOCKET.slice(0, 4) },
  { name: 'a watch in base64', line: WATCH, headers: [...WEBSOCKET.slice(0, 4), protocol('base64.binary.k8s.io')] },
  { name: 'a log over WebSocket', line: LOG, headers: [...WEBSOCKET.slice(0, 4), protocol('binary.k8s.io')] },
]

function protocol(named: string): string {
  return `Sec-WebSocket-Protocol: ${named}`
}

const streams = [...ways.map(({ name, ...way }) => ({ name: `exec over ${name}`, ...way })), ...asMessages]

describe('upgrades', () => {
  test.each(ways)('exec over $name is a tunnel, decided at once', async ({ line, headers }) => {
    const { token } = await boundary.token('everything')
    const from = performance.now()
    const tunnel = await open(token, line, headers)
    expect(performance.now() - from).toBeLessThan(stretched(1000))
    expect(tunnel.seen()).toMatch(/^HTTP\/1\.1 101/)
    tunnel.socket.write('ping')
    await until('the echo', () => tunnel.seen().endsWith('ping'))
    tunnel.socket.destroy()
  })

  test.each(streams)('a revocation ends $name within a second, and the record says why', async ({ line, headers }) => {
    const { token, lease } = await boundary.token('everything')
    const tunnel = await open(token, line, headers)
    expect(tunnel.seen()).toMatch(/^HTTP\/1\.1 101/)
    const from = performance.now()
    await boundary.revoke(lease)
    await until('the cut', tunnel.isClosed)
    expect(performance.now() - from).toBeLessThan(stretched(1000))
    const ended = () => boundary.outcomes.find(({ key, phase }) => key?.lease === lease.id && phase === 'end')
    await until('the end in the access log', () => ended() !== undefined)
    expect(ended()?.details).toContain('lease_revoked')
    await until('the upstream to know', () => boundary.upstream.open.size === 0)
  })

  test('a revocation ends many watches at once', async () => {
    const { token, lease } = await boundary.token('everything')
    const watch = 'GET /api/v1/namespaces/dev/pods?watch=true'
    const watches = await Promise.all(Array.from({ length: 50 }, () => open(token, watch, [])))
    await until('all of them', () => boundary.upstream.open.size === 50)
    const from = performance.now()
    await boundary.revoke(lease)
    await until('all cuts', () => watches.every(each => each.isClosed()))
    expect(performance.now() - from).toBeLessThan(stretched(1000))
  })

  test.each(streams)(
    '$name ends with the lease, also when the authorizers are new by then',
    async ({ line, headers }) => {
      const { token, lease } = await boundary.token('everything', { expiresAt: Date.now() + 3000 })
      const tunnel = await open(token, line, headers)
      expect(tunnel.seen()).toMatch(/^HTTP\/1\.1 101/)
      await until('the end', tunnel.isClosed)
      expect(Date.now()).toBeGreaterThan(lease.expiresAt - 1000)
      expect(Date.now() - lease.expiresAt).toBeLessThan(stretched(1000))
    },
  )

  test.each([
    { name: 'a protocol that is none of ours', line: `GET ${EXEC}`, headers: ['Connection: Upgrade', 'Upgrade: foo'] },
    { name: 'TLS', line: `GET ${EXEC}`, headers: ['Connection: Upgrade', 'Upgrade: TLS/1.0'] },
    { name: 'two in one line', line: `GET ${EXEC}`, headers: ['Connection: Upgrade', 'Upgrade: websocket, SPDY/3.1'] },
    { name: 'two lines', line: `GET ${EXEC}`, headers: [...WEBSOCKET, 'Upgrade: SPDY/3.1'] },
    { name: 'SPDY on a list', line: 'GET /api/v1/namespaces/dev/pods', headers: SPDY },
    { name: 'WebSocket on a list', line: 'GET /api/v1/namespaces/dev/pods', headers: WEBSOCKET },
    { name: 'SPDY on a watch', line: WATCH, headers: SPDY },
    { name: 'WebSocket by POST on a watch', line: WATCH.replace('GET', 'POST'), headers: WEBSOCKET },
    {
      name: 'WebSocket on one object that is not watched',
      line: 'GET /api/v1/namespaces/dev/pods/p?watch=true',
      headers: WEBSOCKET,
    },
    {
      name: 'a bearer in the subprotocol of a watch',
      line: WATCH,
      headers: [...WEBSOCKET.slice(0, 4), protocol('base64.binary.k8s.io, base64url.bearer.authorization.k8s.io.eA')],
    },
    { name: 'SPDY by GET', line: `GET ${EXEC}`, headers: SPDY },
    {
      name: 'a bearer in the subprotocol',
      line: `GET ${EXEC}`,
      headers: [
        ...WEBSOCKET.slice(0, 4),
        'Sec-WebSocket-Protocol: v5.channel.k8s.io, base64url.bearer.authorization.k8s.io.eA',
      ],
    },
  ])('$name is refused', async ({ line, headers }) => {
    const answer = await boundary.send('everything', line, headers)
    expect([400, 403]).toContain(answer.status)
    expect(boundary.upstream.received).toEqual([])
  })

  test('h2c is not spoken: the request goes on as a plain one or not at all', async () => {
    const headers = ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__']
    await boundary.send('everything', 'GET /api/v1/namespaces/dev/pods', headers)
    for (const { headers: got } of boundary.upstream.received) {
      expect(got.map(([name]) => name.toLowerCase())).not.toContain('upgrade')
    }
  })

  test('what is sent behind an upgrade before its answer is no second request', async () => {
    const { token } = await boundary.token('everything')
    const smuggled = `GET /api/v1/namespaces/prod/secrets HTTP/1.1\r\nHost: b\r\nAuthorization: Bearer ${token}\r\n\r\n`
    const tunnel = await open(token, `POST ${EXEC}`, SPDY, smuggled)
    const victims = await Promise.all(
      Array.from({ length: 20 }, () => boundary.send('reads', 'GET /api/v1/namespaces/dev/pods')),
    )
    for (const { body } of victims)
      expect(body.replace(/^\w+\r\n|\r\n0?|\r\n/g, '')).toMatch(/^{"kind":"List","items":\[\]}0?$/)
    expect(boundary.upstream.received.filter(({ target }) => target.includes('secrets'))).toEqual([])
    expect(boundary.upstream.received.filter(({ target }) => target.includes('exec'))).toHaveLength(1)
    tunnel.socket.destroy()
  })

  test('a lease that may not watch opens no watch, however it comes, and one that may read logs opens them', async () => {
    const [watch, , log] = asMessages
    if (watch === undefined || log === undefined) throw new Error('no such way')
    expect((await boundary.send('reads', watch.line, watch.headers)).status).toBe(403)
    expect(boundary.upstream.received).toEqual([])
    expect((await boundary.send('reads', log.line, log.headers)).status).toBe(101)
  })

  test('a watch over WebSocket is told how long its lease lasts, as any other', async () => {
    const { token } = await boundary.token('everything', { expiresAt: Date.now() + 30_000 })
    const tunnel = await open(token, WATCH, WEBSOCKET.slice(0, 4))
    const [{ target, headers } = { target: '', headers: [] }] = boundary.upstream.received
    expect(Number(new URLSearchParams(target.split('?')[1]).get('timeoutSeconds'))).toBeGreaterThan(0)
    expect(headers.find(([name]) => name.toLowerCase() === 'impersonate-user')?.[1]).toMatch(/^leasegate:/)
    tunnel.socket.destroy()
  })

  test('a lease for reads opens none, whichever way', async () => {
    for (const { line, headers } of ways) {
      expect((await boundary.send('reads', line, headers)).status).toBe(403)
    }
    expect(boundary.upstream.received).toEqual([])
  })
})

describe('bodies', () => {
  const target = '/api/v1/namespaces/dev/configmaps'
  const bytes = Buffer.from(
    '{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a"},"data":{"x":"\u00e4\u0000"}}',
  )

  test('go on byte for byte', async () => {
    const headers = ['Content-Type: application/json', `Content-Length: ${bytes.length}`]
    const answer = await boundary.send('everything', `POST ${target}`, headers, bytes)
    expect(answer.status).toBe(200)
    expect(boundary.upstream.received[0]?.body.equals(bytes)).toBe(true)
  })

  test('in chunks of a byte too', async () => {
    const chunks = [...bytes].map(byte => `1\r\n${String.fromCharCode(byte)}\r\n`).join('')
    const headers = ['Content-Type: application/json', 'Transfer-Encoding: chunked']
    const answer = await boundary.send(
      'everything',
      `POST ${target}`,
      headers,
      Buffer.from(`${chunks}0\r\n\r\n`, 'latin1'),
    )
    expect(answer.status).toBe(200)
    expect(boundary.upstream.received[0]?.body.equals(bytes)).toBe(true)
  })

  test.each([
    { name: 'two lengths', headers: ['Content-Length: 2', 'Content-Length: 3'] },
    { name: 'a length and chunks', headers: ['Content-Length: 2', 'Transfer-Encoding: chunked'] },
    { name: 'a transfer encoding that is none', headers: ['Transfer-Encoding: xchunked'] },
  ])('$name: nothing is smuggled', async ({ headers }) => {
    const answer = await boundary.send(
      'everything',
      `POST ${target}`,
      ['Content-Type: application/json', ...headers],
      '{}\r\n0\r\n\r\n',
    )
    expect(answer.status).not.toBe(200)
    expect(boundary.upstream.received).toEqual([])
  })
})
