import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { RedisJournalReader } from '../../../src/record/journal/redis/redis-journal-reader.ts'
import { until } from '../../support/until.ts'
import { TestBroker } from '../test-broker.ts'

const WISH = { template: 'restart-web', reason: 'web answers slowly', ttl: '10m', namespaces: ['shop'] }
const ALL = { kind: 'all' }

let broker: TestBroker
beforeAll(async () => {
  broker = await TestBroker.start()
})
afterAll(() => broker.stop())
afterEach(async () => {
  for (const subject of [ALL, { kind: 'agent', name: 'web-operator' }]) {
    for (const what of ['start', 'thaw']) await act(what, subject, 'root')
  }
  const { body } = await broker.as('root', 'GET', '/v1/leases')
  for (const { id } of body.leases) await broker.as('root', 'DELETE', `/v1/leases/${id}`, {})
})

const ask = (sub = 'web-operator', wish: object = {}) => broker.as(sub, 'POST', '/v1/leases', { ...WISH, ...wish })
const act = (what: string, subject: object, sub: string, reason = 'a leak') =>
  broker.as(sub, 'POST', '/v1/stops', { act: what, subject, reason })
const stateOf = async (id: string) => (await broker.as('root', 'GET', `/v1/leases/${id}`)).body.state

/** After an end, one that was asked for in the same moment is refused, and told to ask again. */
async function askUntilGiven(sub?: string): Promise<{ readonly id: string }> {
  let given = await ask(sub)
  await until('a lease', async () => {
    given = await ask(sub)
    return given.status === 201
  })
  return given.body
}

