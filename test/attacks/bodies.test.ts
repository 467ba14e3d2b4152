import { createHash } from 'node:crypto'
import { connect } from 'node:tls'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Rule } from '../../src/lease/lease.ts'
import { bytesField, envelope, flagField, protobufNamed } from '../request/object/a-protobuf.ts'
import { type RawAnswer, rawRequest } from '../support/raw-request.ts'
import { until } from '../support/until.ts'
import { aBoundary, type Boundary } from './a-boundary.ts'

const PODS = '/api/v1/namespaces/dev/pods'
const CONFIG_MAPS = '/api/v1/namespaces/dev/configmaps'
const JSON_TYPE = 'application/json'
const YAML_TYPE = 'application/yaml'
const PROTOBUF = 'application/vnd.kubernetes.protobuf'
const MERGE = 'application/merge-patch+json'

let boundary: Boundary

beforeAll(async () => {
  boundary = await aBoundary()
})
afterAll(() => boundary.stop())
beforeEach(() => {
  boundary.upstream.received.length = 0
})

function sent(line: string, type: string, body: string | Buffer, more: readonly string[] = []): Promise<RawAnswer> {
  const length = Buffer.byteLength(body)
  return boundary.send('everything', line, [`Content-Type: ${type}`, `Content-Length: ${length}`, ...more], body)
}

function reasonOf({ body }: RawAnswer): string {
  return JSON.parse(body).details.causes[0].reason
}

const named = (metadata: object) => JSON.stringify({ metadata })
const patch = (...steps: readonly object[]) => JSON.stringify(steps)

describe('a body that names another object than the path', () => {
  test.each([
    { line: `POST ${CONFIG_MAPS}`, type: JSON_TYPE, body: named({ name: 'a', namespace: 'prod' }) },
    { line: `POST ${CONFIG_MAPS}`, type: YAML_TYPE, body: 'metadata:\n  name: a\n  namespace: prod\n' },
    { line: `POST ${CONFIG_MAPS}`, type: PROTOBUF, body: protobufNamed({ name: 'a', namespace: 'prod' }) },
    { line: `PUT ${CONFIG_MAPS}/a`, type: JSON_TYPE, body: named({ name: 'b', uid: 'u' }) },
    { line: `PUT ${CONFIG_MAPS}/a`, type: PROTOBUF, body: protobufNamed({ name: 'b' }) },
    { line: `PATCH ${CONFIG_MAPS}/a`, type: MERGE, body: named({ name: 'b' }) },
    { line: `PATCH ${CONFIG_MAPS}/a`, type: 'application/strategic-merge-patch+json', body: named({ name: 'b' }) },
    { line: `PATCH ${CONFIG_MAPS}/a`, type: 'application/apply-patch+yaml', body: 'metadata: { name: b }' },
    {
      line: `PATCH ${CONFIG_MAPS}/a`,
      type: 'application/json-patch+json',
      body: patch({ op: 'replace', path: '/metadata/namespace', value: 'prod' }),
    },
    {
      line: `PATCH ${CONFIG_MAPS}/a`,
      type: 'application/json-patch+json',
      body: patch({ op: 'add', path: 'x/metadata/name', value: 'b' }),
    },
    { line: `POST ${PODS}/p/binding`, type: JSON_TYPE, body: named({ name: 'q' }) },
    { line: `POST ${PODS}/p/eviction`, type: JSON_TYPE, body: named({ name: 'q' }) },
    { line: 'PUT /apis/apps/v1/namespaces/dev/deployments/d/scale', type: JSON_TYPE, body: named({ name: 'e' }) },
    { line: `PUT ${PODS}/p/status`, type: JSON_TYPE, body: named({ name: 'p', namespace: 'prod' }) },
  ])('$line as $type is refused', async ({ line, type, body }) => {
    const answer = await sent(line, type, body)
    expect([answer.status, reasonOf(answer)]).toEqual([400, 'body-mismatch'])
    expect(boundary.upstream.received).toEqual([])
  })

  test.each([
    { line: `POST ${CONFIG_MAPS}`, type: JSON_TYPE, body: named({ name: 'a', namespace: 'dev' }) },
    { line: `POST ${CONFIG_MAPS}`, type: PROTOBUF, body: protobufNamed({ generateName: 'a-' }) },
    { line: `PATCH ${CONFIG_MAPS}/a`, type: MERGE, body: named({ labels: { name: 'b' } }) },
    { line: `PATCH ${CONFIG_MAPS}/a`, type: 'application/apply-patch+yaml', body: 'metadata: { name: a }' },
    { line: `POST ${PODS}/p/eviction`, type: JSON_TYPE, body: named({ name: 'p', namespace: 'dev' }) },
    { line: `POST ${CONFIG_MAPS}`, type: 'application/cbor', body: Buffer.from('a0', 'hex') },
  ])('$line as $type that does not passes, byte for byte', async ({ line, type, body }) => {
    expect((await sent(line, type, body)).status).toBe(200)
    expect(boundary.upstream.received.map(({ body }) => body)).toEqual([Buffer.from(body as string)])
  })
})

