import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { openContract } from '../../../src/identity/signed/contract.ts'
import { partitionOf } from '../../../src/lease/lease-id.ts'
import { RedisLeaseStore } from '../../../src/lease/redis/redis-lease-store.ts'
import { partitionPrefix } from '../../../src/redis/keys.ts'
import { TestBroker } from '../test-broker.ts'

const WISH = { template: 'restart-web', reason: 'web answers slowly', ttl: '10m', namespaces: ['shop', 'shop-dev'] }

let broker: TestBroker
beforeAll(async () => {
  broker = await TestBroker.start()
})
afterAll(() => broker.stop())
afterEach(async () => {
  const { body } = await broker.as('root', 'GET', '/v1/leases')
  for (const { id } of body.leases) await broker.as('root', 'DELETE', `/v1/leases/${id}`)
})

const ask = async () => (await broker.as('web-operator', 'POST', '/v1/leases', WISH)).body
const narrow = (id: string, wish: object, sub = 'web-operator') =>
  broker.as(sub, 'POST', `/v1/leases/${id}/narrow`, wish)
const contractOf = async (id: string) => {
  const record = await new RedisLeaseStore(broker.link).find(id, Date.now())
  return openContract(record?.contract ?? '', broker.keys.verify)
}
const journal = async (id: string) => {
  const key = `${partitionPrefix(partitionOf(id))}journal`
  const items = await broker.link.ask('journal', redis => redis.xrange(key, '-', '+'))
  return items.map(([, [, entry = '{}']]) => JSON.parse(entry))
}

describe('POST /v1/leases/:id/narrow', () => {
  test('its holder makes it smaller, signed, on record and to be seen', async () => {
    const lease = await ask()
    const wish = {
      namespaces: ['shop'],
      names: ['web'],
      budgets: { requests: 4 },
      ttl: '1m',
      reason: 'the rest is done',
    }
    const { status, body } = await narrow(lease.id, wish)
    expect(status).toBe(200)
    const narrowed = { times: 1, by: 'web-operator', reason: 'the rest is done', at: expect.any(Number) }
    expect(body).toMatchObject({
      id: lease.id,
      namespaces: ['shop'],
      scope: [{ verbs: ['get'], resourceNames: ['web'], namespaces: ['shop'] }],
      budgets: { requests: 4 },
      narrowed,
    })
    expect(body.expiresAt).toBeLessThan(lease.expiresAt)
    const { state: _, taken: __, ...signed } = body
    expect(await contractOf(lease.id)).toEqual({ ...signed, turn: { epoch: 0, acts: 0 } })
    expect((await broker.as('web-operator', 'GET', `/v1/leases/${lease.id}`)).body).toEqual(body)
    const { expiresAt, scope, namespaces } = body
    const events = (await journal(lease.id)).filter(one => one.lease === lease.id && one.event === 'narrowed')
    expect(events).toMatchObject([{ ...narrowed, expiresAt, scope, namespaces, agent: 'web-operator' }])
    const listed = (await broker.as('web-operator', 'GET', '/v1/leases')).body.leases
    expect(listed).toEqual([body])
  })

  test('never wider again, whatever is asked for', async () => {
    const lease = await ask()
    const first = (await narrow(lease.id, { namespaces: ['shop'], ttl: '2m', budgets: { requests: 3 } })).body
    const second = await narrow(lease.id, {
      namespaces: ['*'],
      verbs: ['*'],
      ttl: '1h',
      budgets: { requests: 100 },
      resources: ['pods'],
    })
    expect(second).toMatchObject({ status: 200, body: first })
    expect((await journal(lease.id)).filter(one => one.lease === lease.id && one.event === 'narrowed')).toHaveLength(1)
  })

  test('an admin narrows what others hold; an approver and another agent do not', async () => {
    const { id } = await ask()
    expect((await narrow(id, { namespaces: ['shop'] }, 'hana')).status).toBe(403)
    expect((await narrow(id, { namespaces: ['shop'] }, 'triage')).status).toBe(404)
    expect(await narrow(id, { namespaces: ['shop'] }, 'root')).toMatchObject({
      status: 200,
      body: { narrowed: { by: 'root' }, namespaces: ['shop'] },
    })
  })

  test('of many at once every one is heeded', async () => {
    const { id } = await ask()
    const wishes = [{ namespaces: ['shop'] }, { names: ['web', 'db'] }, { names: ['web'] }, { ttl: '1m' }]
    const all = await Promise.all(wishes.map(wish => narrow(id, wish)))
    expect(all.map(({ status }) => status)).toEqual([200, 200, 200, 200])
    const made = await contractOf(id)
    expect(made).toMatchObject({ scope: [{ namespaces: ['shop'], resourceNames: ['web'] }] })
    expect((made?.expiresAt ?? 0) - Date.now()).toBeLessThan(60_000)
  })

  test.each([
    { name: 'nothing named', wish: {}, status: 400, says: 'what is to be left' },
    { name: 'what would leave nothing', wish: { verbs: ['delete'] }, status: 400, says: 'leasegate lease revoke' },
    { name: 'an unknown budget', wish: { budgets: { cows: 1 } }, status: 400, says: 'budgets' },
    { name: 'a negative budget', wish: { budgets: { requests: -1 } }, status: 400, says: 'budgets' },
  ])('refuses $name and says so', async ({ wish, status, says }) => {
    const lease = await ask()
    const answer = await narrow(lease.id, wish)
    expect(answer).toMatchObject({ status, body: { message: expect.stringContaining(says) } })
    expect((await contractOf(lease.id))?.narrowed).toBeUndefined()
  })

  test('not what has ended, and no more than sixteen times', async () => {
    const { id } = await ask()
    for (let left = 40; left > 24; left--) expect((await narrow(id, { budgets: { mutations: left } })).status).toBe(200)
    expect(await narrow(id, { budgets: { mutations: 1 } })).toMatchObject({
      status: 409,
      body: { message: expect.stringContaining('16 times') },
    })
    await broker.as('web-operator', 'DELETE', `/v1/leases/${id}`)
    expect((await narrow(id, { ttl: '1m' })).status).toBe(409)
  })

  test('one that is frozen is narrowed, and stays frozen', async () => {
    const { id } = await ask()
    const subject = { kind: 'lease', name: id }
    await broker.as('root', 'POST', '/v1/stops', { act: 'freeze', subject, reason: 'look first' })
    expect((await narrow(id, { namespaces: ['shop'] })).body).toMatchObject({ state: { kind: 'frozen' } })
    expect((await broker.as('root', 'GET', `/v1/leases/${id}`)).body).toMatchObject({
      state: { kind: 'frozen' },
      namespaces: ['shop'],
    })
  })
})
