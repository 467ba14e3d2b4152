import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { RedisHoldStore } from '../../../src/lease/hold/redis-hold-store.ts'
import { RedisJournalReader } from '../../../src/record/journal/redis/redis-journal-reader.ts'
import { TestBroker } from '../test-broker.ts'

const WISH = { template: 'restart-web', reason: 'web answers slowly', ttl: '10m', namespaces: ['shop'] }
const HOLD = { agent: 'web-operator', reason: 'wrong cluster' }

let broker: TestBroker
beforeAll(async () => {
  broker = await TestBroker.start()
})
afterAll(() => broker.stop())
afterEach(async () => {
  broker.aheadMs = 0
  await broker.as('root', 'DELETE', '/v1/holds/web-operator', {})
  const { body } = await broker.as('root', 'GET', '/v1/leases')
  for (const { id } of body.leases) await broker.as('root', 'DELETE', `/v1/leases/${id}`, {})
})

const ask = (wish: object = {}, sub = 'web-operator') => broker.as(sub, 'POST', '/v1/leases', { ...WISH, ...wish })
const hold = (wish: object = {}, sub = 'root') => broker.as(sub, 'POST', '/v1/holds', { ...HOLD, ...wish })
const stateOf = async (id: string) => (await broker.as('root', 'GET', `/v1/leases/${id}`)).body.state

describe('POST /v1/holds', () => {
  test('ends what the agent holds, children too, and gives it nothing more; others go on', async () => {
    const root = (await ask()).body
    const child = (await ask({ parent: root.id })).body
    const other = (await ask({ namespaces: ['shop-dev'] }, 'triage')).body
    const held = await hold({ for: '2h' })
    expect(held).toMatchObject({ status: 201, body: { ...HOLD, by: 'root', ended: [root.id] } })
    expect(held.body.until - held.body.at).toBe(7_200_000)
    for (const { id } of [root, child]) {
      const { kind, by, reason } = await stateOf(id)
      expect([kind, by]).toEqual(['revoked', 'root'])
      expect(reason).toContain(`until ${new Date(held.body.until).toISOString()} by root: wrong cluster`)
    }
    expect((await stateOf(other.id)).kind).toBe('active')
    const refused = await ask()
    expect(refused.status).toBe(403)
    for (const said of ['root', 'wrong cluster', new Date(held.body.until).toISOString(), 'agent release']) {
      expect(refused.body.message).toContain(said)
    }
    expect((await ask({ namespaces: ['shop-dev'] }, 'triage')).status).toBe(201)
  })

  test('binds the agent, whoever it acts for and whatever it asks for', async () => {
    await hold()
    const token = await broker.token('web-operator', { sponsor: 'somebody-else' })
    expect((await broker.call('POST', '/v1/leases', { token, body: WISH })).status).toBe(403)
  })

  test('says why to whoever renews a token', async () => {
    const { id } = (await ask()).body
    await hold()
    const token = await broker.as('web-operator', 'POST', `/v1/leases/${id}/token`, {})
    expect(token).toMatchObject({ status: 403 })
    expect(token.body.message).toContain('wrong cluster')
  })

  test('ends by itself', async () => {
    await hold({ for: '30m' })
    broker.aheadMs = 29 * 60_000
    expect((await ask()).status).toBe(403)
    expect((await broker.as('web-operator', 'GET', '/v1/whoami')).body.hold).toMatchObject({ reason: 'wrong cluster' })
    const { body } = await broker.as('hana', 'GET', '/v1/holds')
    expect(body.holds).toEqual([expect.objectContaining({ agent: 'web-operator' })])
  })

  test('is for a day where nothing is said, and until released where that is asked for', async () => {
    const { body } = await hold()
    expect(body.until - body.at).toBe(86_400_000)
    expect((await hold({ for: null })).body.until).toBeNull()
    // What lasts longer stays, and its reason with it.
    expect((await hold({ reason: 'another', for: '1h' })).body).toMatchObject({ until: null, reason: 'wrong cluster' })
  })

  test.each([
    { name: 'an agent', sub: 'triage', status: 403 },
    { name: 'the agent itself', sub: 'web-operator', status: 403 },
    { name: 'an approver', sub: 'hana', status: 403 },
  ])('$name neither holds nor releases', async ({ sub, status }) => {
    expect((await hold({}, sub)).status).toBe(status)
    await hold()
    expect((await broker.as(sub, 'DELETE', '/v1/holds/web-operator', {})).status).toBe(status)
    expect((await ask()).status).toBe(403)
  })

  test.each([
    { name: 'no reason', wish: { reason: ' ' }, status: 400, says: 'reason: must say why' },
    { name: 'too long', wish: { for: '31d' }, status: 400, says: 'for: must be a duration' },
    { name: 'too long in hours', wish: { for: '721h' }, status: 400, says: '30 days at most' },
    { name: 'no time', wish: { for: '0h' }, status: 400, says: 'for: must be a duration' },
    { name: 'an odd time', wish: { for: 'forever' }, status: 400, says: 'for: must be a duration' },
    { name: 'a misspelt agent', wish: { agent: 'web-operater' }, status: 404, says: 'did you mean "web-operator"?' },
    { name: 'an escape sequence', wish: { reason: 'x\u001b[2J' }, status: 400, says: 'plain text' },
    { name: 'an unknown member', wish: { until: 1 }, status: 400, says: 'until' },
  ])('refuses $name', async ({ wish, status, says }) => {
    const refused = await hold(wish)
    expect(refused.status).toBe(status)
    expect(refused.body.message).toContain(says)
    expect((await ask()).status).toBe(201)
  })

  test('an agent sees its own hold alone', async () => {
    await hold()
    expect((await broker.as('web-operator', 'GET', '/v1/holds')).body.holds).toHaveLength(1)
    expect((await broker.as('triage', 'GET', '/v1/holds')).body.holds).toEqual([])
    expect((await broker.as('triage', 'GET', '/v1/whoami')).body.hold).toBeNull()
  })

  test('a credential in the reason is masked before anybody reads it', async () => {
    const { body } = await hold({ reason: 'it sent Authorization: Bearer abcdefghijklmnopqrstuvwxyz0123456789' })
    expect(body.reason).not.toContain('abcdefghijklmnop')
  })

  test('one that broke off is completed when it is said again', async () => {
    const { id } = (await ask()).body
    // As if the broker had died between the two steps.
    const stands = { ...HOLD, by: 'root', at: Date.now(), until: null }
    await new RedisHoldStore(broker.link).place({ hold: stands, event: '{"kind":"hold"}' })
    expect((await broker.as('web-operator', 'POST', `/v1/leases/${id}/token`, {})).status).toBe(403)
    expect((await hold()).body.ended).toEqual([id])
    expect((await stateOf(id)).kind).toBe('revoked')
  })
})

