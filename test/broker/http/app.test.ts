import { stat } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TestIssuer } from '../../support/issuer.ts'
import { stretched, until } from '../../support/until.ts'
import { TestBroker } from '../test-broker.ts'

let broker: TestBroker
beforeAll(async () => {
  broker = await TestBroker.start()
})
afterAll(() => broker.stop())

describe('brokerApp', () => {
  test('its socket is nobody else’s', async () => {
    expect((await stat(broker.socket)).mode & 0o777).toBe(0o600)
  })

  test('says who one is and what one may ask for', async () => {
    expect((await broker.as('triage', 'GET', '/v1/whoami')).body).toMatchObject({
      kind: 'agent',
      name: 'triage',
      sponsor: 'ada',
      templates: [
        { name: 'restart-web', namespaces: ['shop-dev'], ask: 'may', allows: ['get pods'], maxTtlMs: 3_600_000 },
      ],
    })
    expect((await broker.as('root', 'GET', '/v1/whoami')).body).toMatchObject({ kind: 'person', roles: ['admin'] })
  })

  test('says to anybody where people log in, and nothing else of the policy', async () => {
    const before = broker.policy
    const login = { clientId: 'leasegate-cli', scopes: 'openid email' }
    broker.policy = { ...before, issuers: before.issuers.map(issuer => ({ ...issuer, login })) }
    const { name, issuer } = broker.corp.issuer
    expect((await broker.call('GET', '/login')).body).toEqual({
      issuers: [{ name, issuer, ...login }],
      consents: [],
    })
    broker.policy = before
  })

  test('nothing but health, and where to get one, is open without an identity', async () => {
    for (const path of ['/v1/whoami', '/v1/leases', '/v1/approvals', '/v1/nothing']) {
      const answer = await broker.call('GET', path)
      expect(answer).toMatchObject({ status: 401, body: { kind: 'Status', reason: 'Unauthorized' } })
      expect(answer.headers['www-authenticate']).toBe('Bearer')
    }
    expect(await broker.call('GET', '/login')).toMatchObject({ status: 200, body: { issuers: [] } })
    expect(await broker.call('GET', '/healthz')).toMatchObject({ status: 200, body: 'ok' })
    expect(await broker.call('GET', '/readyz')).toMatchObject({ status: 200, body: 'ok' })
  })

  test('two Authorization headers are none', async () => {
    const token = await broker.token('root')
    const headers = { authorization: [`Bearer ${token}`, `Bearer ${token}`] }
    expect((await broker.call('GET', '/v1/whoami', { headers })).status).toBe(401)
  })

  test('a verified stranger is forbidden, a broken token unauthorized', async () => {
    expect(await broker.as('stranger', 'GET', '/v1/whoami')).toMatchObject({
      status: 403,
      body: { reason: 'Forbidden' },
    })
    const foreign = await TestIssuer.create({ issuer: 'https://evil.example' })
    expect((await broker.call('GET', '/v1/whoami', { token: await foreign.token() })).status).toBe(401)
  })

  test('a token never comes back, in an answer or in the log', async () => {
    const token = `${await broker.token('web-operator')}x`
    const answer = await broker.call('GET', '/v1/whoami', { token })
    expect(answer.status).toBe(401)
    expect(JSON.stringify(answer)).not.toContain(token.slice(0, 40))
    expect(broker.logged.join('')).not.toContain(token.slice(0, 40))
    expect(broker.logged.join('')).toContain('token refused')
  })

  test('bad tokens fill no log', async () => {
    broker.logged.length = 0
    await Promise.all(Array.from({ length: 60 }, () => broker.call('GET', '/v1/whoami', { token: 'a.b.c' })))
    expect(broker.logged.filter(line => line.includes('token refused')).length).toBeLessThanOrEqual(20)
  })

  test.each([
    { name: 'text', call: { raw: '{}', headers: { 'content-type': 'text/plain' } }, status: 415 },
    {
      name: 'a form',
      call: { raw: 'a=b', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      status: 415,
    },
    { name: 'half a JSON', call: { raw: '{"template":' }, status: 400 },
    { name: 'a list', call: { raw: '[]' }, status: 400 },
    { name: 'null', call: { raw: 'null' }, status: 400 },
    { name: 'deep nesting', call: { raw: '['.repeat(60_000) }, status: 400 },
    {
      name: 'prototype pollution',
      call: { raw: '{"__proto__":{"template":"restart-web","reason":"x"}}' },
      status: 400,
    },
    { name: 'too much', call: { raw: `"${'x'.repeat(70_000)}"` }, status: 413 },
  ])('refuses $name as a body', async ({ call, status }) => {
    const token = await broker.token('web-operator')
    const answer = await broker.call('POST', '/v1/leases', { token, ...call } as never)
    expect(answer).toMatchObject({ status, body: { kind: 'Status', code: status } })
    expect(answer.body.message).not.toMatch(/ at |node_modules|\.ts/)
  })

  test('a body of unknown length is cut at the limit as well', async () => {
    const token = await broker.token('web-operator')
    const socket = createConnection(broker.socket)
    let seen = ''
    socket.on('data', chunk => {
      seen += chunk
    })
    socket.on('error', () => {})
    socket.write(
      `POST /v1/leases HTTP/1.1\r\nhost: b\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n`,
    )
    for (let i = 0; i < 40; i++) socket.write(`1000\r\n${'x'.repeat(4096)}\r\n`)
    await until('an answer', () => seen.includes('HTTP/1.1'))
    expect(seen).toMatch(/^HTTP\/1.1 413/)
    socket.destroy()
  })

  test('headers beyond any token are refused by the parser', async () => {
    const answer = await broker.call('GET', '/v1/whoami', { headers: { 'x-long': 'x'.repeat(40_000) } })
    expect(answer.status).toBe(431)
  })

  test('without the store it answers 503 and says to try again, and works again once the store is back', async () => {
    await broker.valkey.kill()
    await until('the loss to be seen', () => !broker.link.ready)
    const started = performance.now()
    const down = await broker.as('web-operator', 'GET', '/v1/leases')
    expect(performance.now() - started).toBeLessThan(stretched(1000))
    expect(down).toMatchObject({ status: 503, body: { reason: 'ServiceUnavailable' } })
    expect(down.headers['retry-after']).toBe('1')
    expect((await broker.call('GET', '/readyz')).status).toBe(503)
    expect((await broker.call('GET', '/healthz')).status).toBe(200)
    await broker.valkey.boot()
    await until('the broker to be ready', async () => (await broker.call('GET', '/readyz')).status === 200)
    expect((await broker.as('web-operator', 'GET', '/v1/leases')).status).toBe(200)
  })
})
