import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { partitionOf } from '../../../src/lease/lease-id.ts'
import type { TaskTemplate } from '../../../src/policy/policy.ts'
import { partitionPrefix } from '../../../src/redis/keys.ts'
import { TestBroker } from '../test-broker.ts'

const WISH = {
  template: 'restart-web',
  reason: 'web answers slowly',
  ttl: '30m',
  namespaces: ['shop'],
  ticket: 'OPS-7',
}
const ONE = { people: 1, groups: [] }

let broker: TestBroker
let plain: readonly TaskTemplate[]
beforeAll(async () => {
  broker = await TestBroker.start()
  plain = broker.policy.templates
})
afterAll(() => broker.stop())
afterEach(async () => {
  broker.aheadMs = 0
  under({})
  const { body } = await broker.as('root', 'GET', '/v1/leases')
  for (const { id } of body.leases) await broker.as('root', 'DELETE', `/v1/leases/${id}`, { reason: 'tidy up' })
})

function under(given: Partial<TaskTemplate>): void {
  broker.policy = { ...broker.policy, templates: plain.map(template => ({ ...template, maxLeases: 4, ...given })) }
}

async function ask(wish: object = {}, claims: Record<string, unknown> = {}) {
  const token = await broker.token('web-operator', claims)
  return broker.call('POST', '/v1/leases', { token, body: { ...WISH, ...wish } })
}

/** The question that it waits for. */
async function asked(wish: object = {}, claims: Record<string, unknown> = {}): Promise<string> {
  const { status, body } = await ask(wish, claims)
  expect([status, body.message]).toEqual([409, expect.stringContaining('the lease waits for approval')])
  const { message: id } = body.details.causes.find(({ reason }: { reason: string }) => reason === 'LeasegateApproval')
  expect(body.message).toContain(`wait with: leasegate approvals wait ${id}, then ask for the same lease again`)
  return id
}

const seen = async (id: string, as = 'hana') => (await broker.as(as, 'GET', `/v1/approvals/${id}`)).body

async function say(as: string, id: string, what: 'approve' | 'reject' = 'approve') {
  const { digest } = await seen(id, as)
  const body = what === 'approve' ? { digest, reason: '' } : { reason: 'not on Fridays' }
  return broker.as(as, 'POST', `/v1/approvals/${id}/${what}`, body)
}

async function leases() {
  return (await broker.as('web-operator', 'GET', '/v1/leases')).body.leases
}

