import { createHash } from 'node:crypto'
import { connect } from 'node:tls'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { WRITE_BYTES } from '../../../envoy/sizes.ts'
import { envelope } from '../../request/object/a-protobuf.ts'
import { stretched, until } from '../../support/until.ts'
import { boundary, CONFIG_MAPS, JSON_TYPE, named, PODS, PROTOBUF, reasonOf, sent, YAML_TYPE } from './the-boundary.ts'

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
    expect(performance.now() - from).toBeLessThan(stretched(1000))
    for (const { status } of await Promise.all(attacks)) expect([200, 403]).toContain(status)
    expect((await boundary.send('reads', 'GET /api/v1/namespaces/dev/pods')).status).toBe(200)
  })

  test('fifty megabytes are too much', async () => {
    const answer = await boundary.send(
      'everything',
      `POST ${PODS}`,
      [`Content-Type: ${JSON_TYPE}`, 'Content-Length: 50000000'],
      'x'.repeat(WRITE_BYTES + 1),
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