describe('a lease for certain names', () => {
  const rule: Rule = {
    verbs: ['*'],
    apiGroups: [''],
    resources: ['configmaps'],
    resourceNames: ['a'],
    namespaces: ['dev'],
    nonResourceURLs: [],
    commands: [],
  }

  async function ask(line: string, type: string, body: string | Buffer): Promise<number> {
    const { token } = await boundary.token('everything', { scope: [rule] })
    const head = [`Content-Type: ${type}`, `Content-Length: ${Buffer.byteLength(body)}`]
    const lines = [`${line} HTTP/1.1`, 'Host: boundary', `Authorization: Bearer ${token}`, ...head]
    return (await rawRequest(boundary.port, lines, body)).status
  }

  test.each([
    { name: 'the name', type: JSON_TYPE, body: named({ name: 'a' }) },
    { name: 'the name in protobuf', type: PROTOBUF, body: protobufNamed({ name: 'a' }) },
    { name: 'the name in YAML', type: YAML_TYPE, body: 'metadata: { name: a }' },
  ])('opens a create of $name', async ({ type, body }) => {
    expect(await ask(`POST ${CONFIG_MAPS}`, type, body)).toBe(200)
    expect(boundary.upstream.received).toHaveLength(1)
  })

  test.each([
    { name: 'of another name', type: JSON_TYPE, body: named({ name: 'b' }) },
    { name: 'of a generated name', type: JSON_TYPE, body: named({ generateName: 'a' }) },
    { name: 'of a generated name in protobuf', type: PROTOBUF, body: protobufNamed({ generateName: 'a' }) },
    { name: 'without a name', type: JSON_TYPE, body: named({}) },
    { name: 'without a body', type: JSON_TYPE, body: '' },
    { name: 'of two names', type: JSON_TYPE, body: '{"metadata":{"name":"b","name":"a"}}' },
    {
      name: 'of a name that API server and boundary would merge otherwise',
      type: JSON_TYPE,
      body: '{"metadata":{"generateName":"a"},"metadata":{"name":"a"}}',
    },
    { name: 'of a list', type: JSON_TYPE, body: '{"kind":"List","items":[{"metadata":{"name":"a"}}]}' },
    { name: 'of a name in a format that is not read', type: 'application/cbor', body: named({ name: 'a' }) },
    {
      name: 'of a name in UTF-16',
      type: `${JSON_TYPE}; charset=utf-16`,
      body: Buffer.from(named({ name: 'a' }), 'utf16le'),
    },
    { name: 'of a name behind a byte order mark', type: JSON_TYPE, body: `\ufeff${named({ name: 'a' })}` },
    { name: 'of a name by an alias', type: YAML_TYPE, body: 'metadata: { annotations: { x: &a a }, name: *a }' },
    { name: 'of a name in the second document', type: YAML_TYPE, body: 'metadata: {}\n---\nmetadata: { name: a }' },
    { name: 'of a name that is a flag to Kubernetes', type: YAML_TYPE, body: 'metadata: { name: yes }' },
  ])('opens no create $name', async ({ type, body }) => {
    expect(await ask(`POST ${CONFIG_MAPS}`, type, body)).toBe(403)
    expect(boundary.upstream.received).toEqual([])
  })
})

