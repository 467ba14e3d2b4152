import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { openContract } from '../../../src/identity/signed/contract.ts'
import { LeaseTokenVerifier } from '../../../src/identity/token/lease-token-verifier.ts'
import { partitionOf } from '../../../src/lease/lease-id.ts'
import { RedisLeaseStore } from '../../../src/lease/redis/redis-lease-store.ts'
import { partitionPrefix } from '../../../src/redis/keys.ts'
import { TestBroker } from '../test-broker.ts'

const WISH = { template: 'restart-web', reason: 'web answers slowly', ttl: '2m', namespaces: ['shop'] }

let broker: TestBroker
beforeAll(async () => {
  broker = await TestBroker.start()
})
afterAll(() => broker.stop())
afterEach(async () => {
  broker.aheadMs = 0
  const { body } = await broker.as('root', 'GET', '/v1/leases')
  for (const { id } of body.leases) await broker.as('root', 'DELETE', `/v1/leases/${id}`, { reason: 'tidy up' })
})

const ask = (wish: object = {}, sub = 'web-operator') => broker.as(sub, 'POST', '/v1/leases', { ...WISH, ...wish })

describe('POST /v1/leases', () => {
  test('issues what the policy grants, signed, under an id that names it', async () => {
    const { status, body } = await ask({ ticket: 'INC-7', task: 'calm the web' })
    expect(status).toBe(201)
    expect(body).toMatchObject({
      agent: 'web-operator',
      sponsor: 'ada',
      task: { name: 'calm the web', reason: 'web answers slowly', ticket: 'INC-7' },
      template: 'restart-web',
      namespaces: ['shop'],
      scope: [{ verbs: ['get'], resources: ['pods'], namespaces: ['shop'] }],
      budgets: { requests: 10 },
      policyRevision: 'r1',
      ancestors: [],
      state: { kind: 'active' },
    })
    expect(body.expiresAt - body.issuedAt).toBe(120_000)
    const { state: _, taken: __, ...lease } = body
    const record = await new RedisLeaseStore(broker.link).find(body.id, Date.now())
    expect(await openContract(record?.contract ?? '', broker.keys.verify)).toEqual({
      ...lease,
      turn: { epoch: 0, acts: 0 },
    })
  })

  test.each([
    {
      name: 'another agent’s namespace',
      wish: { namespaces: ['shop'] },
      sub: 'triage',
      status: 403,
      says: 'does not grant "shop"',
    },
    { name: 'an unknown template', wish: { template: 'admin' }, status: 403, says: 'has no template "admin"' },
    { name: 'too long a time', wish: { ttl: '2h' }, status: 400, says: 'at most 1h' },
    { name: 'an odd time', wish: { ttl: 'forever' }, status: 400, says: 'ttl: must be a duration' },
    { name: 'no reason', wish: { reason: ' ' }, status: 400, says: 'reason: must say why' },
    { name: 'a reason with an escape sequence', wish: { reason: 'x\u001b[2J' }, status: 400, says: 'plain text' },
    { name: 'a reason with a direction mark', wish: { reason: 'x\u202e' }, status: 400, says: 'plain text' },
    { name: 'an unknown field', wish: { scope: [] }, status: 400, says: 'scope' },
    { name: 'a parent that does not exist', wish: { parent: 'lse_x' }, status: 404, says: 'no such lease' },
  ])('refuses $name and says so', async ({ wish, sub = 'web-operator', status, says }) => {
    const answer = await ask(wish, sub)
    expect(answer.status).toBe(status)
    expect(answer.body).toMatchObject({ kind: 'Status', status: 'Failure', code: status })
    expect(answer.body.message).toContain(says)
  })

  test('carries everybody through whom the token went, signed and on record', async () => {
    const { agents } = broker.policy
    const match = { issuer: 'corp', claims: { 'act.sub': 'planner' } }
    const before = broker.policy
    broker.policy = {
      ...before,
      agents: [...agents, { name: 'planner', match, sponsor: { kind: 'claim', claim: 'sub' } }],
      templates: before.templates.map(each => ({
        ...each,
        grants: [...each.grants, { agent: 'planner', namespaces: ['shop'] }],
      })),
    }
    const act = { sub: 'planner', iss: 'https://sts.example', act: { sub: 'front' } }
    const token = await broker.token('ada', { act })
    const { status, body } = await broker.call('POST', '/v1/leases', { token, body: WISH })
    broker.policy = before
    expect(status).toBe(201)
    const actors = [{ subject: 'planner', issuer: 'https://sts.example' }, { subject: 'front' }]
    expect(body).toMatchObject({ agent: 'planner', sponsor: 'ada', actors })
    const record = await new RedisLeaseStore(broker.link).find(body.id, Date.now())
    expect((await openContract(record?.contract ?? '', broker.keys.verify))?.actors).toEqual(actors)
    const key = `${partitionPrefix(partitionOf(body.id))}journal`
    const items = await broker.link.ask('journal', redis => redis.xrange(key, '-', '+'))
    expect(JSON.stringify(items)).toContain('planner for ada, through planner of https://sts.example, front')
  })

  test('people get no leases', async () => {
    expect((await ask({}, 'root')).status).toBe(403)
  })

  test('refuses more at once than the template allows, and names those that are held', async () => {
    const [one, two] = [await ask(), await ask()]
    const third = await ask()
    expect(third.status).toBe(409)
    expect(third.body.message).toContain(one.body.id)
    expect(third.body.message).toContain(two.body.id)
  })

  test('of many asked for at the same time no more are issued than the template allows', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask()))
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(2)
  })

  test('a child lies within its parent and ends with it', async () => {
    const parent = (await ask({ ttl: '1m' })).body
    const child = await ask({ parent: parent.id, ttl: '10m' })
    expect(child.body).toMatchObject({ ancestors: [parent.id], expiresAt: parent.expiresAt })
    const wider = await ask({ parent: parent.id, namespaces: ['shop', 'shop-dev'] })
    expect(wider).toMatchObject({ status: 403, body: { message: expect.stringContaining('within its parent') } })
  })

  test('another agent’s lease is no parent', async () => {
    const parent = (await ask({ namespaces: ['shop-dev'] })).body
    expect((await ask({ parent: parent.id, namespaces: ['shop-dev'] }, 'triage')).status).toBe(404)
  })

  test('a parent that has ended is none', async () => {
    const parent = (await ask()).body
    await broker.as('web-operator', 'DELETE', `/v1/leases/${parent.id}`)
    expect((await ask({ parent: parent.id })).status).toBe(409)
  })
})

