import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Approval } from '../../../src/approval/approval.ts'
import { mayAnswer } from '../../../src/broker/approvals/may-answer.ts'
import { describeProblems, parsePolicy } from '../../../src/policy/load/policy-file.ts'
import type { Agent, Issuer, TaskTemplate } from '../../../src/policy/policy.ts'
import { RedisJournalReader } from '../../../src/record/journal/redis/redis-journal-reader.ts'
import { stretched } from '../../support/until.ts'
import { type Answered, TestBroker } from '../test-broker.ts'

const WISH = { template: 'restart-web', reason: 'grace asked', ttl: '10m', namespaces: ['shop'] }

/** As docs/identity.md has them, with keys that are here. */
const SHOWN = shownIssuers()
function shownIssuers(): readonly Issuer[] {
  const page = readFileSync(new URL('../../../docs/identity.md', import.meta.url), 'utf8')
  const text = /--on-behalf-of FILE[\s\S]*?```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? ''
  const parsed = parsePolicy(`boundaryNamespace: leasegate\n${text}`, 'policy.yaml')
  if (parsed.kind === 'problems') throw new Error(describeProblems(parsed.problems, 'policy.yaml'))
  return parsed.policy.issuers
}

let broker: TestBroker
let before: TestBroker['policy']
beforeAll(async () => {
  broker = await TestBroker.start()
  before = broker.policy
  under('allowed')
})
afterAll(() => broker.stop())
afterEach(async () => {
  under('allowed')
  const { body } = await broker.as('root', 'GET', '/v1/leases')
  for (const { id } of body.leases) await broker.as('root', 'DELETE', `/v1/leases/${id}`, { reason: 'tidy up' })
})

/** An agent that nobody sponsors, beside those of the policy. */
function under(onBehalfOf: NonNullable<TaskTemplate['onBehalfOf']> | null): void {
  const butler: Agent = {
    name: 'butler',
    match: { issuer: 'corp', claims: { sub: 'butler' } },
    sponsor: { kind: 'fixed', name: '' },
  }
  const { algorithms, jwks } = broker.corp.issuer
  const issuers = SHOWN.map(one => ({ ...one, algorithms, jwks }))
  const templates = before.templates.map(each => ({
    ...each,
    grants: [...each.grants, { agent: 'butler', namespaces: ['shop'] }],
    ...(onBehalfOf === null ? {} : { onBehalfOf }),
  }))
  broker.policy = { ...before, issuers, agents: [...before.agents, butler], templates }
}

const consentOf = (sub: string, claims: Record<string, unknown> = {}) =>
  broker.corp.token({ sub, aud: 'leasegate-consent', exp: Math.floor(Date.now() / 1000) + 300, ...claims })

async function ask(onBehalfOf: string | null, as = 'butler', wish: object = {}): Promise<Answered> {
  const given = onBehalfOf === null ? {} : { onBehalfOf }
  return broker.as(as, 'POST', '/v1/leases', { ...WISH, ...given, ...wish })
}

describe('a lease on behalf of a person', () => {
  test('has them as its sponsor, by their consent, and its agent goes on with it as it always comes', async () => {
    const { status, body } = await ask(await consentOf('grace'))
    expect(status).toBe(201)
    expect(body).toMatchObject({ agent: 'butler', sponsor: 'grace', onBehalfOf: { issuer: 'corp', subject: 'grace' } })
    expect((await broker.as('butler', 'POST', `/v1/leases/${body.id}/token`, {})).status).toBe(200)
    expect((await broker.as('butler', 'GET', '/v1/leases')).body.leases).toHaveLength(1)
    const child = await ask(null, 'butler', { parent: body.id })
    expect(child).toMatchObject({ status: 201, body: { sponsor: 'grace', onBehalfOf: { subject: 'grace' } } })
  })

  test('is on record with both', async () => {
    const { body } = await ask(await consentOf('grace'))
    const reader = new RedisJournalReader(broker.link, { consumer: 'a-tap' })
    const items = await reader.read(1000, AbortSignal.timeout(stretched(1000)))
    await reader.acknowledge(items)
    reader.close()
    const events = items.flatMap(item => ('entry' in item && item.entry.kind === 'lease' ? [item.entry] : []))
    expect(events.find(({ lease }) => lease === body.id)).toMatchObject({
      event: 'issued',
      agent: 'butler',
      sponsor: 'grace',
      by: 'butler for grace, who said so (corp)',
    })
  })

  test('is answered for by anybody but them', async () => {
    const person = (name: string) => ({
      kind: 'person' as const,
      name,
      roles: ['approver' as const],
      identity: { issuer: 'corp', subject: name, claims: { sub: name }, expiresAt: 0 },
    })
    const approval = { agent: 'butler', question: { sponsor: 'grace' } } as unknown as Approval
    expect(mayAnswer(person('grace'), approval, broker.policy)).toMatchObject({ kind: 'no' })
    expect(mayAnswer(person('hana'), approval, broker.policy)).toMatchObject({ kind: 'yes' })
  })

  test.each([
    ['what opens the broker to them', () => broker.token('grace'), 'are no consents'],
    ['that of nobody who is known', () => consentOf('mallory'), 'registers no agent or person'],
    ['that of an agent', () => consentOf('butler'), 'that of an agent'],
    ['one that is over', () => consentOf('grace', { exp: Math.floor(Date.now() / 1000) - 60 }), 'get a fresh'],
    [
      'one that lives for longer than its issuer says',
      () => consentOf('grace', { exp: Math.floor(Date.now() / 1000) + 3600 }),
      'it was made for',
    ],
    [
      'one that is for others as well',
      () => consentOf('grace', { aud: ['leasegate-consent', 'x'] }),
      'not from an issuer',
    ],
    ['one that somebody else brings (act)', () => consentOf('grace', { act: { sub: 'x' } }), 'somebody acts'],
    ['nonsense', async () => 'nonsense', 'not a signed JWT'],
  ])('is not given for %s', async (_, make, says) => {
    const answer = await ask(await make())
    expect(answer).toMatchObject({ status: 403, body: { message: expect.stringContaining(says) } })
  })

  test('is of use to an agent whose sponsor the policy spells otherwise', async () => {
    const agents = broker.policy.agents.map(one =>
      one.name === 'butler' ? { ...one, sponsor: { kind: 'fixed' as const, name: 'Grace' } } : one,
    )
    broker.policy = { ...broker.policy, agents }
    const { status, body } = await ask(await consentOf('grace'))
    expect(status).toBe(201)
    expect((await broker.as('butler', 'POST', `/v1/leases/${body.id}/token`, {})).status).toBe(200)
  })

  test('is not given to an agent that acts for somebody else, who would come to answer for it', async () => {
    const answer = await ask(await consentOf('grace'), 'web-operator')
    expect(answer).toMatchObject({ status: 403, body: { message: expect.stringContaining('acts for ada already') } })
  })
})

describe('a consent', () => {
  test('opens the broker to nobody', async () => {
    const answer = await broker.call('GET', '/v1/whoami', { token: await consentOf('grace') })
    expect(answer).toMatchObject({ status: 401, body: { message: expect.stringContaining('it is a consent') } })
  })

  test('is wanted where the template requires one, and of no use where it has none', async () => {
    under('required')
    expect(await ask(null)).toMatchObject({ status: 403, body: { message: expect.stringContaining('--on-behalf-of') } })
    expect((await ask(await consentOf('grace'))).status).toBe(201)
    under(null)
    expect(await ask(await consentOf('grace'))).toMatchObject({ status: 403 })
    expect((await ask(null)).status).toBe(201)
  })
})
