import { randomBytes, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { watchersOf } from '../../../src/authorizer/watch/watchers.ts'
import { RedisWatchMarks } from '../../../src/lease/stream/redis-watch-marks.ts'
import { RedisJournalReader } from '../../../src/record/journal/redis/redis-journal-reader.ts'
import { TestBroker } from '../test-broker.ts'

let broker: TestBroker
beforeAll(async () => {
  broker = await TestBroker.start()
})
afterAll(() => broker.stop())

const watchId = () => `wch_${randomBytes(16).toString('hex')}`

/** Of web-operator, on behalf of somebody. */
async function aLease(sponsor = 'ada', claims: Record<string, unknown> = {}): Promise<string> {
  const token = await broker.token('web-operator', { sponsor, ...claims })
  const body = { template: 'restart-web', reason: 'a test', namespaces: ['shop'] }
  const issued = await broker.call('POST', '/v1/leases', { token, body })
  expect(issued.status).toBe(201)
  return issued.body.id
}

const end = (lease: string) => broker.as('web-operator', 'DELETE', `/v1/leases/${lease}`)
const watch = (lease: string, sub: string, id = watchId(), method = 'POST') =>
  broker.as(sub, method, `/v1/leases/${lease}/watches/${id}`)

/** As an authorizer sees it. */
const seen = (lease: string) => {
  const marks = new RedisWatchMarks(broker.link)
  const looking = { marks, keys: () => broker.keys.verify, policy: () => broker.policy, now: Date.now }
  return watchersOf(looking)(lease)
}

describe('POST /v1/leases/ID/watches/ID', () => {
  test('marks for an approver, as authorizers believe it, until they leave', async () => {
    const lease = await aLease()
    const id = watchId()
    expect(await seen(lease)).toMatchObject({ names: [] })
    const began = await watch(lease, 'hana', id)
    expect(began).toMatchObject({ status: 201, body: { lease, by: 'hana', markMs: 15_000, renewMs: 3000 } })
    expect(await seen(lease)).toEqual({ names: ['hana'], until: began.body.until })
    expect((await watch(lease, 'hana', id)).status).toBe(201)
    expect(await watch(lease, 'hana', id, 'DELETE')).toMatchObject({ status: 200, body: { left: true } })
    expect(await seen(lease)).toEqual({ names: [], until: 0 })
    expect(await watch(lease, 'hana', id, 'DELETE')).toMatchObject({ status: 200, body: { left: false } })
    await end(lease)
  })

  test.each([
    { sub: 'web-operator', why: 'the agent itself' },
    { sub: 'triage', why: 'another agent' },
    { sub: 'root', why: 'somebody who is no approver' },
    { sub: 'oncall', why: 'somebody who may only stop' },
  ])('is refused to $why', async ({ sub }) => {
    const lease = await aLease()
    expect((await watch(lease, sub)).status).toBe(403)
    expect(await seen(lease)).toEqual({ names: [], until: 0 })
    await end(lease)
  })

  test('is refused to the sponsor, also as another account that the policy knows them by', async () => {
    const lease = await aLease('grace')
    expect(await watch(lease, 'grace')).toMatchObject({
      status: 403,
      body: { message: expect.stringContaining('sponsor') },
    })
    const before = broker.policy
    const people = before.people.map(one => (one.name === 'hana' ? { ...one, alsoKnownAs: ['GRACE'] } : one))
    broker.policy = { ...before, people }
    expect((await watch(lease, 'hana')).status).toBe(403)
    broker.policy = before
    expect((await watch(lease, 'hana')).status).toBe(201)
    await broker.call('DELETE', `/v1/leases/${lease}`, {
      token: await broker.token('web-operator', { sponsor: 'grace' }),
    })
  })

  test('is refused without a lease that is live, and without a name for the watch', async () => {
    const lease = await aLease()
    expect((await watch(lease, 'hana', 'wch_1')).status).toBe(400)
    expect((await watch('lse_unknown', 'hana')).status).toBe(404)
    await end(lease)
    expect(await watch(lease, 'hana')).toMatchObject({
      status: 409,
      body: { message: expect.stringContaining('not live') },
    })
  })

  test('of somebody who is an approver no more is nobody’s', async () => {
    const lease = await aLease()
    await watch(lease, 'hana')
    const before = broker.policy
    broker.policy = { ...before, people: before.people.filter(({ name }) => name !== 'hana') }
    expect(await seen(lease)).toEqual({ names: [], until: 0 })
    broker.policy = before
    expect((await seen(lease)).names).toEqual(['hana'])
    await end(lease)
  })

  test('is on record: who, from when, until when', async () => {
    const lease = await aLease()
    const id = watchId()
    await watch(lease, 'hana', id)
    await watch(lease, 'hana', id)
    await watch(lease, 'hana', id, 'DELETE')
    const reader = new RedisJournalReader(broker.link, { consumer: randomUUID() })
    const items = await reader.read(1000, AbortSignal.timeout(5000))
    reader.close()
    const entries = items.flatMap(item => ('entry' in item && item.entry.kind === 'stop' ? [item.entry] : []))
    expect(entries.filter(({ subject }) => subject.name === lease)).toMatchObject([
      { event: 'watch', subject: { kind: 'lease' }, by: 'hana', reason: '' },
      { event: 'unwatch', subject: { kind: 'lease' }, by: 'hana', reason: 'they left' },
    ])
    await end(lease)
  })
})
