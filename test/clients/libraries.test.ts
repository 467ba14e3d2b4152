import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TestEdition } from '../e2e/an-edition.ts'
import { asAdmin } from '../support/api-server.ts'
import { type OpenStream, openHttp1 } from '../support/open-stream.ts'
import { type RawAnswer, rawRequest } from '../support/raw-request.ts'
import { until } from '../support/until.ts'
import { aClientsEdition } from './a-clients-edition.ts'

/** As client libraries other than client-go write their requests, before a real API server. */
const WEBSOCKET = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Origin: https://127.0.0.1',
]
const WITHIN = 60_000

let playing: TestEdition
let port: number
let token: string
let pods: string
let direct: Awaited<ReturnType<typeof asAdmin>>
const open: OpenStream[] = []

beforeAll(async () => {
  playing = await aClientsEdition(namespace => [
    {
      name: 'operate',
      namespaces: [namespace],
      rules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
      maxTtl: '30m',
      maxLeases: 5,
    },
  ])
  const { boundaryUrl, cluster, names } = playing.edition
  port = Number(boundaryUrl.split(':').at(-1))
  pods = `/api/v1/namespaces/${names.app}/pods`
  token = await playing.token(await playing.lease('operate'))
  direct = await asAdmin(cluster)
  const made = await cluster.admin(['run', 'one', '-n', names.app, '--image=one:1', '--restart=Never'])
  expect(made.stderr).toBe('')
  await cluster.admin(['wait', 'pod/one', '-n', names.app, '--for=condition=Ready', '--timeout=60s'])
}, 600_000)
afterAll(async () => {
  for (const stream of open) stream.leave()
  await playing.stop()
})

function lines(line: string, headers: readonly string[], bearer = token): readonly string[] {
  return [`${line} HTTP/1.1`, 'Host: boundary', `Authorization: Bearer ${bearer}`, ...headers]
}

function send(line: string, headers: readonly string[] = [], body = ''): Promise<RawAnswer> {
  return rawRequest(port, lines(line, headers), body)
}

function upgrade(line: string, subprotocol: string, bearer?: string): OpenStream {
  const named = subprotocol === '' ? [] : [`Sec-WebSocket-Protocol: ${subprotocol}`]
  const stream = openHttp1(port, lines(line, [...WEBSOCKET, ...named], bearer))
  open.push(stream)
  return stream
}

describe('a watch over WebSocket', () => {
  test.each(['', 'base64.binary.k8s.io'])('shows what is there, as "%s"', async subprotocol => {
    const watch = upgrade(`GET ${pods}?watch=true`, subprotocol)
    await until('the pod', () => watch.text().includes('"ADDED"') && watch.text().includes('"name":"one"'))
    expect(watch.text()).toMatch(/^HTTP\/1\.1 101/)
  })

  test('of one object, and of the old path, too', async () => {
    for (const line of [
      `GET ${pods}?watch=1&fieldSelector=metadata.name%3Done`,
      `GET ${pods.replace('/v1/', '/v1/watch/')}`,
    ]) {
      const watch = upgrade(line, '')
      await until('the pod', () => watch.text().includes('"name":"one"'))
    }
  })

  test(
    'is on record as a watch, and is cut with its lease',
    async () => {
      const lease = await playing.lease('operate')
      const watch = upgrade(`GET ${pods}?watch=true`, '', await playing.token(lease))
      await until('the pod', () => watch.text().includes('"name":"one"'))
      expect(await playing.leasegate('admin', 'lease', 'revoke', lease)).toMatchObject({ code: 0 })
      await until('the cut', () => watch.isOver())
      const rows = () => playing.sql<object>(`SELECT verb, resource, state FROM requests WHERE lease = '${lease}'`)
      await until('the row', async () => JSON.stringify(await rows()).includes('done'))
      expect(await rows()).toEqual([{ verb: 'watch', resource: 'pods', state: 'done' }])
    },
    WITHIN,
  )
})

describe('a log over WebSocket', () => {
  test.each(['', 'binary.k8s.io'])('says what the pod says, as "%s"', async subprotocol => {
    const log = upgrade(`GET ${pods}/one/log?follow=true`, subprotocol)
    await until('a line', () => log.text().includes('the server is up'))
  })

  test('in base64, and without follow it ends by itself', async () => {
    const log = upgrade(`GET ${pods}/one/log`, 'base64.binary.k8s.io')
    await until('the end', () => log.isOver())
    expect(log.text()).toContain(Buffer.from('the server is up\n').toString('base64'))
  })
})

describe('what everybody may read', () => {
  test(
    'is all that `can-i --list` promises, however it is spelt',
    async () => {
      const body =
        '{"apiVersion":"authorization.k8s.io/v1","kind":"SelfSubjectRulesReview","spec":{"namespace":"default"}}'
      const review = await send(
        'POST /apis/authorization.k8s.io/v1/selfsubjectrulesreviews',
        ['Content-Type: application/json', `Content-Length: ${body.length}`],
        body,
      )
      const { status } = JSON.parse(review.body) as {
        readonly status: { readonly nonResourceRules: readonly { readonly nonResourceURLs: readonly string[] }[] }
      }
      const promised = new Set(status.nonResourceRules.flatMap(({ nonResourceURLs }) => nonResourceURLs))
      expect([...promised]).toContain('/version/')
      for (const url of promised) {
        const below = url.startsWith('/apis') ? 'apps/v1/' : url.startsWith('/openapi') ? 'v3' : 'v1/'
        const path = url.replace('*', below)
        const want = await direct({ method: 'GET', path, contentType: 'application/json', body: '' })
        expect([path, (await send(`GET ${path}`)).status]).toEqual([path, want])
      }
    },
    WITHIN,
  )

  test.each([
    '/version/',
    '/api/',
    '/apis/',
    '/apis/apps/',
    '/apis/apps/v1/',
    '/api/v1/',
    '/healthz',
    '/readyz?verbose',
  ])('GET %s', async path => {
    expect((await send(`GET ${path}`)).status).toBe(200)
  })

  test('and of another path the refusal says what would open it', async () => {
    const { status, body } = await send('GET /metrics')
    expect(status).toBe(403)
    expect(body).toContain('names this path under nonResourceURLs')
  })
})