describe('a pod on the host', () => {
  const HARMLESS = bytesField(2, bytesField(2, bytesField(1, 'c')))
  const ON_HOST = bytesField(2, flagField(11, 1))
  const spare = (bytes: Buffer) =>
    Buffer.concat([Buffer.from([0x92, 0x80, 0x80, 0x80, 0x80, 0x01]), Buffer.from([bytes.length]), bytes])

  test.each([
    { name: 'in plain sight', type: JSON_TYPE, body: '{"spec":{"hostNetwork":true}}' },
    { name: 'behind an escape', type: JSON_TYPE, body: String.raw`{"spec":{"host\u004eetwork":true}}` },
    {
      name: 'in the first of two specs, which the API server merges',
      type: JSON_TYPE,
      body: '{"spec":{"hostNetwork":true},"spec":{"containers":[]}}',
    },
    {
      name: 'behind a line end that only YAML 1.1 knows',
      type: YAML_TYPE,
      body: 'spec:\n  # x\u0085  hostNetwork: true\n  containers: []\n',
    },
    { name: 'by a merge key', type: YAML_TYPE, body: 'spec: { <<: { hostNetwork: true } }' },
    { name: 'in UTF-16', type: YAML_TYPE, body: Buffer.from('\ufeffspec: { hostNetwork: true }', 'utf16le') },
    { name: 'in the second object of a protobuf envelope', type: PROTOBUF, body: envelope(HARMLESS, ON_HOST) },
    {
      name: 'in a field of protobuf whose number is cut down',
      type: PROTOBUF,
      body: Buffer.concat([envelope(HARMLESS), spare(ON_HOST)]),
    },
    { name: 'in CBOR', type: 'application/cbor', body: Buffer.from('a0', 'hex') },
    { name: 'in a text', type: 'text/plain', body: '{}' },
    { name: 'below more levels than are read', type: JSON_TYPE, body: `{"x":${'['.repeat(5000)}${']'.repeat(5000)}}` },
  ])('$name is dangerous', async ({ type, body }) => {
    const answer = await sent(`POST ${PODS}`, type, body)
    expect([answer.status, reasonOf(answer)]).toEqual([403, 'dangerous'])
    expect(boundary.upstream.received).toEqual([])
  })

  test('behind an escaped name is seen, also after a body that JSON.parse would take it for', async () => {
    const before = String.raw`{"spec":{"containers":[],"hostNetwor\\":true}}`
    const after = String.raw`{"spec":{"containers":[],"hostNetwor\u006b":true}}`
    // Two authorizers answer in turn.
    for (let count = 0; count < 8; count += 1) expect((await sent(`POST ${PODS}`, JSON_TYPE, before)).status).toBe(200)
    for (let count = 0; count < 8; count += 1) expect((await sent(`POST ${PODS}`, JSON_TYPE, after)).status).toBe(403)
    expect(boundary.upstream.received).toHaveLength(8)
  })

  test('an ordinary pod passes in every format that clients send', async () => {
    for (const [type, body] of [
      [JSON_TYPE, '{"spec":{"containers":[{"name":"c"}]}}'],
      [YAML_TYPE, 'spec:\n  containers:\n    - name: c\n'],
      [PROTOBUF, envelope(HARMLESS)],
    ] as const) {
      expect((await sent(`POST ${PODS}`, type, body)).status).toBe(200)
    }
    expect(boundary.upstream.received).toHaveLength(3)
  })
})

