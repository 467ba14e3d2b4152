import { randomBytes } from 'node:crypto'
import { connect } from 'node:http2'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { firstValue, parseQuery } from '../../../src/request/query.ts'
import { readRequest } from '../../../src/request/read-request.ts'
import { arbitraryQuery } from '../../request/arbitrary-query.ts'
import { startBoundary, type TestBoundary } from '../../support/envoy/envoy.ts'
import { allow } from '../../support/envoy/scripted-authorizer.ts'
import { valuesOf } from '../../support/envoy/upstream.ts'
import { patientRequest } from '../../support/wire/patient-request.ts'

let boundary: TestBoundary

beforeAll(async () => {
  boundary = await startBoundary()
})
beforeEach(() => {
  boundary.script.reset()
  boundary.upstream.seen.length = 0
})
afterAll(() => boundary.stop())

function send(line: string, headers: readonly string[] = [], body: string | Buffer = '') {
  return patientRequest(boundary.port, [`${line} HTTP/1.1`, 'Host: kube', ...headers], body)
}

const TARGET = '/api/v1/namespaces/a/pods'

describe('header lines', () => {
  test('come to the authorizer one by one and byte for byte, and go on so', async () => {
    const value = 'caf\xe9 \x80\xff "," ;=\tx'
    await send(`GET ${TARGET}`, [`X-One: ${value}`, 'x-one: 2', 'X-ONE:', 'kubectl-session: a', 'Kubectl-Session: b'])
    const { headers } = boundary.script.check(TARGET)
    const want = ['2', '', value].sort()
    expect(valuesOf({ headers }, 'x-one').toSorted()).toEqual(want)
    expect(valuesOf(boundary.upstream.only(TARGET), 'x-one').toSorted()).toEqual(want)
    expect(readRequest(boundary.script.check(TARGET))).toMatchObject({ reason: 'forbidden-header' })
  })
})

describe('an answer', () => {
  test('tells nothing of what is behind the boundary', async () => {
    const { head } = await send(`GET ${TARGET}`)
    expect(head).toMatch(/^HTTP\/1\.1 200/)
    expect(head).toMatch(/\r\nserver: leasegate(\r|$)/)
    expect(head).not.toMatch(/envoy/i)
  })
})

describe('a body', () => {
  const BODY = Buffer.concat([Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)), randomBytes(100_000)])

  test.each(['POST', 'PUT', 'PATCH', 'DELETE'])(
    'of a %s is judged whole, byte for byte, and goes on so',
    async method => {
      await send(`${method} ${TARGET}`, [`Content-Length: ${BODY.length}`], BODY)
      expect(Buffer.from(boundary.script.check(TARGET).body).equals(BODY)).toBe(true)
      expect(boundary.upstream.only(TARGET).body.equals(BODY)).toBe(true)
    },
  )

  test('in chunks is judged whole as well', async () => {
    const chunks = `3\r\na\0\xff\r\n2;ext=1\r\n{}\r\n0\r\nImpersonate-User: trailer\r\n\r\n`
    await send(`POST ${TARGET}`, ['Transfer-Encoding: chunked'], Buffer.from(chunks, 'latin1'))
    const want = Buffer.from('a\0\xff{}', 'latin1')
    expect(boundary.script.check(TARGET).body).toEqual(want)
    expect(boundary.upstream.only(TARGET).body).toEqual(want)
    expect(boundary.upstream.only(TARGET).trailers).toEqual([])
  })

  test('may be three mebibytes', async () => {
    const body = Buffer.alloc(3 * 1024 * 1024, 'x')
    const { status } = await send(`POST ${TARGET}`, [`Content-Length: ${body.length}`], body)
    expect(status).toBe(200)
    expect(boundary.script.check(TARGET).body).toHaveLength(body.length)
    expect(boundary.upstream.only(TARGET).body.equals(body)).toBe(true)
  })

  test.each([
    { name: 'a read', line: `GET ${TARGET}`, headers: ['Content-Length: 2'], body: '{}' },
    {
      name: 'a read in chunks',
      line: `GET ${TARGET}`,
      headers: ['Transfer-Encoding: chunked'],
      body: '2\r\n{}\r\n0\r\n\r\n',
    },
    { name: 'a watch', line: `GET ${TARGET}?watch=1`, headers: ['Content-Length: 2'], body: '{}' },
    {
      name: 'an upgrade',
      line: `POST ${TARGET}/b/exec`,
      headers: ['Connection: Upgrade', 'Upgrade: SPDY/3.1', 'Content-Length: 2'],
      body: '{}',
    },
  ])('of $name is seen by the authorizer, which refuses it', async ({ line, headers, body }) => {
    boundary.script.answer = http => allow(http, { streamMs: 50 })
    await send(line, headers, body)
    expect(readRequest(boundary.script.check(line.split(' ')[1] ?? ''))).toMatchObject({ reason: 'unexpected-body' })
  })

  test('of an upgrade in chunks is none: what comes is said in the tunnel', async () => {
    const headers = ['Connection: Upgrade', 'Upgrade: SPDY/3.1', 'Transfer-Encoding: chunked']
    boundary.script.answer = http => allow(http, { streamMs: 200 })
    await send(`POST ${TARGET}/b/exec`, headers, '2\r\n{}\r\n0\r\n\r\n')
    const seen = boundary.upstream.only(`${TARGET}/b/exec`)
    expect(valuesOf(seen, 'transfer-encoding')).toEqual([])
    expect(valuesOf(seen, 'content-length')).toEqual([])
  })

  test('of a read over HTTP/2, where no header announces it, is seen as well', async () => {
    const session = connect(`https://127.0.0.1:${boundary.port}`, { rejectUnauthorized: false })
    const stream = session.request({ ':method': 'GET', ':path': TARGET }, { endStream: false })
    stream.end('{}')
    await new Promise((resolve, reject) => stream.resume().once('close', resolve).once('error', reject))
    session.close()
    expect(readRequest(boundary.script.check(TARGET))).toMatchObject({ reason: 'unexpected-body' })
  })
})

