import { connect } from 'node:http2'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { MAX_HEADER_LINES } from '../../src/request/headers.ts'
import { readAnywhere } from '../../src/request/read-request.ts'
import { outcomeOf, startBoundary, type TestBoundary } from '../support/envoy/envoy.ts'
import { allow, deny } from '../support/envoy/scripted-authorizer.ts'
import { patientRequest } from '../support/wire/patient-request.ts'

const PODS = '/api/v1/namespaces/a/pods'

let boundary: TestBoundary
let added: number

/** As the real one decides, with everything in the answer that it may have. */
beforeAll(async () => {
  boundary = await startBoundary()
  await send(1)
  added = (boundary.script.checks[0]?.headers.length ?? 0) - 1
})
beforeEach(() => {
  boundary.script.reset()
  boundary.script.answer = http => {
    const read = readAnywhere(http)
    return read.kind === 'read' ? allow(http, { warning: 'soon' }) : deny(http, { status: 400, body: read.reason })
  }
  boundary.upstream.seen.length = 0
})
afterAll(() => boundary.stop())

const names = (count: number) => Array.from({ length: count }, (_, at) => `x-header-${at}`)

/** Over HTTP/1.1, with so many header lines beside Host. */
async function send(count: number): Promise<number> {
  const lines = names(count).map(name => `${name}: a`)
  return (await patientRequest(boundary.port, [`GET ${PODS} HTTP/1.1`, 'Host: kube', ...lines])).status
}

function send2(count: number): Promise<number> {
  const session = connect(`https://127.0.0.1:${boundary.port}`, { rejectUnauthorized: false })
  return new Promise<number>((resolve, reject) => {
    session.once('error', reject)
    const stream = session.request({ ':path': PODS, ...Object.fromEntries(names(count).map(name => [name, 'a'])) })
    stream.on('error', reject)
    stream.on('response', headers => resolve(Number(headers[':status'])))
    stream.resume()
  }).finally(() => session.destroy())
}

describe.each([
  { name: 'HTTP/1.1', send },
  { name: 'HTTP/2', send: send2 },
])('over $name', ({ send }) => {
  test('as many headers as the authorizer allows reach the upstream, all of them', async () => {
    const most = MAX_HEADER_LINES - added
    expect(await send(most)).toBe(200)
    expect(boundary.upstream.only(PODS).headers.filter(([name]) => name.startsWith('x-header-'))).toHaveLength(most)
  })

  test.each([1, 2, 3, 4, 5, 6])(
    '%i more are refused by it, and nothing was allowed that Envoy could not carry',
    async more => {
      expect(await send(MAX_HEADER_LINES - added + more)).toBe(400)
      expect(boundary.upstream.seen).toEqual([])
    },
  )
})

const EXEC = '/api/v1/namespaces/a/pods/b/exec'
const UPGRADE = ['Connection: Upgrade', 'Upgrade: SPDY/3.1']
const long = (bytes: number) => `${EXEC}?command=${'x'.repeat(bytes)}`

const post = (target: string) => patientRequest(boundary.port, [`POST ${target} HTTP/1.1`, 'Host: kube', ...UPGRADE])

/** Commands come over HTTP/1.1, as upgrades; over HTTP/2 Envoy's codec takes no single field of 64 KiB. */
describe('a long line', () => {
  test.each([40_000, 100_000, 190_000])('of %i bytes reaches the upstream whole', async bytes => {
    const target = long(bytes)
    expect((await post(target)).status).toBe(101)
    expect(boundary.upstream.only(target).target).toHaveLength(target.length)
  })

  test('that is too long is refused by the authorizer as long as Envoy can hold it', async () => {
    expect(await post(long(200_000))).toMatchObject({ status: 400, body: 'too-long' })
  })

  test('and else by Envoy, which says which limit that is', async () => {
    const { status, body } = await post(long(300_000))
    expect(status).toBe(431)
    const message = expect.stringMatching(/head of the request is larger than \d+ bytes/)
    expect(JSON.parse(body)).toMatchObject({ message, code: 431 })
    expect(boundary.upstream.seen).toEqual([])
  })
})

describe('CONNECT', () => {
  test.each([
    { name: 'to a host', lines: ['CONNECT kube:443 HTTP/1.1', 'Host: kube:443'] },
    {
      name: 'with an upgrade',
      lines: ['CONNECT kube:443 HTTP/1.1', 'Host: kube:443', 'Connection: Upgrade', 'Upgrade: websocket'],
    },
  ])('$name leads nowhere, whoever would allow it, and is on record', async ({ lines }) => {
    boundary.script.answer = http => allow(http)
    const { status, body } = await patientRequest(boundary.port, lines)
    expect(JSON.parse(body)).toMatchObject({ status: 'Failure', code: 405, reason: 'MethodNotAllowed' })
    expect(status).toBe(405)
    // Envoy asks where there is an upgrade as well, and it would be refused.
    expect(boundary.script.checks.map(readAnywhere).filter(read => read.kind === 'read')).toEqual([])
    expect(boundary.upstream.seen).toEqual([])
    expect(await outcomeOf(boundary, ({ method }) => method === 'CONNECT')).toMatchObject({
      forwarded: false,
      status: 405,
    })
  })
})
