import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Agent, Issuer, TaskTemplate } from '../../../src/policy/policy.ts'
import { type Answered, TestBroker } from '../test-broker.ts'

const WISH = { template: 'restart-web', reason: 'grace asked', ttl: '10m', namespaces: ['shop'] }

let broker: TestBroker
let before: TestBroker['policy']
beforeAll(async () => {
  broker = await TestBroker.start()
  before = broker.policy
})
afterAll(() => broker.stop())
afterEach(async () => {
  later(0)
  const { body } = await broker.as('root', 'GET', '/v1/leases')
  for (const { id } of body.leases) await broker.as('root', 'DELETE', `/v1/leases/${id}`, { reason: 'tidy up' })
})

/** An agent that brings consents of people, for leases that somebody has to say yes to. */
function under(given: Partial<TaskTemplate> = {}, without = ''): void {
  const butler: Agent = {
    name: 'butler',
    match: { issuer: 'corp', claims: { sub: 'butler' } },
    sponsor: { kind: 'fixed', name: '' },
  }
  const consents: Issuer = {
    ...broker.corp.issuer,
    name: 'corp-consent',
    audience: 'leasegate-consent',
    consentFor: 'corp',
  }
  broker.policy = {
    ...before,
    issuers: [...before.issuers, consents],
    people: before.people.filter(({ name }) => name !== without),
    agents: [...before.agents, butler],
    templates: before.templates.map(each => ({
      ...each,
      grants: [...each.grants, { agent: 'butler', namespaces: ['shop'] }],
      maxLeases: 4,
      onBehalfOf: 'allowed',
      issue: { people: 1, groups: [] },
      ...given,
    })),
  }
}

/** Of a minute. */
const consent = (sub = 'grace') =>
  broker.corp.token({
    sub,
    aud: 'leasegate-consent',
    exp: Math.floor(Date.now() / 1000) + 60,
    jti: crypto.randomUUID(),
  })

const ask = (onBehalfOf: string, wish: object = {}): Promise<Answered> =>
  broker.as('butler', 'POST', '/v1/leases', { ...WISH, ...wish, onBehalfOf })

async function asked(token: string): Promise<string> {
  const { status, body } = await ask(token)
  expect(status).toBe(409)
  return body.details.causes.find(({ reason }: { reason: string }) => reason === 'LeasegateApproval').message
}

async function agreedTo(id: string): Promise<void> {
  const { digest } = (await broker.as('hana', 'GET', `/v1/approvals/${id}`)).body
  expect((await broker.as('hana', 'POST', `/v1/approvals/${id}/approve`, { digest })).status).toBe(200)
}

const LATER_MS = 120_000
/** By all clocks of the broker. */
function later(ms: number): void {
  broker.aheadMs = ms
  broker.tokensAheadMs = Math.min(ms, LATER_MS)
}

test('a consent counts that was good when the lease was asked for, and its times are in what is given', async () => {
  under()
  const token = await consent()
  const id = await asked(token)
  later(LATER_MS)
  expect((await ask(token)).status).toBe(409)
  await agreedTo(id)
  const { status, body } = await ask(token)
  expect(status).toBe(201)
  expect(body).toMatchObject({
    sponsor: 'grace',
    onBehalfOf: { issuer: 'corp', subject: 'grace', consent: 'corp-consent' },
  })
  const { at, until } = body.given.consent
  expect(until).toBeLessThan(Date.now() + LATER_MS)
  expect(at).toBeLessThan(until)
  // Once.
  expect((await ask(token)).status).toBe(403)
})

test('for that lease alone, by that very token, and while the policy believes it', async () => {
  under()
  const [token, other] = [await consent(), await consent()]
  await agreedTo(await asked(token))
  later(LATER_MS)
  const refused = { status: 403, body: { message: expect.stringContaining('the consent is not one that is believed') } }
  expect(await ask(other)).toMatchObject(refused)
  expect(await ask(token, { reason: 'something else' })).toMatchObject(refused)
  expect(await ask(token, { ttl: '20m' })).toMatchObject(refused)
  expect(await broker.as('web-operator', 'POST', '/v1/leases', { ...WISH, onBehalfOf: token })).toMatchObject(refused)
  under({}, 'grace')
  expect(await ask(token)).toMatchObject(refused)
  under()
  broker.policy = { ...broker.policy, issuers: broker.policy.issuers.filter(({ name }) => name !== 'corp-consent') }
  expect((await ask(token)).status).toBe(403)
  under()
  expect((await ask(token)).status).toBe(201)
})

test('is no way to somebody whom an agent that has a sponsor of its own does not act for, nor of an issuer of no consents any more', async () => {
  under()
  const token = await consent()
  await agreedTo(await asked(token))
  later(LATER_MS)
  const { policy } = broker
  const [sponsored, plain] = [
    policy.agents.map(each => (each.name === 'butler' ? { ...each, sponsor: { kind: 'fixed', name: 'ada' } } : each)),
    policy.issuers.map(each => (each.name === 'corp-consent' ? { ...each, consentFor: 'another' } : each)),
  ] as const
  broker.policy = { ...policy, agents: sponsored as readonly Agent[] }
  expect(await ask(token)).toMatchObject({
    status: 403,
    body: { message: expect.stringContaining('acts for ada already') },
  })
  broker.policy = { ...policy, issuers: plain }
  expect((await ask(token)).status).toBe(403)
  broker.policy = policy
  expect((await ask(token)).status).toBe(201)
})

test('not once nobody has to be asked any more, nor for another question', async () => {
  under()
  const token = await consent()
  await asked(token)
  later(LATER_MS)
  const { issue: _, ...plain } = broker.policy.templates[0] as TaskTemplate
  broker.policy = { ...broker.policy, templates: [plain as TaskTemplate] }
  expect((await ask(token)).status).toBe(403)
  under()
  later(1_000_000)
  expect((await ask(token)).status).toBe(403)
})