describe('GET /v1/leases', () => {
  test('an agent sees its own, a person sees all', async () => {
    const mine = (await ask()).body.id
    const theirs = (await ask({ namespaces: ['shop-dev'] }, 'triage')).body.id
    const seen = async (sub: string) =>
      (await broker.as(sub, 'GET', '/v1/leases')).body.leases.map((lease: { id: string }) => lease.id)
    expect(await seen('web-operator')).toEqual([mine])
    expect(await seen('triage')).toEqual([theirs])
    expect(await seen('hana')).toEqual([mine, theirs])
  })

  test('another agent’s lease is as unknown as one that never was', async () => {
    const { id } = (await ask()).body
    const foreign = await broker.as('triage', 'GET', `/v1/leases/${id}`)
    const never = await broker.as('triage', 'GET', `/v1/leases/lse_00000000000000000000000000${id.slice(-2)}`)
    expect(foreign.status).toBe(404)
    expect(foreign.body).toEqual(never.body)
  })

  test.each(['../..', '%2e%2e', '*', 'lse_x', 'end:1', '__proto__', encodeURIComponent('lse_1\r\nDEL x')])(
    'id %s is no lease',
    async id => expect((await broker.as('root', 'GET', `/v1/leases/${id}`)).status).toBe(404),
  )
})