describe('what a body is packed in', () => {
  const body = named({ name: 'a' })

  test.each(['gzip', 'zstd', 'deflate', 'br', 'identity, gzip', 'x-gzip'])(
    'Content-Encoding %s is refused',
    async coding => {
      const answer = await sent(`POST ${CONFIG_MAPS}`, JSON_TYPE, gzipSync(body), [`Content-Encoding: ${coding}`])
      expect([answer.status, reasonOf(answer)]).toEqual([400, 'forbidden-header'])
      expect(boundary.upstream.received).toEqual([])
    },
  )

  test.each([
    { name: 'two lines', type: `${JSON_TYPE}\r\nContent-Type: ${YAML_TYPE}` },
    { name: 'two in one line', type: `${JSON_TYPE}, ${YAML_TYPE}` },
  ])('two media types are refused: $name', async ({ type }) => {
    const answer = await sent(`POST ${CONFIG_MAPS}`, type, body)
    expect([answer.status, reasonOf(answer)]).toEqual([400, 'forbidden-header'])
    expect(boundary.upstream.received).toEqual([])
  })

  test('a method in a form or a query is not one', async () => {
    const form = '_method=DELETE'
    await sent(`POST ${PODS}/p/status?${form}`, 'application/x-www-form-urlencoded', form)
    expect(boundary.upstream.received.map(({ method }) => method)).not.toContain('DELETE')
  })
})

describe('a delete', () => {
  const options = '{"kind":"DeleteOptions","apiVersion":"v1","propagationPolicy":"Background"}'

  test.each(['dryRun=All', 'propagationPolicy=Orphan', 'gracePeriodSeconds=0', 'orphanDependents=true'])(
    'with a body and ?%s, which the API server would ignore, is refused',
    async query => {
      const answer = await sent(`DELETE ${CONFIG_MAPS}/a?${query}`, JSON_TYPE, options)
      expect([answer.status, reasonOf(answer)]).toEqual([400, 'body-mismatch'])
      expect(boundary.upstream.received).toEqual([])
    },
  )

  test('with its options in one place passes', async () => {
    expect((await sent(`DELETE ${CONFIG_MAPS}/a`, JSON_TYPE, options)).status).toBe(200)
    expect((await boundary.send('everything', `DELETE ${CONFIG_MAPS}/a?dryRun=All`)).status).toBe(200)
    expect(boundary.upstream.received).toHaveLength(2)
  })
})

