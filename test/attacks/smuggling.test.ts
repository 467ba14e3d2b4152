import { connect } from 'node:tls'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { until } from '../support/until.ts'
import { aBoundary, type Boundary } from './a-boundary.ts'

const MAPS = '/api/v1/namespaces/dev/configmaps'
const PODS = '/api/v1/namespaces/dev/pods'
/** A whole request without a token: should it ever be read as one of its own, nobody may forward it. */
const SMUGGLED = 'GET /api/v1/namespaces/dev/pods/smuggled HTTP/1.1\r\nHost: b\r\n\r\n'

let boundary: Boundary
let token: string

beforeAll(async () => {
  boundary = await aBoundary()
  token = (await boundary.token('everything')).token
})
afterAll(() => boundary.stop())
beforeEach(() => {
  boundary.upstream.received.length = 0
})

/** Writes these very bytes on one connection and waits for an answer or its end; what came back. */
async function raw(text: string): Promise<string> {
  const socket = connect({
    host: '127.0.0.1',
    port: boundary.port,
    rejectUnauthorized: false,
    ALPNProtocols: ['http/1.1'],
  })
  let seen = ''
  let closed = false
  socket.on('data', data => {
    seen += data.toString('latin1')
  })
  socket.on('error', () => socket.destroy())
  socket.on('close', () => {
    closed = true
  })
  socket.once('secureConnect', () => socket.write(Buffer.from(text, 'latin1')))
  await until('an answer', () => closed || seen.includes('\r\n\r\n'))
  // What was read behind it is dealt with before a request that comes later on another connection.
  expect((await boundary.send('reads', `GET ${PODS}`)).status).toBe(200)
  socket.destroy()
  return seen
}

function post(headers: readonly string[], body: string): string {
  const lines = [`POST ${MAPS} HTTP/1.1`, 'Host: b', `Authorization: Bearer ${token}`, 'Content-Type: application/json']
  return `${[...lines, ...headers].join('\r\n')}\r\n\r\n${body}`
}

function get(lines: readonly string[] = [], first = `GET ${PODS} HTTP/1.1`, end = '\r\n'): string {
  return `${[first, 'Host: b', `Authorization: Bearer ${token}`, ...lines].join(end)}${end}${end}`
}

/** Whatever came through did so once, whole, under our identity; nothing smuggled did. */
function nothingSmuggled(allowed: number): void {
  // The last one is the one that waits for the others.
  const seen = boundary.upstream.received.slice(0, -1)
  expect(seen.length).toBeLessThanOrEqual(allowed)
  for (const { target, headers } of boundary.upstream.received) {
    expect(target).not.toContain('smuggled')
    expect(headers.filter(([name]) => name.toLowerCase() === 'impersonate-user').map(([, value]) => value)).toEqual([
      'leasegate:bot',
    ])
    expect(headers.filter(([name]) => name.toLowerCase() === 'transfer-encoding').length).toBeLessThanOrEqual(1)
  }
}