describe('timeoutSeconds', () => {
  type Pairs = readonly (readonly [string, string])[]

  /** As they are written, without empty ones: `a` and `a=` are the same to Kubernetes. */
  function pairsOf(query: string): Pairs {
    return query
      .split('&')
      .map((pair): [string, string] => {
        const cut = pair.indexOf('=')
        return cut === -1 ? [pair, ''] : [pair.slice(0, cut), pair.slice(cut + 1)]
      })
      .filter(([key, value]) => key !== '' || value !== '')
  }

  /** Order counts among the values of one key alone. */
  function byKey(pairs: Pairs): Readonly<Record<string, readonly string[]>> {
    const found: Record<string, string[]> = {}
    for (const [key, value] of pairs) found[key] = [...(found[key] ?? []), value]
    return found
  }

  test.each([
    ['watch=1', 'timeoutSeconds=42&watch=1'],
    ['watch', 'timeoutSeconds=42&watch='],
    ['watch=1&timeoutSeconds=7', 'timeoutSeconds=42&watch=1'],
    ['watch=1&timeoutSeconds=7&timeoutSeconds=8', 'timeoutSeconds=42&watch=1'],
    ['z=1&watch=1&a=2&z=0', 'a=2&timeoutSeconds=42&watch=1&z=1&z=0'],
    [
      'watch=1&fieldSelector=metadata.name%3Da%2cb+c',
      'fieldSelector=metadata.name%3Da%2cb+c&timeoutSeconds=42&watch=1',
    ],
    ['watch=1&labelSelector=a=b,c!=d', 'labelSelector=a=b,c!=d&timeoutSeconds=42&watch=1'],
    ['&watch=1&&', '=&=&timeoutSeconds=42&watch=1'],
  ])('set on ?%s makes it ?%s', async (query, want) => {
    boundary.script.answer = http => allow(http, { timeoutSeconds: 42, streamMs: 50 })
    await send(`GET ${TARGET}?${query}`)
    expect(boundary.script.checks[0]?.target).toBe(`${TARGET}?${query}`)
    expect(boundary.upstream.seen.map(({ target }) => target)).toEqual([`${TARGET}?${want}`])
  })

  test('changes nothing else that Kubernetes reads', async () => {
    boundary.script.answer = http => allow(http, { timeoutSeconds: 42, streamMs: 1 })
    await fc.assert(
      fc.asyncProperty(arbitraryQuery, async query => {
        fc.pre(/^[\x21-\x7e]+$/.test(query) && parseQuery(query.slice(1)).kind === 'query')
        boundary.upstream.seen.length = 0
        await send(`HEAD ${TARGET}${query}`)
        const rebuilt = boundary.upstream.seen[0]?.target.slice(TARGET.length + 1) ?? ''
        expect(byKey(pairsOf(rebuilt))).toEqual({ ...byKey(pairsOf(query.slice(1))), timeoutSeconds: ['42'] })
        const [before, after] = [parseQuery(query.slice(1)), parseQuery(rebuilt)]
        if (before.kind !== 'query' || after.kind !== 'query') throw new Error('no longer a query that we would pass')
        for (const key of before.query.keys()) {
          if (key !== 'timeoutSeconds' && key !== '') expect(after.query.get(key)).toEqual(before.query.get(key))
        }
        expect(firstValue(after.query, 'timeoutSeconds')).toBe('42')
      }),
      { numRuns: 200 },
    )
  })

  test('not set leaves the query as it came', async () => {
    await send(`HEAD ${TARGET}?z&&watch=1&a=%2c&`)
    expect(boundary.upstream.seen.map(({ target }) => target)).toEqual([`${TARGET}?z&&watch=1&a=%2c&`])
  })
})