describe('bodies that are hard to read', () => {
  const laughs = [
    'a: &a [x,x,x,x,x,x,x,x,x]',
    ...Array.from({ length: 9 }, (_, at) => {
      const [name, before] = ['bcdefghij'[at], 'abcdefghi'[at]]
      return `${name}: &${name} [${`*${before},`.repeat(9)}]`
    }),
  ].join('\n')

  test.each([
    { name: 'a hundred thousand lists', type: JSON_TYPE, body: '['.repeat(100_000) },
    {
      name: 'a hundred thousand closed lists',
      type: JSON_TYPE,
      body: `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
    },
    { name: 'a hundred thousand objects', type: JSON_TYPE, body: '{"a":'.repeat(100_000) },
    { name: 'a number of two million digits', type: JSON_TYPE, body: `{"a":${'9'.repeat(2_000_000)}}` },
    { name: 'a billion laughs', type: YAML_TYPE, body: laughs },
    { name: 'lists in lists in YAML', type: YAML_TYPE, body: '- '.repeat(30_000) },
    { name: 'brackets in YAML', type: YAML_TYPE, body: '['.repeat(60_000) },
    {
      name: 'a million small fields',
      type: PROTOBUF,
      body: envelope(Buffer.alloc(2_000_000, Buffer.from([0x08, 0x01]))),
    },
  ])('$name hold nobody up', async ({ type, body }) => {
    const attacks = Array.from({ length: 4 }, () => sent(`POST ${PODS}`, type, body))
    const from = performance.now()
    const other = await boundary.send('reads', 'GET /api/v1/namespaces/dev/pods')
    expect(other.status).toBe(200)
    expect(performance.now() - from).toBeLessThan(1000)
    for (const { status } of await Promise.all(attacks)) expect([200, 403]).toContain(status)
    expect((await boundary.send('reads', 'GET /api/v1/namespaces/dev/pods')).status).toBe(200)
  })

  test('fifty megabytes are too much', async () => {
    const answer = await boundary.send(
      'everything',
      `POST ${PODS}`,
      [`Content-Type: ${JSON_TYPE}`, 'Content-Length: 50000000'],
      'x'.repeat(4_000_000),
    )
    expect(answer.status).toBe(413)
    expect(boundary.upstream.received).toEqual([])
  })
})

describe('the bytes that are judged', () => {
  const body = named({ name: 'a', annotations: { text: 'x'.repeat(500) } })
  const hashOf = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest('hex')
  const arrived = () => boundary.upstream.received.map(({ body }) => hashOf(body))

  test('are those that arrive: in chunks, with extensions and trailers', async () => {
    const chunks = [body.slice(0, 100), body.slice(100)].map(part => `${part.length.toString(16)};x=y\r\n${part}\r\n`)
    const headers = [`Content-Type: ${JSON_TYPE}`, 'Transfer-Encoding: chunked', 'Trailer: X-Odd']
    const answer = await boundary.send(
      'everything',
      `POST ${CONFIG_MAPS}`,
      headers,
      `${chunks.join('')}0\r\nX-Odd: 1\r\n\r\n`,
    )
    // Refused or forwarded as judged: nothing in between.
    expect(arrived()).toEqual(answer.status === 200 ? [hashOf(body)] : [])
    for (const { trailers } of boundary.upstream.received) expect(trailers).toEqual([])
  })

  test('are those that arrive: asked for with Expect', async () => {
    expect((await sent(`POST ${CONFIG_MAPS}`, JSON_TYPE, body, ['Expect: 100-continue'])).status).toBeLessThan(300)
    await until('the body upstream', () => boundary.upstream.received.length === 1)
    expect(arrived()).toEqual([hashOf(body)])
  })

  test('are those that arrive: byte by byte', async () => {
    const { token } = await boundary.token('everything')
    const socket = connect({
      host: '127.0.0.1',
      port: boundary.port,
      rejectUnauthorized: false,
      ALPNProtocols: ['http/1.1'],
    })
    socket.setNoDelay(true)
    socket.on('error', () => undefined)
    const head = [
      `POST ${CONFIG_MAPS} HTTP/1.1`,
      'Host: b',
      `Authorization: Bearer ${token}`,
      `Content-Type: ${JSON_TYPE}`,
      `Content-Length: ${body.length}`,
    ]
    socket.write(`${head.join('\r\n')}\r\n\r\n`)
    for (const byte of Buffer.from(body)) socket.write(Buffer.from([byte]))
    await until('the body upstream', () => boundary.upstream.received.length === 1)
    expect(arrived()).toEqual([hashOf(body)])
    socket.destroy()
  })

  test('are none when fewer come than were announced', async () => {
    const { token } = await boundary.token('everything')
    const socket = connect({
      host: '127.0.0.1',
      port: boundary.port,
      rejectUnauthorized: false,
      ALPNProtocols: ['http/1.1'],
    })
    socket.on('error', () => undefined)
    const head = [
      `POST ${CONFIG_MAPS} HTTP/1.1`,
      'Host: b',
      `Authorization: Bearer ${token}`,
      `Content-Type: ${JSON_TYPE}`,
      `Content-Length: ${body.length + 1}`,
    ]
    socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
    await until('the connection closed', () => socket.closed)
    expect((await boundary.send('reads', 'GET /api/v1/namespaces/dev/pods')).status).toBe(200)
    expect(boundary.upstream.received.filter(({ method }) => method === 'POST')).toEqual([])
  })

  test('end where it was announced: what follows is not part of it', async () => {
    const answer = await boundary.send(
      'everything',
      `POST ${CONFIG_MAPS}`,
      [`Content-Type: ${JSON_TYPE}`, 'Content-Length: 2'],
      `{}${body}`,
    )
    expect(answer.status).toBe(200)
    expect(arrived()).toEqual([hashOf('{}')])
  })
})