describe('DELETE /v1/holds/:agent', () => {
  test('frees the agent; what had ended stays ended', async () => {
    const { id } = (await ask()).body
    await hold({ for: null })
    expect(await broker.as('root', 'DELETE', '/v1/holds/web-operator', { reason: 'talked to them' })).toMatchObject({
      status: 200,
      body: { agent: 'web-operator', by: 'root' },
    })
    expect((await ask()).status).toBe(201)
    expect((await stateOf(id)).kind).toBe('revoked')
    expect((await broker.as('root', 'DELETE', '/v1/holds/web-operator', {})).status).toBe(404)
  })

  test('frees one that the policy file no longer has', async () => {
    await hold()
    const { policy } = broker
    broker.policy = { ...policy, agents: policy.agents.filter(({ name }) => name !== 'web-operator') }
    const released = await broker.as('root', 'DELETE', '/v1/holds/web-operator', {})
    broker.policy = policy
    expect(released.status).toBe(200)
  })
})

describe('DELETE /v1/leases/:id with a hold', () => {
  test('ends this lease and the others of its agent, and holds it', async () => {
    const [one, two] = [(await ask()).body, (await ask()).body]
    const revoked = await broker.as('root', 'DELETE', `/v1/leases/${one.id}`, { reason: 'wrong cluster', hold: '2h' })
    expect(revoked).toMatchObject({ status: 200, body: { id: one.id, state: { kind: 'revoked', by: 'root' } } })
    expect(revoked.body.ended).toEqual([one.id, two.id])
    expect((await ask()).body.message).toContain('wrong cluster')
  })

  test('holds its agent where the lease has ended already: it may have the next one', async () => {
    const [one, two] = [(await ask()).body, (await ask()).body]
    await broker.as('root', 'DELETE', `/v1/leases/${one.id}`, {})
    const revoked = await broker.as('root', 'DELETE', `/v1/leases/${one.id}`, { reason: 'again', hold: '2h' })
    expect(revoked).toMatchObject({ status: 200, body: { ended: [two.id] } })
    expect((await ask()).status).toBe(403)
  })

  test('wants an admin and a reason', async () => {
    const { id } = (await ask()).body
    const end = { reason: 'x', hold: '2h' }
    expect((await broker.as('web-operator', 'DELETE', `/v1/leases/${id}`, end)).status).toBe(403)
    expect((await broker.as('hana', 'DELETE', `/v1/leases/${id}`, end)).status).toBe(403)
    expect((await broker.as('root', 'DELETE', `/v1/leases/${id}`, { hold: '2h' })).status).toBe(400)
    expect((await stateOf(id)).kind).toBe('active')
  })
})

describe('the record of holds', () => {
  test('has who, why and until when', async () => {
    const { body } = await hold({ for: '2h' })
    await broker.as('root', 'DELETE', '/v1/holds/web-operator', { reason: 'talked to them' })
    const reader = new RedisJournalReader(broker.link, { consumer: 'a-tap' })
    const items = await reader.read(1000, AbortSignal.timeout(5000))
    reader.close()
    const events = items.flatMap(item => ('entry' in item && item.entry.kind === 'hold' ? [item.entry] : []))
    expect(events.slice(-2)).toEqual([
      expect.objectContaining({ event: 'held', agent: HOLD.agent, by: 'root', until: body.until, reason: HOLD.reason }),
      expect.objectContaining({ event: 'released', agent: 'web-operator', by: 'root', reason: 'talked to them' }),
    ])
  })
})
