import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { answerVerifier } from '../../../../src/approval/verify-answer.ts'
import type { Lease } from '../../../../src/lease/lease.ts'
import { newApprovalId, partitionOf } from '../../../../src/lease/lease-id.ts'
import { RedisLeaseLedger } from '../../../../src/lease/redis/redis-lease-ledger.ts'
import { partitionPrefix } from '../../../../src/redis/keys.ts'
import { aQuestion, asking } from '../../../lease/a-lease.ts'
import { aHanded, broker, HAND, send, signed, TO, under } from './the-handing-broker.ts'

describe('what is asked under it', () => {
  const verifyAnswer = () => answerVerifier({ keys: () => broker.keys.verify, useMs: 300_000, isApprover: () => true })
  const commit = (lease: Lease, of: string, subject = of) => {
    const asked = asking(lease, of, newApprovalId(lease.id))
    const { sponsor, delegated } = lease
    const question = JSON.stringify({ ...aQuestion(lease), sponsor, ...(delegated && { delegatedBy: delegated.by }) })
    const limits = [lease, ...lease.ancestors].map(() => ({}))
    return new RedisLeaseLedger(broker.link, { verifyAnswer: verifyAnswer() }).commit({
      ...asked,
      limits,
      intent: { ...asked.intent, question, subject } as typeof asked.intent,
    })
  }
  const digest = () => randomBytes(32).toString('hex')
  const pending = async (lease: Lease, of = digest()) => {
    const committed = await commit(lease, of)
    if (committed.kind !== 'pending') throw new Error(committed.kind)
    return committed.approval
  }
  const answer = async (id: string, as: string, verb = 'approve', claims: Record<string, unknown> = {}) => {
    const shown = (await broker.as('hana', 'GET', `/v1/approvals/${id}`)).body
    const call = { token: await broker.token(as, claims), body: { digest: shown.digest } }
    return broker.call('POST', `/v1/approvals/${id}/${verb}`, call)
  }

  test('is answered by nobody for whom either agent acts, however their tokens name them', async () => {
    const { child } = await aHanded()
    const lease = await signed(child.id)
    const id = await pending(lease)
    expect((await answer(id, 'grace')).status).toBe(403)
    // hana's token says that she is whom web-operator's calls its sponsor; fixer's name theirs by no claim.
    expect((await answer(id, 'hana', 'approve', { sponsor: 'ada' })).status).toBe(403)
    expect((await answer(id, 'hana')).status).toBe(200)
    expect((await broker.as('fixer', 'GET', `/v1/approvals/${id}`)).status).toBe(200)
    expect((await broker.as('web-operator', 'GET', `/v1/approvals/${id}`)).status).toBe(404)
    const next = await pending(lease)
    const waiting = (await broker.as('fixer', 'GET', '/v1/approvals')).body.approvals
    expect(waiting.map((one: { id: string }) => one.id)).toEqual([next])
  })

  test('gets no yes while the lease cannot be read, so that nobody hides who is behind it', async () => {
    const { parent, child } = await aHanded()
    const id = await pending(await signed(child.id))
    const key = (lease: string) => `${partitionPrefix(partitionOf(lease))}lease:${lease}`
    const contractOf = (lease: string) => broker.link.ask('get', redis => redis.hget(key(lease), 'contract'))
    const [own, above] = [(await contractOf(child.id)) ?? '', (await contractOf(parent.id)) ?? '']
    await broker.link.ask('del', redis => redis.hdel(key(child.id), 'contract'))
    expect((await answer(id, 'hana')).status).toBe(403)
    await broker.link.ask('set', redis => redis.hset(key(child.id), { contract: above }))
    expect((await answer(id, 'hana')).status).toBe(403)
    await broker.link.ask('set', redis => redis.hset(key(child.id), { contract: own }))
    expect((await answer(id, 'hana')).status).toBe(200)
  })

  test('says who handed it on also where its agent narrowed it for itself, and gets no yes once that cannot be read', async () => {
    under(TO, { to: ['mender'], maxLeases: 1, levels: 1 })
    const { policy } = broker
    const approval = { skip: [], require: ['pods-log'] }
    const templates = policy.templates.map(each => ({
      ...each,
      approval,
      rules: each.rules.map(rule => ({ ...rule, resources: ['pods', 'pods/log'] })),
    }))
    broker.policy = { ...policy, templates }
    const { child } = await aHanded()
    const log = { route: 'stream' } as const
    const own = await broker.as('fixer', 'POST', '/v1/leases', { ...HAND, ttl: '2m', parent: child.id })
    expect(own.body).toMatchObject({ agent: 'fixer', ancestors: [expect.any(String), child.id] })
    expect((await signed(own.body.id)).delegated).toBeUndefined()
    expect(await send(own.body.id, 'fixer', 'GET /api/v1/namespaces/shop/pods/web-0/log', log)).toBe('approval-pending')
    const { approvals } = (await broker.as('hana', 'GET', '/v1/approvals')).body
    const asked = approvals.find((one: { lease: string }) => one.lease === own.body.id)
    expect(asked.question).toMatchObject({ agent: 'fixer', delegatedBy: 'web-operator', sponsor: 'ada' })
    const key = `${partitionPrefix(partitionOf(own.body.id))}lease:${own.body.id}`
    const contract = (await broker.link.ask('get', redis => redis.hget(key, 'contract'))) ?? ''
    await broker.link.ask('del', redis => redis.hdel(key, 'contract'))
    expect((await answer(asked.id, 'hana')).status).toBe(403)
    await broker.link.ask('set', redis => redis.hset(key, { contract }))
    expect((await answer(asked.id, 'hana')).status).toBe(200)
  })

  test('a no to one of the agents is a no to all of them', async () => {
    const { parent, child } = await aHanded()
    const [above, lease] = [await signed(parent.id), await signed(child.id)]
    const subject = digest()
    const rejected = async (of: Lease) => (await commit(of, digest(), subject)).kind
    const first = await commit(above, digest(), subject)
    if (first.kind !== 'pending') throw new Error(first.kind)
    await answer(first.approval, 'hana', 'reject')
    expect(await rejected(lease)).toBe('rejected')
    const other = digest()
    const second = await commit(lease, digest(), other)
    if (second.kind !== 'pending') throw new Error(second.kind)
    await answer(second.approval, 'hana', 'reject')
    expect((await commit(above, digest(), other)).kind).toBe('rejected')
  })
})
