import { describe, expect, test } from 'vitest'
import { openContract } from '../../../src/identity/signed/contract.ts'
import type { Lease } from '../../../src/lease/lease.ts'
import { newApprovalId, partitionOf } from '../../../src/lease/lease-id.ts'
import type { Quorum } from '../../../src/lease/questions/quorum.ts'
import { RedisLeaseStore } from '../../../src/lease/redis/redis-lease-store.ts'
import { partitionPrefix } from '../../../src/redis/keys.ts'
import { aQuestion, asking } from '../../lease/a-lease.ts'
import {
  another,
  broker,
  commit,
  digest,
  ledger,
  pending,
  policy,
  say,
  sayAtGithub,
  seen,
  TWO,
} from './the-asking-lease.ts'

describe('a question that two people must say yes to', () => {
  test('waits after the first, passes after the second, and says who said what', async () => {
    const id = await pending()
    const first = await say('hana', id, 'approve', 'looks right')
    expect(first).toMatchObject({
      status: 200,
      body: { state: 'pending', yeses: [{ by: 'hana', why: 'looks right' }] },
    })
    expect(await commit(digest, TWO)).toEqual({ kind: 'pending', approval: id, said: 1 })
    for (const sub of ['ivy', 'web-operator']) {
      expect(await seen(id, sub)).toMatchObject({ state: 'pending', yeses: [{ by: 'hana', why: 'looks right' }] })
    }
    expect(await say('grace', id, 'approve', 'go')).toMatchObject({
      status: 200,
      body: { state: 'approved', decidedBy: 'hana, grace', yeses: [{ by: 'hana' }, { by: 'grace', why: 'go' }] },
    })
    expect(await commit(digest, TWO)).toEqual({ kind: 'allowed', approval: id })
  })

  test('has each answer in the journal, with who, when and why', async () => {
    const id = await pending()
    await say('hana', id, 'approve', 'looks right')
    await say('grace', id, 'approve', 'go')
    const key = `${partitionPrefix(partitionOf(id))}journal`
    const items = await broker.link.ask('journal', redis => redis.xrange(key, '-', '+'))
    const events = items.map(([, fields]) => JSON.parse(fields[1] ?? '{}')).filter(({ approval }) => approval === id)
    expect(events).toMatchObject([
      { kind: 'approval', event: 'yes', by: 'hana', reason: 'looks right', at: expect.any(Number) },
      { kind: 'approval', event: 'approved', by: 'grace', reason: 'go', at: expect.any(Number) },
    ])
  })

  test('shows nobody what was signed', async () => {
    const id = await pending()
    await say('hana', id)
    const list = await broker.as('ivy', 'GET', '/v1/approvals')
    expect(list.body.approvals).toContainEqual(
      expect.objectContaining({ id, yeses: [expect.objectContaining({ by: 'hana' })] }),
    )
    for (const shown of [list.body, await seen(id)]) expect(JSON.stringify(shown)).not.toMatch(/eyJ|signed|proof/)
  })

  test('is ended by one no, also by who said yes', async () => {
    for (const sub of ['grace', 'hana']) {
      another()
      const id = await pending()
      await say('hana', id)
      expect(await say(sub, id, 'reject', 'not today')).toMatchObject({ status: 200, body: { state: 'rejected' } })
      expect((await say('ivy', id)).status).toBe(409)
      expect(await commit(digest, TWO)).toEqual({ kind: 'rejected', approval: id, why: 'not today' })
    }
  })

  test('has room for one yes of each person, whatever account they bring', async () => {
    const id = await pending(TWO, '')
    await say('hana', id)
    const own = expect.stringContaining('you said yes to this already, as hana')
    expect(await say('hana', id)).toMatchObject({ status: 403, body: { message: own } })
    expect(await sayAtGithub('4711', id)).toMatchObject({ status: 403, body: { message: own } })
    const unclear = expect.stringMatching(/nobody can tell whether you are hana.*alsoKnownAs/)
    expect(await sayAtGithub('4712', id)).toMatchObject({ status: 403, body: { message: unclear } })
    expect(await seen(id)).toMatchObject({ state: 'pending', yeses: [{ by: 'hana' }] })
  })

  test('knows somebody again by an address that both tokens have', async () => {
    const id = await pending(TWO, '')
    await say('hana', id, 'approve', '', { email: 'Hana@corp.example' })
    expect((await sayAtGithub('4712', id, { email: 'hana@corp.example' })).status).toBe(403)
    expect(await sayAtGithub('4712', id, { email: 'sam@corp.example' })).toMatchObject({ body: { state: 'approved' } })
    expect(await commit(digest, TWO)).toEqual({ kind: 'allowed', approval: id })
  })

  test('is not answered by the sponsor, an admin, or the agent', async () => {
    const id = await pending(TWO, 'grace')
    for (const sub of ['grace', 'root', 'web-operator']) expect((await say(sub, id)).status).not.toBe(200)
    await say('hana', id)
    expect((await say('grace', id)).status).toBe(403)
    expect(await seen(id)).toMatchObject({ state: 'pending', yeses: [{ by: 'hana' }] })
  })

  test('gets no yes of somebody for whom the same agent holds another lease', async () => {
    const token = await broker.token('web-operator', { sponsor: 'Ivy' })
    const body = { template: 'restart-web', reason: 'slow', namespaces: ['shop'], ttl: '1h' }
    const held = (await broker.call('POST', '/v1/leases', { token, body })).body
    const id = await pending()
    expect(await say('ivy', id)).toMatchObject({ status: 403, body: { message: expect.stringContaining(held.id) } })
    expect((await broker.call('DELETE', `/v1/leases/${held.id}`, { token })).status).toBe(200)
    expect((await say('ivy', id)).status).toBe(200)
  })

  test('gets none of a second account of somebody for whom it holds another lease, by a name that only the policy has', async () => {
    const people = policy.people.map(one => (one.name === 'ivy' ? { ...one, alsoKnownAs: ['ivy@corp.example'] } : one))
    broker.policy = { ...policy, people }
    const token = await broker.token('web-operator', { sponsor: 'ivy' })
    const body = { template: 'restart-web', reason: 'slow', namespaces: ['shop'], ttl: '1h' }
    const held = (await broker.call('POST', '/v1/leases', { token, body })).body
    const id = await pending()
    const asIvy = { email: 'ivy@corp.example' }
    expect(await say('hana', id, 'approve', '', asIvy)).toMatchObject({
      status: 403,
      body: { message: expect.stringContaining(held.id) },
    })
    expect((await broker.call('DELETE', `/v1/leases/${held.id}`, { token })).status).toBe(200)
    expect((await say('hana', id, 'approve', '', asIvy)).status).toBe(200)
  })

  test('gets none of whom the token went through that the lease was asked with', async () => {
    const match = { issuer: broker.corp.issuer.name, claims: { 'act.sub': 'planner' } }
    const planner = { name: 'planner', match, sponsor: { kind: 'claim', claim: 'sub' } } as const
    const templates = policy.templates.map(one => ({
      ...one,
      grants: [...one.grants, { agent: 'planner', namespaces: ['shop'] }],
    }))
    broker.policy = { ...policy, agents: [...policy.agents, planner], templates }
    const token = await broker.token('ada', { act: { sub: 'planner', act: { sub: 'grace' } } })
    const body = { template: 'restart-web', reason: 'slow', namespaces: ['shop'], ttl: '1h' }
    const { id: held } = (await broker.call('POST', '/v1/leases', { token, body })).body
    const record = await new RedisLeaseStore(broker.link).find(held, Date.now())
    const through = (await openContract(record?.contract ?? '', broker.keys.verify)) as Lease
    const asked = asking(through, digest, newApprovalId(through.id))
    const question = JSON.stringify({ ...aQuestion(through), sponsor: 'ada' })
    await ledger.commit({ ...asked, intent: { ...asked.intent, question } as typeof asked.intent })
    const [{ id }] = (await broker.as('ivy', 'GET', '/v1/approvals')).body.approvals.filter(
      (one: { lease: string }) => one.lease === held,
    )
    expect(await say('grace', id)).toMatchObject({
      status: 403,
      body: { message: expect.stringContaining('went through you') },
    })
    expect(await say('hana', id)).toMatchObject({ status: 200, body: { state: 'approved' } })
  })

  test('drops the yes of somebody for whom the agent got a lease after it', async () => {
    const id = await pending()
    expect((await say('ivy', id)).status).toBe(200)
    const token = await broker.token('web-operator', { sponsor: 'Ivy' })
    const body = { template: 'restart-web', reason: 'slow', namespaces: ['shop'], ttl: '1h' }
    const held = (await broker.call('POST', '/v1/leases', { token, body })).body
    expect(await say('grace', id)).toMatchObject({ status: 200, body: { state: 'pending', yeses: [{ by: 'grace' }] } })
    expect((await broker.call('DELETE', `/v1/leases/${held.id}`, { token })).status).toBe(200)
    expect(await say('hana', id)).toMatchObject({ body: { state: 'approved', decidedBy: 'grace, hana' } })
  })

  test('loses no yes of those who say it at the same moment, and counts none twice', async () => {
    const THREE: Quorum = { people: 3, groups: [] }
    const id = await pending(THREE)
    const subs = ['hana', 'grace', 'ivy', 'hana', 'grace', 'ivy']
    const answers = await Promise.all(subs.map(sub => say(sub, id)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(3)
    const { state, yeses } = await seen(id)
    expect(state).toBe('approved')
    expect(yeses.map(({ by }: { by: string }) => by).toSorted()).toEqual(['grace', 'hana', 'ivy'])
    expect(await commit(digest, THREE)).toEqual({ kind: 'allowed', approval: id })
  })

  test('drops the yes of somebody who is no approver any more before the next is said', async () => {
    const id = await pending()
    await say('hana', id)
    broker.policy = { ...policy, people: policy.people.filter(({ name }) => !name.startsWith('hana')) }
    expect(await say('grace', id)).toMatchObject({ status: 200, body: { state: 'pending', yeses: [{ by: 'grace' }] } })
    expect((await commit(digest, TWO)).kind).toBe('pending')
    expect(await say('ivy', id)).toMatchObject({ body: { state: 'approved', decidedBy: 'grace, ivy' } })
    expect(await commit(digest, TWO)).toEqual({ kind: 'allowed', approval: id })
  })

  test('drops a yes to what is no longer there: both are to the same plan', async () => {
    const id = await pending()
    const before = broker.planner
    const bindTo = (seen: string) => {
      broker.planner = { ...before, bind: async () => ({ kind: 'bound', bound: `uid@${seen}`, seen }) }
    }
    bindTo('1')
    await say('hana', id)
    bindTo('2')
    expect(await say('grace', id)).toMatchObject({ body: { state: 'pending', yeses: [{ by: 'grace' }] } })
    expect(await say('hana', id)).toMatchObject({ body: { state: 'approved' } })
    broker.planner = before
    expect(await commit(digest, TWO)).toEqual({ kind: 'allowed', approval: id, bound: 'uid@2' })
  })

  test('of which the store counts what nobody signed is shown with what was signed', async () => {
    const id = await pending()
    await say('hana', id)
    const key = `${partitionPrefix(partitionOf(id))}approval:${id}`
    const [text] = await broker.link.ask('read', redis => redis.hmget(key, 'answer'))
    await broker.link.ask('write', redis => redis.hset(key, 'answer', `${text} ${text} x`))
    expect((await seen(id)).yeses).toMatchObject([{ by: 'hana' }])
    expect(await say('hana', id)).toMatchObject({ status: 403 })
    expect(await say('grace', id)).toMatchObject({ body: { state: 'approved' } })
    expect(await commit(digest, TWO)).toEqual({ kind: 'allowed', approval: id })
  })
})

describe('a question that any one approver may answer', () => {
  const ONE: Quorum = { people: 1, groups: [] }
  const wish = { template: 'restart-web', reason: 'slow', namespaces: ['shop'], ttl: '1h' }

  test('gets no yes of somebody for whom the same agent holds another lease, but a no', async () => {
    const token = await broker.token('web-operator', { sponsor: 'Ivy' })
    const held = (await broker.call('POST', '/v1/leases', { token, body: wish })).body
    const id = await pending(ONE)
    expect(await say('ivy', id)).toMatchObject({ status: 403, body: { message: expect.stringContaining(held.id) } })
    expect(await commit(digest, ONE)).toEqual({ kind: 'pending', approval: id })
    expect(await say('ivy', id, 'reject', 'mine is enough')).toMatchObject({ body: { state: 'rejected' } })
    another()
    const next = await pending(ONE)
    expect((await broker.call('DELETE', `/v1/leases/${held.id}`, { token })).status).toBe(200)
    expect(await say('ivy', next)).toMatchObject({ status: 200, body: { state: 'approved' } })
    expect(await commit(digest, ONE)).toEqual({ kind: 'allowed', approval: next })
  })

  test('gets none while nobody can tell for whom the agent holds leases', async () => {
    const id = await pending(ONE)
    const agent = await broker.link.ask('agent', redis => redis.keys('*listed:web-operator'))
    expect(agent).not.toEqual([])
    for (const key of agent) {
      await broker.link.ask('away', redis => redis.rename(key, `${key}.away`))
      await broker.link.ask('broken', redis => redis.set(key, 'no list'))
    }
    try {
      expect((await say('hana', id)).status).toBeGreaterThanOrEqual(500)
    } finally {
      for (const key of agent) await broker.link.ask('back', redis => redis.rename(`${key}.away`, key))
    }
    expect(await say('hana', id)).toMatchObject({ status: 200, body: { state: 'approved' } })
  })
})

describe('a question that people of a group must say yes to', () => {
  const oncall: Quorum = { people: 1, groups: [['oncall']] }

  test('is answered by who is in it, by name or by a claim of the token', async () => {
    const byName = await pending(oncall)
    expect(await say('hana', byName)).toMatchObject({
      status: 403,
      body: { message: expect.stringContaining('1 person of oncall') },
    })
    expect(await say('grace', byName)).toMatchObject({ body: { state: 'approved' } })
    expect(await commit(digest, oncall)).toEqual({ kind: 'allowed', approval: byName })
    another()
    const byClaim = await pending(oncall)
    for (const groups of [['sre'], 'oncall', { 'sre-oncall': true }])
      expect((await say('hana', byClaim, 'approve', '', { groups })).status).toBe(403)
    expect(await say('hana', byClaim, 'approve', '', { groups: ['dev', 'sre-oncall'] })).toMatchObject({ status: 200 })
    expect(await commit(digest, oncall)).toEqual({ kind: 'allowed', approval: byClaim })
  })

  test('is not when the group comes to want another claim, or the same one of another issuer', async () => {
    const id = await pending(oncall)
    await say('hana', id, 'approve', '', { groups: ['sre-oncall'] })
    const groups = (policy.groups ?? []).map(group => ({
      ...group,
      match: { issuer: broker.corp.issuer.name, claims: { groups: 'sre-primary' } },
    }))
    broker.policy = { ...policy, groups }
    expect(await commit(digest, oncall)).toEqual({ kind: 'unproven', approval: id })
  })

  test('may be said no to by any approver', async () => {
    const id = await pending(oncall)
    expect(await say('ivy', id, 'reject', 'no')).toMatchObject({ status: 200, body: { state: 'rejected' } })
  })
})
