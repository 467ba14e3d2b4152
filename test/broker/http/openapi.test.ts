import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { brokerApp } from '../../../src/broker/app.ts'
import type { Operation } from '../../../src/broker/http/operation.ts'
import { openapiText } from '../../../src/broker/openapi/document.ts'
import { OPERATIONS } from '../../../src/broker/openapi/operations.ts'
import type { BrokerParts } from '../../../src/broker/parts.ts'
import { TestBroker } from '../test-broker.ts'
import { expectDescribed } from './described.ts'

let broker: TestBroker
beforeAll(async () => {
  broker = await TestBroker.start()
})
afterAll(() => broker.stop())

const IDS: Readonly<Record<string, string>> = {
  lease: `lse_0${'1'.repeat(25)}00`,
  approval: `apr_0${'1'.repeat(25)}00`,
  agent: 'triage',
  auditId: '00000000-0000-4000-8000-000000000000',
  watch: `wch_${'0'.repeat(32)}`,
}
const named = ({ path }: Operation) => path.replaceAll(/{(\w+)}/g, (_, name: string) => IDS[name] ?? '')

describe('the description of the API', () => {
  test('is in docs/openapi.json as npm run docs writes it', () => {
    expect(readFileSync(new URL('../../../docs/openapi.json', import.meta.url), 'utf8')).toBe(openapiText())
  })

  test('the broker shows it to anybody, the same as in docs', async () => {
    const { status, headers, body } = await broker.call('GET', '/openapi.json')
    expect({ status, type: headers['content-type'] }).toEqual({ status: 200, type: 'application/json' })
    expect(`${JSON.stringify(body, null, 2)}\n`).toBe(openapiText())
  })

  test('has each route of the broker below /v1, and no other', () => {
    const { routes } = brokerApp({ console: null } as unknown as BrokerParts)
    const served = routes.filter(({ method, path }) => method !== 'ALL' && path.startsWith('/v1/'))
    const described = OPERATIONS.map(({ method, path }) => `${method.toUpperCase()} ${path}`)
    const asDescribed = served.map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`)
    expect(asDescribed.toSorted()).toEqual(described.toSorted())
  })

  test('names each operation once', () => {
    expect(new Set(OPERATIONS.map(({ id }) => id)).size).toBe(OPERATIONS.length)
  })

  test.each(OPERATIONS)('$id is for nobody without a token that is believed', async operation => {
    const method = operation.method.toUpperCase()
    for (const token of ['', 'unknown', `${await broker.token('root')}x`]) {
      const call = token === '' ? {} : { token }
      expect((await broker.call(method, named(operation), call)).status).toBe(401)
    }
  })

  test.each(OPERATIONS.filter(({ who }) => !who.agents))('$id is not for agents', async operation => {
    await refused(operation, 'triage')
  })

  test.each(
    OPERATIONS.flatMap(operation =>
      Object.entries({ hana: 'approver', root: 'admin', oncall: 'stopper' } as const)
        .filter(([, role]) => operation.who.people !== 'all' && !operation.who.people.includes(role))
        .map(([person, role]) => ({ id: operation.id, operation, person, role })),
    ),
  )('$id is not for people who are $role alone', async ({ operation, person }) => {
    await refused(operation, person)
  })
})

/** Whoever may not is told so, or nothing of what there is. */
async function refused(operation: Operation, who: string): Promise<void> {
  const bodies: Readonly<Record<string, object>> = {
    issueLease: { template: 'restart-web', reason: 'r' },
    endSession: { reason: 'r' },
    approve: { digest: 'ab' },
    holdAgent: { agent: 'triage', reason: 'r' },
    actOnLeases: { act: 'stop', subject: { kind: 'all' }, reason: 'r' },
    planRequests: { requests: [] },
  }
  const method = operation.method.toUpperCase()
  const body = operation.body === undefined ? undefined : (bodies[operation.id] ?? {})
  const { status } = await broker.as(who, method, named(operation), body)
  expect([403, 404]).toContain(status)
}

describe('expectDescribed', () => {
  const whoami = { method: 'GET', path: '/v1/whoami' }
  const person = {
    kind: 'person',
    name: 'root',
    roles: ['admin'],
    identity: { issuer: 'corp', subject: 'root', expiresAt: 1 },
  }
  test.each([
    { name: 'a field that is not described', exchange: { ...whoami, status: 200, body: { ...person, more: 1 } } },
    { name: 'a field that is missing', exchange: { ...whoami, status: 200, body: { ...person, roles: undefined } } },
    { name: 'a field of another kind', exchange: { ...whoami, status: 200, body: { ...person, name: 1 } } },
    { name: 'a status that is not described', exchange: { ...whoami, status: 418, body: {} } },
    { name: 'a refusal that is no Status', exchange: { ...whoami, status: 403, body: { message: 'no' } } },
    { name: 'a route that is not described', exchange: { method: 'GET', path: '/v1/new', status: 200, body: {} } },
  ])('throws at $name', ({ exchange }) => {
    expect(() => expectDescribed({ ...whoami, status: 200, body: person })).not.toThrow()
    expect(() => expectDescribed(exchange)).toThrow()
  })
})
