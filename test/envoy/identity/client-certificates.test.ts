import { X509Certificate } from 'node:crypto'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  anAuthority,
  type ClientCertificate,
  spiffe,
  type TestAuthority,
} from '../../support/certificates/an-authority.ts'
import { startBoundary, type TestBoundary } from '../../support/envoy/envoy.ts'
import { until } from '../../support/until.ts'

const ID = 'spiffe://prod.corp.example/ns/agents/sa/web-operator'

let boundary: TestBoundary
let authority: TestAuthority
let shown: ClientCertificate
beforeAll(async () => {
  authority = await (await anAuthority()).below()
  shown = await authority.issue(spiffe(ID))
  boundary = await startBoundary({ clientCertificates: true })
})
beforeEach(() => boundary.script.reset())
afterAll(() => boundary.stop())

/** As the client computes it, of what it shows. */
function thumbprintOf({ cert }: ClientCertificate): string {
  return Buffer.from(new X509Certificate(cert).fingerprint256.replaceAll(':', ''), 'hex').toString('base64url')
}

interface Sent {
  readonly by?: ClientCertificate | null
  readonly port?: number
  readonly headers?: readonly string[]
  readonly version?: 'TLSv1.2' | 'TLSv1.3'
  readonly session?: Buffer
  readonly onSession?: (session: Buffer) => void
}

/** The head of the answer, over a connection of its own. */
function send(target: string, { by = null, port, headers = [], version = 'TLSv1.3', session, onSession }: Sent = {}) {
  return new Promise<string>((resolve, reject) => {
    const socket = connect({
      host: '127.0.0.1',
      port: port ?? boundary.port,
      rejectUnauthorized: false,
      ALPNProtocols: ['http/1.1'],
      minVersion: version,
      maxVersion: version,
      ...(by === null ? {} : by),
      ...(session === undefined ? {} : { session }),
    })
    let answer = ''
    socket.on('session', given => onSession?.(given))
    socket.once('secureConnect', () => {
      socket.write([`GET ${target} HTTP/1.1`, 'Host: kube', 'Connection: close', ...headers, '', ''].join('\r\n'))
    })
    socket.on('data', data => {
      answer += data.toString('latin1')
    })
    socket.once('error', reject)
    socket.once('close', () => resolve(answer))
  })
}

describe('the client certificate of a connection', () => {
  test.each(['TLSv1.2', 'TLSv1.3'] as const)('is told to the authorizer, over %s', async version => {
    await send(`/api/v1/pods?v=${version}`, { by: shown, version })
    expect(boundary.script.check(`/api/v1/pods?v=${version}`).certificate).toBe(thumbprintOf(shown))
  })

  test('is told with the head of what has a body as well', async () => {
    await send('/apis/x', { by: shown })
    expect(boundary.script.check('/apis/x').certificate).toBe(thumbprintOf(shown))
  })

  test('need not be there', async () => {
    await send('/api/v1/pods?without')
    expect(boundary.script.check('/api/v1/pods?without')).not.toHaveProperty('certificate')
  })

  test('need not be of anybody who is known', async () => {
    const own = await (await anAuthority({ subject: 'CN=nobody' })).issue({ until: -30_000 })
    await send('/api/v1/pods?strange', { by: own })
    expect(boundary.script.check('/api/v1/pods?strange').certificate).toBe(thumbprintOf(own))
  })

  test('is that of the connection when its session is resumed', async () => {
    let session: Buffer | undefined
    await send('/api/v1/pods?first', { by: shown, onSession: given => (session = given) })
    await until('a session', () => session !== undefined)
    const other = await authority.issue(spiffe(`${ID}-2`))
    await send('/api/v1/pods?resumed', { by: other, ...(session === undefined ? {} : { session }) })
    expect([thumbprintOf(shown), thumbprintOf(other)]).toContain(
      boundary.script.check('/api/v1/pods?resumed').certificate,
    )
  })
})

const pem = () => encodeURIComponent(shown.cert)
const CLAIMS = [
  { name: 'as proxies write it', header: () => `X-Forwarded-Client-Cert: Hash=00;Chain="${pem()}"` },
  { name: 'as other proxies do', header: () => `X-SSL-Client-Cert: ${pem()}` },
  { name: 'as RFC 9440 has it', header: () => `Client-Cert: :${Buffer.from(shown.cert).toString('base64')}:` },
]

describe('a certificate that a header speaks of', () => {
  test.each(CLAIMS)('$name, is none of the connection, and of XFCC nothing goes on', async ({ header }) => {
    const target = `/api/v1/pods?h=${CLAIMS.findIndex(each => each.header === header)}`
    await send(target, { headers: [header()] })
    expect(boundary.script.check(target)).not.toHaveProperty('certificate')
    const seen = boundary.upstream.seen.find(each => each.target === target)
    expect(JSON.stringify(seen?.headers)).not.toMatch(/forwarded-client-cert/i)
  })

  test.each(CLAIMS)('$name, does not replace that of the connection', async ({ header }) => {
    const other = await authority.issue(spiffe(`${ID}-other`))
    const target = `/api/v1/pods?o=${CLAIMS.findIndex(each => each.header === header)}`
    await send(target, { by: other, headers: [header()] })
    expect(boundary.script.check(target).certificate).toBe(thumbprintOf(other))
  })
})

describe('the broker', () => {
  const seen: IncomingHttpHeaders[] = []
  const broker = createServer({ maxHeaderSize: 65_536 }, ({ headers }, response) => {
    seen.push(headers)
    response.end('{}')
  })
  beforeAll(() => new Promise<void>(resolve => broker.listen(join(boundary.directory, 'broker.sock'), resolve)))
  beforeEach(() => void seen.splice(0))
  afterAll(async () => {
    broker.closeAllConnections()
    await new Promise(resolve => broker.close(resolve))
  })

  test('is told the whole chain, in place of what the client says', async () => {
    const headers = ['X-Forwarded-Client-Cert: Hash=00;Chain="forged"', 'X-Forwarded-Client-Cert: forged']
    await send('/v1/whoami', { port: boundary.brokerPort, by: shown, headers })
    const [{ 'x-forwarded-client-cert': said = '' } = {}] = seen
    expect(said).not.toContain('forged')
    expect(decodeURIComponent(/Chain="([^"]*)"/.exec(String(said))?.[1] ?? '').match(/BEGIN CERT/g)).toHaveLength(2)
  })

  test('is told nothing where there is none, whatever the client says', async () => {
    await send('/v1/whoami', { port: boundary.brokerPort, headers: [`X-Forwarded-Client-Cert: Chain="${pem()}"`] })
    expect(seen.map(headers => headers['x-forwarded-client-cert'])).toEqual([undefined])
  })
})