describe('a body whose end can be seen in two places', () => {
  const chunk = '2\r\n{}\r\n0\r\n\r\n'
  test.each([
    {
      name: 'two lengths',
      headers: ['Content-Length: 2', `Content-Length: ${SMUGGLED.length + 2}`],
      body: `{}${SMUGGLED}`,
    },
    { name: 'two lengths in one line', headers: [`Content-Length: 2, ${SMUGGLED.length + 2}`], body: `{}${SMUGGLED}` },
    { name: 'the same length twice', headers: ['Content-Length: 2', 'Content-Length: 2'], body: `{}${SMUGGLED}` },
    { name: 'a length with a sign', headers: ['Content-Length: +2'], body: `{}${SMUGGLED}` },
    { name: 'a negative length', headers: ['Content-Length: -2'], body: `{}${SMUGGLED}` },
    { name: 'a length in hex', headers: ['Content-Length: 0x2'], body: `{}${SMUGGLED}` },
    { name: 'a length with more behind', headers: ['Content-Length: 2 2'], body: `{}${SMUGGLED}` },
    {
      name: 'a length and chunks',
      headers: ['Content-Length: 2', 'Transfer-Encoding: chunked'],
      body: `${chunk}${SMUGGLED}`,
    },
    {
      name: 'chunks and a length',
      headers: ['Transfer-Encoding: chunked', `Content-Length: ${chunk.length}`],
      body: `${chunk}${SMUGGLED}`,
    },
    {
      name: 'chunked twice',
      headers: ['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'],
      body: `${chunk}${SMUGGLED}`,
    },
    {
      name: 'chunked twice in one line',
      headers: ['Transfer-Encoding: chunked, chunked'],
      body: `${chunk}${SMUGGLED}`,
    },
    { name: 'chunked and another', headers: ['Transfer-Encoding: chunked, identity'], body: `${chunk}${SMUGGLED}` },
    { name: 'another and chunked', headers: ['Transfer-Encoding: gzip, chunked'], body: `${chunk}${SMUGGLED}` },
    { name: 'nearly chunked', headers: ['Transfer-Encoding: xchunked'], body: `${chunk}${SMUGGLED}` },
    { name: 'chunked behind a tab', headers: ['Transfer-Encoding:\tchunked'], body: `${chunk}${SMUGGLED}` },
    {
      name: 'chunked behind a vertical tab',
      headers: ['Transfer-Encoding: \u000bchunked'],
      body: `${chunk}${SMUGGLED}`,
    },
    {
      name: 'chunked with a space before the colon',
      headers: ['Transfer-Encoding : chunked', 'Content-Length: 2'],
      body: `{}${SMUGGLED}`,
    },
    {
      name: 'chunked in a folded line',
      headers: ['Content-Length: 2', 'X-A: b\r\n Transfer-Encoding: chunked'],
      body: `{}${SMUGGLED}`,
    },
    {
      name: 'chunked behind a bare line feed',
      headers: ['Content-Length: 2', 'X-A: b\nTransfer-Encoding: chunked'],
      body: `${chunk}${SMUGGLED}`,
    },
    {
      name: 'a length behind a bare carriage return',
      headers: [`X-A: b\rContent-Length: ${SMUGGLED.length}`],
      body: SMUGGLED,
    },
    {
      name: 'a chunk in hex with 0x',
      headers: ['Transfer-Encoding: chunked'],
      body: `0x2\r\n{}\r\n0\r\n\r\n${SMUGGLED}`,
    },
    { name: 'a chunk with a sign', headers: ['Transfer-Encoding: chunked'], body: `+2\r\n{}\r\n0\r\n\r\n${SMUGGLED}` },
    { name: 'a negative chunk', headers: ['Transfer-Encoding: chunked'], body: `-2\r\n{}\r\n0\r\n\r\n${SMUGGLED}` },
    {
      name: 'a chunk too large to count',
      headers: ['Transfer-Encoding: chunked'],
      body: `ffffffffffffffff2\r\n{}\r\n0\r\n\r\n${SMUGGLED}`,
    },
    {
      name: 'chunks that end with bare line feeds',
      headers: ['Transfer-Encoding: chunked'],
      body: `2\n{}\n0\n\n${SMUGGLED}`,
    },
    {
      name: 'an extension that hides a line end',
      headers: ['Transfer-Encoding: chunked'],
      body: `2;a=\n${SMUGGLED}\r\n{}\r\n0\r\n\r\n`,
    },
    {
      name: 'a chunk that is longer than it says',
      headers: ['Transfer-Encoding: chunked'],
      body: `2\r\n{}x\r\n0\r\n\r\n${SMUGGLED}`,
    },
    {
      name: 'trailers that look like a request',
      headers: ['Transfer-Encoding: chunked'],
      body: `2\r\n{}\r\n0\r\nX-A: b\r\n${SMUGGLED}`,
    },
  ])('$name: nothing is smuggled', async ({ headers, body }) => {
    await raw(post(headers, body))
    nothingSmuggled(1)
    for (const { method, body: came } of boundary.upstream.received.slice(0, -1)) {
      expect(method).toBe('POST')
      // Without a length that is one, there is no body.
      expect(['{}', '']).toContain(came.toString())
    }
  })

  test('a body that comes with more than was announced is what was announced', async () => {
    await raw(post(['Content-Length: 2'], `{}${SMUGGLED}`))
    nothingSmuggled(1)
  })

  test('a read with a body brings no second request', async () => {
    await raw(get([`Content-Length: ${SMUGGLED.length}`]) + SMUGGLED)
    nothingSmuggled(0)
  })
})