describe('POST /v1/stops', () => {
  test('stops everything: what there is ends, nothing new is given, and agents are told by whom and why', async () => {
    const lease = await askUntilGiven()
    const stopped = await act('stop', ALL, 'oncall')
    expect(stopped).toMatchObject({ status: 201, body: { subject: ALL, stopped: { by: 'oncall', reason: 'a leak' } } })
    expect(await stateOf(lease.id)).toMatchObject({ kind: 'revoked', by: 'oncall', reason: 'a leak' })
    for (const sub of ['web-operator', 'triage']) {
      const refused = await ask(sub, { namespaces: ['shop-dev'] })
      expect(refused.status).toBe(403)
      expect(refused.body.message).toContain('all leases were stopped by oncall: a leak')
    }
    expect((await broker.as('web-operator', 'POST', `/v1/leases/${lease.id}/token`, {})).status).toBe(409)
    expect((await broker.as('web-operator', 'GET', '/v1/stops')).body.stops).toMatchObject([{ subject: ALL }])

    expect((await act('start', ALL, 'oncall')).status).toBe(403)
    expect((await ask()).status).toBe(403)
    expect((await act('start', ALL, 'root')).status).toBe(201)
    expect((await askUntilGiven()).id).not.toBe(lease.id)
    expect((await stateOf(lease.id)).kind).toBe('revoked')
  })

  test('ends what comes under a name and nothing else, also by what only the contract says', async () => {
    const mine = await askUntilGiven()
    const other = (await ask('triage', { namespaces: ['shop-dev'] })).body
    await act('end', { kind: 'agent', name: 'web-operator' }, 'root')
    expect((await stateOf(mine.id)).kind).toBe('revoked')
    expect((await stateOf(other.id)).kind).toBe('active')
    const { name } = broker.corp.issuer
    await act('end', { kind: 'issuer', name }, 'root')
    expect((await stateOf(other.id)).kind).toBe('revoked')
  })

  test('a frozen lease gets no token, says so, and goes on when it is thawed', async () => {
    const lease = await askUntilGiven()
    const renew = () => broker.as('web-operator', 'POST', `/v1/leases/${lease.id}/token`, {})
    const one = { kind: 'lease', name: lease.id }
    expect((await act('freeze', one, 'oncall')).status).toBe(201)
    const refused = await renew()
    expect(refused.status).toBe(403)
    expect(refused.body.message).toContain('frozen by oncall: a leak')
    expect((await act('thaw', one, 'oncall')).status).toBe(403)
    expect((await act('thaw', one, 'root')).status).toBe(201)
    expect((await renew()).status).toBe(200)
  })

  test.each([
    { sub: 'hana', what: 'stop' },
    { sub: 'hana', what: 'freeze' },
    { sub: 'web-operator', what: 'end' },
    { sub: 'web-operator', what: 'start' },
    { sub: 'oncall', what: 'thaw' },
  ])('$sub, whom the policy does not name for it, may not $what', async ({ sub, what }) => {
    const lease = await askUntilGiven()
    for (const subject of [ALL, { kind: 'agent', name: 'web-operator' }]) {
      expect((await act(what, subject, sub)).status).toBe(403)
    }
    expect((await stateOf(lease.id)).kind).toBe('active')
  })

  test.each([
    { kind: 'all', name: 'x' },
    { kind: 'agent' },
    { kind: 'lease', name: 'web' },
    { kind: 'namespace', name: 'shop' },
  ])('refuses a subject like %o, and one without a reason', async subject => {
    expect((await act('freeze', subject, 'root')).status).toBe(400)
    expect((await act('freeze', ALL, 'root', ' ')).status).toBe(400)
  })

  describe.each([
    { kind: 'agent', name: 'web-operater', says: 'did you mean "web-operator"?' },
    { kind: 'template', name: 'restart-wbe', says: 'did you mean "restart-web"?' },
    { kind: 'issuer', name: 'nobody', says: 'the policy file has no issuer "nobody"' },
  ])('a name of $kind that the policy does not have', ({ says, ...subject }) => {
    test.each(['end', 'stop', 'freeze'])('is refused to %s, and nothing is done', async what => {
      const refused = await act(what, subject, 'root')
      expect(refused.status).toBe(404)
      expect(refused.body.message).toContain(says)
      expect((await broker.as('root', 'GET', '/v1/stops')).body.stops).not.toContainEqual(
        expect.objectContaining({ subject }),
      )
    })

    test('can be stopped all the same where one says that it is gone, and started', async () => {
      const wish = { act: 'stop', subject, reason: 'a leak', gone: true }
      const stopped = await broker.as('root', 'POST', '/v1/stops', wish)
      expect(stopped).toMatchObject({ status: 201, body: { subject, stopped: { by: 'root' } } })
      expect((await act('start', subject, 'root')).status).toBe(201)
    })
  })

  test.each(['Ada', 'ADA@corp.example', '\uff21da.l'])('stops all of a sponsor under %j, and starts it', async name => {
    const { policy } = broker
    const ada = { name: 'ada@corp.example', alsoKnownAs: ['ada.l'], roles: [], match: { issuer: 'x', claims: {} } }
    broker.policy = {
      ...policy,
      people: [...policy.people, ada, { ...ada, name: 'ada-gh', alsoKnownAs: ['ada', 'Ada.L'] }],
    }
    const lease = await askUntilGiven()
    const sponsor = { kind: 'sponsor', name }
    expect((await act('stop', sponsor, 'root')).status).toBe(201)
    expect(await stateOf(lease.id)).toMatchObject({ kind: 'revoked', by: 'root' })
    expect((await ask()).status).toBe(403)
    expect((await act('start', sponsor, 'root')).status).toBe(201)
    broker.policy = policy
    await askUntilGiven()
  })

  test('a sponsor is the same by any spelling of an address, also where the policy has no such person', async () => {
    const token = await broker.token('web-operator', { sponsor: 'Bob@Corp.Example' })
    const request = () => broker.call('POST', '/v1/leases', { token, body: WISH })
    await until('a lease', async () => (await request()).status === 201)
    const sponsor = { kind: 'sponsor', name: 'bob@corp.example' }
    expect((await act('stop', sponsor, 'root')).status).toBe(201)
    expect((await request()).status).toBe(403)
    expect((await act('start', sponsor, 'root')).status).toBe(201)
  })

  test('is on record with who and why', async () => {
    await act('stop', { kind: 'agent', name: 'web-operator' }, 'oncall', 'token tok_x was seen')
    const reader = new RedisJournalReader(broker.link, { consumer: 'tap' })
    const items = await reader.read(1000, AbortSignal.timeout(20_000))
    reader.close()
    const said = items.flatMap(item => ('entry' in item && item.entry.kind === 'stop' ? [item.entry] : []))
    expect(said).toContainEqual(
      expect.objectContaining({ event: 'stop', by: 'oncall', subject: { kind: 'agent', name: 'web-operator' } }),
    )
  })
})
