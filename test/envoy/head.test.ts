import { connect } from 'node:http2'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { outcomeOf, startBoundary, type TestBoundary } from '../support/envoy/envoy.ts'
import { deny } from '../support/envoy/scripted-authorizer.ts'
import { rawRequest } from '../support/wire/raw-request.ts'

const MAPS = '/api/v1/namespaces/a/configmaps'
const PROXY = '/api/v1/namespaces/a/services/b/proxy/x'
const MEBIBYTE = 1024 * 1024

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
  return rawRequest(boundary.port, [`${line} HTTP/1.1`, 'Host: kube', ...headers], body)
}

/** The status of a request over HTTP/2, whose body may never end. */
function send2(method: string, path: string, body: Buffer, { ends = true } = {}): Promise<number> {
  const session = connect(`https://127.0.0.1:${boundary.port}`, { rejectUnauthorized: false })
  return new Promise<number>((resolve, reject) => {
    session.once('error', reject)
    const stream = session.request({ ':method': method, ':path': path }, { endStream: false })
    stream.on('error', reject)
    stream.on('response', headers => resolve(Number(headers[':status'])))
    stream.resume()
    stream.write(body)
    if (ends) stream.end()
  }).finally(() => session.destroy())
}

describe('a body', () => {
  test.each([
    ['POST', MAPS],
    ['PUT', `${MAPS}/b`],
    ['PATCH', `${MAPS}/b`],
    ['DELETE', `${MAPS}/b`],
    ['OPTIONS', MAPS],
    ['POST', PROXY],
    ['DELETE', PROXY],
  ])('of a %s to %s is not waited for when its head is refused, and that is on record', async (method, path) => {
    boundary.script.admission = http => deny(http, { status: 401, body: '{"said":"of the head"}' })
    const lengths = ['Content-Length: 100000', 'Transfer-Encoding: chunked']
    for (const length of lengths) {
      expect(await send(`${method} ${path}`, [length], '1\r\n')).toMatchObject({
        status: 401,
        body: '{"said":"of the head"}',
      })
    }
    expect(await send2(method, path, Buffer.from('{'), { ends: false })).toBe(401)
    expect(boundary.script.checks).toEqual([])
    expect(boundary.upstream.seen).toEqual([])
    for (const http of boundary.script.heads) {
      const outcome = await outcomeOf(boundary, ({ requestId }) => requestId === http.id)
      expect(outcome).toMatchObject({ status: 401, forwarded: false, key: { auditId: http.id } })
    }
  })

  test.each([
    { name: 'its length', line: `POST ${MAPS}`, headers: ['Content-Length: 5'], bytes: 5 },
    {
      name: 'the limit in place of a larger length',
      line: `DELETE ${MAPS}`,
      headers: ['Content-Length: 9999999'],
      bytes: 524_288,
    },
    {
      name: 'the limit where nobody says',
      line: `POST ${MAPS}`,
      headers: ['Transfer-Encoding: chunked'],
      bytes: 3 * MEBIBYTE,
    },
    { name: 'the limit of a proxy', line: `POST ${PROXY}`, headers: ['Transfer-Encoding: chunked'], bytes: 524_288 },
  ])('is announced with $name', async ({ line, headers, bytes }) => {
    boundary.script.admission = http => deny(http)
    await send(line, headers)
    expect(boundary.script.heads.map(each => each.announcedBytes)).toEqual([bytes])
  })

  test('of 3 MiB comes whole, however long its head was thought about', async () => {
    boundary.script.admission = async () => {
      await pause(300)
      return null
    }
    const body = Buffer.alloc(3 * MEBIBYTE, 'x')
    expect((await send(`POST ${MAPS}`, [`Content-Length: ${body.length}`], body)).status).toBe(200)
    expect(await send2('POST', MAPS, body)).toBe(200)
    expect(boundary.upstream.seen.map(each => each.body.length)).toEqual([body.length, body.length])
  })

  test('of 512 KiB comes whole with a delete, a larger one is refused', async () => {
    const body = Buffer.alloc(524_288, 'x')
    expect((await send(`DELETE ${MAPS}`, [`Content-Length: ${body.length}`], body)).status).toBe(200)
    // By one: whoever still writes when the answer comes may lose it. Over HTTP/2 it is what waits that counts, in frames.
    const larger = Buffer.alloc(body.length + 1, 'x')
    expect((await send(`DELETE ${MAPS}`, [`Content-Length: ${larger.length}`], larger)).status).toBe(413)
    expect(await send2('DELETE', MAPS, Buffer.alloc(1_000_000, 'x'))).toBe(413)
    expect(boundary.upstream.seen.map(each => each.body.length)).toEqual([body.length])
  })

  test('costs a read no second question', async () => {
    await send(`GET ${MAPS}`)
    await send(`HEAD ${MAPS}`)
    expect(boundary.script.heads).toEqual([])
    expect(boundary.script.checks).toHaveLength(2)
  })
})

describe('an answer to a head', () => {
  test.each([
    { name: 'nothing', wire: {}, status: 403 },
    {
      name: 'a header',
      wire: { status: { code: 0 }, ok_response: { headers: [{ header: { key: 'x', value: 'y' } }] } },
      status: 500,
    },
    { name: 'no answer', wire: new Error('no'), status: 503 },
  ])('that is $name lets nothing through by itself', async ({ wire, status }) => {
    boundary.script.wire = () => wire
    expect((await send(`POST ${MAPS}`, ['Content-Length: 2'], '{}')).status).toBe(status)
    expect(boundary.upstream.seen).toEqual([])
  })
})