describe('a lease of which the template wants a yes', () => {
  test('is asked about with all that it would be, and opens nothing until then', async () => {
    under({ issue: ONE })
    const id = await asked()
    expect(await asked()).toBe(id)
    const { question, state, plan, planProblem } = await seen(id)
    expect({ state, plan, planProblem }).toEqual({ state: 'pending', plan: null, planProblem: '' })
    expect(question).toMatchObject({
      summary: 'a lease of template restart-web in shop for 30m',
      facts: ['ticket = OPS-7', 'may get pods in shop', 'requests at most 10'],
      agent: 'web-operator',
      sponsor: 'ada',
      task: 'web answers slowly',
    })
    const [waiting, ...more] = await leases()
    expect(more).toEqual([])
    expect(waiting).toMatchObject({ scope: [], waits: { approval: id }, state: { kind: 'active' } })
    const token = await broker.as('web-operator', 'POST', `/v1/leases/${waiting.id}/token`)
    expect([token.status, token.body.message]).toEqual([409, expect.stringContaining('opens nothing')])
  })

  test('is given after the yes, once, for its whole time, and says by whom', async () => {
    under({ issue: ONE })
    const id = await asked()
    const { lease: waiting } = await seen(id)
    expect(await say('hana', id)).toMatchObject({ status: 200, body: { state: 'approved' } })
    const { status, body } = await ask()
    expect(status).toBe(201)
    expect(body).toMatchObject({ given: { approval: id, by: ['hana'] }, namespaces: ['shop'] })
    expect(body.scope).toHaveLength(1)
    expect(body.expiresAt - body.issuedAt).toBe(30 * 60_000)
    expect((await broker.as('web-operator', 'POST', `/v1/leases/${body.id}/token`)).status).toBe(200)
    expect((await broker.as('hana', 'GET', `/v1/leases/${waiting}`)).body).toMatchObject({
      state: { kind: 'revoked', by: 'leasegate', reason: `given by ${id}` },
    })
    expect(await asked()).not.toBe(id)
  })

  test('is on record: what waits, whose yes it was, what was given', async () => {
    under({ issue: ONE })
    const id = await asked()
    await say('hana', id)
    const { body } = await ask()
    const key = `${partitionPrefix(partitionOf(id))}journal`
    const items = await broker.link.ask('journal', redis => redis.xrange(key, '-', '+'))
    const events = items.map(([, fields]) => JSON.parse(fields[1] ?? '{}'))
    const { lease } = await seen(id)
    expect(events.filter(event => [lease, body.id].includes(event.lease))).toMatchObject([
      { kind: 'lease', event: 'issued', lease, by: `web-operator for ada, waits for ${id}`, scope: [] },
      { kind: 'approval', event: 'pending', approval: id, by: 'web-operator' },
      { kind: 'approval', event: 'approved', approval: id, by: 'hana' },
      { kind: 'lease', event: 'revoked', lease, by: 'leasegate', reason: `given by ${id}` },
      { kind: 'lease', event: 'issued', lease: body.id, by: `web-operator for ada, by the yes of hana (${id})` },
    ])
  })

  test.each([
    { name: 'for longer', wish: { ttl: '31m' } },
    { name: 'in another namespace', wish: { namespaces: ['shop-dev'] } },
    { name: 'for another reason', wish: { reason: 'something else' } },
    { name: 'with another ticket', wish: { ticket: 'OPS-8' } },
    { name: 'for another person', claims: { sponsor: 'eve' } },
  ])('is another one $name', async ({ wish = {}, claims = {} }) => {
    under({ issue: ONE })
    const id = await asked()
    await say('hana', id)
    expect(await asked(wish, claims)).not.toBe(id)
    expect((await ask()).body.given).toEqual({ approval: id, by: ['hana'] })
  })

  test('is another one when the policy comes to say something else to it', async () => {
    under({ issue: ONE })
    const id = await asked()
    await say('hana', id)
    under({ issue: ONE, dangerous: ['pods-proxy'] })
    expect(await asked()).not.toBe(id)
  })

  test('is given to one of two that ask at once', async () => {
    under({ issue: ONE })
    const id = await asked()
    await say('hana', id)
    const both = await Promise.all([ask(), ask()])
    expect(both.map(({ status }) => status).toSorted()).toEqual([201, 409])
  })

  test('is not given after a no, which says why, nor by whom it is for', async () => {
    under({ issue: ONE })
    const id = await asked({}, { sponsor: 'grace' })
    expect(await say('grace', id)).toMatchObject({ status: 403, body: { message: expect.stringContaining('sponsor') } })
    expect(await say('root', id)).toMatchObject({ status: 403 })
    expect(await say('hana', id, 'reject')).toMatchObject({ status: 200 })
    const { status, body } = await ask({}, { sponsor: 'grace' })
    expect([status, body.message]).toEqual([403, `an approver said no to this lease: ${id}: not on Fridays`])
  })

  test('is asked about no more after a no, also where the agent ended what waited', async () => {
    under({ issue: ONE })
    const wish = { reason: 'nobody wants this' }
    const id = await asked(wish)
    const { lease: waiting } = await seen(id)
    await say('hana', id, 'reject')
    expect((await broker.as('web-operator', 'DELETE', `/v1/leases/${waiting}`, { reason: 'again' })).status).toBe(200)
    const { status, body } = await ask(wish)
    expect([status, body.message]).toEqual([403, `an approver said no to this lease: ${id}`])
  })

  test('that was asked for in other words says how to take that back, and has room once its question is over', async () => {
    under({ issue: ONE, maxLeases: 1 })
    const id = await asked()
    const { status, body } = await ask({ reason: 'in other words' })
    expect([status, body.message]).toEqual([409, expect.stringContaining(`leasegate approvals withdraw ${id}`)])
    const back = await broker.as('web-operator', 'POST', `/v1/approvals/${id}/withdraw`, { reason: 'other words' })
    expect(back.status).toBe(200)
    const next = await asked({ reason: 'in other words' })
    await say('hana', next, 'reject')
    expect(await asked({ reason: 'in others still' })).not.toBe(next)
  })

  test('wants as many people as the template says', async () => {
    under({ issue: { people: 2, groups: [] } })
    const id = await asked()
    await say('hana', id)
    expect(await asked()).toBe(id)
    await say('grace', id)
    expect((await ask()).body.given).toEqual({ approval: id, by: ['hana', 'grace'] })
  })

  test('is asked about anew when nobody answered in time, or nobody used the yes', async () => {
    under({ issue: ONE })
    const id = await asked()
    broker.aheadMs = 900_001
    const second = await asked()
    expect(second).not.toBe(id)
    await say('hana', second)
    broker.aheadMs = 900_001 + 300_001
    expect(await asked()).not.toBe(second)
  })

  test('is not given by a yes that only the store knows of, nor by that of somebody who may answer no more', async () => {
    under({ issue: ONE })
    const id = await asked()
    const key = `${partitionPrefix(partitionOf(id))}approval:${id}`
    await broker.link.ask('forge', redis => redis.hset(key, 'state', 'approved', 'decidedBy', 'hana'))
    const refused = { status: 403, body: { message: expect.stringContaining('does not hold') } }
    expect(await ask()).toMatchObject(refused)
    const other = await asked({ reason: 'another' })
    await say('hana', other)
    const { people } = broker.policy
    broker.policy = { ...broker.policy, people: people.filter(({ name }) => name !== 'hana') }
    expect(await ask({ reason: 'another' })).toMatchObject(refused)
    broker.policy = { ...broker.policy, people }
  })

  test('is not asked about where it lies within one that there is', async () => {
    under({})
    const parent = (await ask()).body.id
    under({ issue: ONE })
    expect((await ask({ parent })).status).toBe(201)
  })

  test('counts among the leases of its agent while it waits', async () => {
    under({ issue: ONE, maxLeases: 1 })
    const id = await asked()
    const { lease } = await seen(id)
    const { status, body } = await ask({ reason: 'another' })
    expect([status, body.message]).toEqual([409, expect.stringContaining(lease)])
    await say('hana', id)
    expect((await ask()).status).toBe(201)
  })
})