describe('POST /v1/leases/:id/token', () => {
  const renew = (id: string, sub = 'web-operator', claims = {}) =>
    broker.token(sub, claims).then(token => broker.call('POST', `/v1/leases/${id}/token`, { token }))

  test('gives a token for the cluster that ends within five minutes and with the lease', async () => {
    const lease = (await ask({ ttl: '2m' })).body
    const { status, body } = await renew(lease.id)
    expect(status).toBe(200)
    expect(body.expiresAt).toBeLessThanOrEqual(lease.expiresAt)
    const caller = await new LeaseTokenVerifier(() => broker.keys.verify).verify(body.token, Date.now())
    expect(caller).toMatchObject({ kind: 'lease', lease: lease.id, agent: 'web-operator' })
  })

  test('not for another agent, and not for people', async () => {
    const { id } = (await ask()).body
    expect((await renew(id, 'triage')).status).toBe(404)
    expect((await renew(id, 'root')).status).toBe(403)
  })

  test('what an agent holds for one sponsor is out of reach under another', async () => {
    const { id } = (await broker.as('web-operator', 'POST', '/v1/leases', WISH)).body
    const token = await broker.token('web-operator', { sponsor: 'mallory' })
    const listed = (await broker.call('GET', '/v1/leases', { token })).body.leases
    expect(listed.map((one: { id: string }) => one.id)).not.toContain(id)
    expect((await broker.call('GET', `/v1/leases/${id}`, { token })).status).toBe(403)
    expect((await broker.call('DELETE', `/v1/leases/${id}`, { token })).status).toBe(403)
    expect((await broker.call('POST', '/v1/leases', { token, body: { ...WISH, parent: id } })).status).toBe(403)
    expect((await broker.as('web-operator', 'GET', `/v1/leases/${id}`)).body).toMatchObject({
      state: { kind: 'active' },
    })
    expect((await broker.as('web-operator', 'DELETE', `/v1/leases/${id}`)).status).toBe(200)
  })

  test('not on behalf of another sponsor', async () => {
    const { id } = (await ask()).body
    expect((await renew(id, 'web-operator', { sponsor: 'mallory' })).status).toBe(403)
  })

  test('not after the lease was revoked or has expired', async () => {
    const { id } = (await ask()).body
    await broker.as('web-operator', 'DELETE', `/v1/leases/${id}`)
    expect(await renew(id)).toMatchObject({ status: 409, body: { message: expect.stringContaining('revoked') } })
    const other = (await ask()).body
    broker.aheadMs = 120_001
    expect(await renew(other.id)).toMatchObject({ status: 409, body: { message: expect.stringContaining('expired') } })
  })

  test('a lease token does not renew itself', async () => {
    const { id } = (await ask()).body
    const { token } = (await renew(id)).body
    const answer = await broker.call('POST', `/v1/leases/${id}/token`, { token })
    expect(answer).toMatchObject({ status: 401, body: { reason: 'Unauthorized' } })
  })
})

describe('DELETE /v1/leases/:id', () => {
  test('the agent ends its own lease, once', async () => {
    const { id } = (await ask()).body
    const ended = await broker.as('web-operator', 'DELETE', `/v1/leases/${id}`, { reason: 'done' })
    expect(ended).toMatchObject({
      status: 200,
      body: { state: { kind: 'revoked', by: 'web-operator', reason: 'done' } },
    })
    expect((await broker.as('web-operator', 'GET', `/v1/leases/${id}`)).body.state.kind).toBe('revoked')
    expect((await broker.as('web-operator', 'DELETE', `/v1/leases/${id}`)).status).toBe(409)
  })

  test('an admin ends anybody’s, others nobody’s', async () => {
    const { id } = (await ask()).body
    expect((await broker.as('triage', 'DELETE', `/v1/leases/${id}`)).status).toBe(404)
    expect((await broker.as('hana', 'DELETE', `/v1/leases/${id}`)).status).toBe(403)
    expect((await broker.as('root', 'DELETE', `/v1/leases/${id}`)).status).toBe(200)
  })
})

describe('the list of leases', () => {
  test('comes in pages', async () => {
    const parent = (await ask()).body.id
    const made = [parent]
    for (let i = 0; i < 4; i++) made.push((await ask({ parent })).body.id)
    const seen: string[] = []
    let after: string | null = ''
    while (after !== null) {
      const query: string = after === '' ? '' : `&after=${after}`
      const { status, body } = await broker.as('web-operator', 'GET', `/v1/leases?limit=2${query}`)
      expect(status).toBe(200)
      expect(body.leases.length).toBeLessThanOrEqual(2)
      seen.push(...body.leases.map(({ id }: { id: string }) => id))
      after = body.next
    }
    expect(seen).toEqual(made)
  })

  test.each(['limit=0', 'limit=201', 'limit=x', 'after=x', 'after=apr_x'])('refuses ?%s', async query => {
    expect(await broker.as('root', 'GET', `/v1/leases?${query}`)).toMatchObject({ status: 400 })
  })
})

describe('an agent that makes leases without end', () => {
  test('is told to wait, and by what', async () => {
    const parent = (await ask()).body.id
    const children = []
    for (let i = 0; i < 33; i++) children.push(await ask({ parent }))
    expect(children.filter(({ status }) => status === 201)).toHaveLength(32)
    expect(children.at(-1)).toMatchObject({
      status: 429,
      body: { reason: 'TooManyRequests', message: expect.stringContaining('32 leases are narrowed from') },
    })
    await broker.as('root', 'DELETE', `/v1/leases/${parent}`, {})
    let refused: Awaited<ReturnType<typeof ask>> | null = null
    // The minute may turn once meanwhile.
    for (let i = 0; i < 125 && refused === null; i++) {
      const next = await ask()
      if (next.status === 201) await broker.as('root', 'DELETE', `/v1/leases/${next.body.id}`, {})
      else refused = next
    }
    expect(refused).toMatchObject({
      status: 429,
      headers: { 'retry-after': '60' },
      body: { message: expect.stringContaining('made 60 leases within a minute') },
    })
  })
})