describe('a head that can be read in two ways', () => {
  test.each([
    { name: 'a folded line', text: () => get(['X-A: b\r\n Impersonate-User: system:admin']) },
    {
      name: 'a folded first header',
      text: () => `GET ${PODS} HTTP/1.1\r\n Host: c\r\n${get().split('\r\n').slice(1).join('\r\n')}`,
    },
    { name: 'a space before the colon', text: () => get(['Impersonate-User : system:admin']) },
    { name: 'a tab before the colon', text: () => get(['Impersonate-User\t: system:admin']) },
    { name: 'a header without a name', text: () => get([': system:admin']) },
    { name: 'a header without a colon', text: () => get(['Impersonate-User system:admin']) },
    { name: 'a bare carriage return in a value', text: () => get(['X-A: b\rImpersonate-User: system:admin']) },
    { name: 'a bare line feed in a value', text: () => get(['X-A: b\nImpersonate-User: system:admin']) },
    { name: 'a NUL in a value', text: () => get(['X-A: b\0Impersonate-User: system:admin']) },
    { name: 'a NUL in a name', text: () => get(['X-A\0: b']) },
    { name: 'no version', text: () => `GET ${PODS}\r\n\r\n` },
    { name: 'an odd version', text: () => get([], `GET ${PODS} HTTP/1.1x`) },
    { name: 'version 2.0 in words', text: () => get([], `GET ${PODS} HTTP/2.0`) },
    { name: 'two spaces', text: () => get([], `GET  ${PODS} HTTP/1.1`) },
    { name: 'a tab for a space', text: () => get([], `GET\t${PODS}\tHTTP/1.1`) },
    { name: 'a target with a space', text: () => get([], `GET ${PODS} /smuggled HTTP/1.1`) },
    { name: 'two hosts', text: () => get(['Host: c']) },
    { name: 'no host', text: () => get().replace('Host: b\r\n', '') },
  ])('$name brings no other identity', async ({ text }) => {
    await raw(text())
    nothingSmuggled(1)
    for (const { target } of boundary.upstream.received) expect(target).toBe(PODS)
  })

  test('line feeds alone are read as line ends, or not at all', async () => {
    await raw(get([], undefined, '\n'))
    nothingSmuggled(1)
  })

  test('version 1.0 is not spoken', async () => {
    expect(await raw(get([], `GET ${PODS} HTTP/1.0`))).toMatch(/^HTTP\/1\.1 (426|400)/)
    nothingSmuggled(0)
  })
})

describe('requests one behind the other', () => {
  test.each([
    { name: 'behind one that is allowed', first: () => get() },
    { name: 'behind one that is denied', first: () => get([], 'GET /api/v1/nodes HTTP/1.1') },
    { name: 'behind one that Envoy refuses', first: () => get([], 'GET /api%2Fv1 HTTP/1.1') },
    { name: 'behind one without a token', first: () => `GET ${PODS} HTTP/1.1\r\nHost: b\r\n\r\n` },
  ])('$name, the second is judged for itself', async ({ first }) => {
    await raw(`${first()}${SMUGGLED}`)
    nothingSmuggled(1)
  })
})
