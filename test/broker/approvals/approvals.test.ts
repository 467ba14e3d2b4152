import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { answerVerifier } from '../../../src/approval/verify-answer.ts'
import { openContract } from '../../../src/identity/signed/contract.ts'
import type { Lease } from '../../../src/lease/lease.ts'
import { newApprovalId, partitionOf } from '../../../src/lease/lease-id.ts'
import { RedisLeaseLedger } from '../../../src/lease/redis/redis-lease-ledger.ts'
import { RedisLeaseStore } from '../../../src/lease/redis/redis-lease-store.ts'
import { partitionPrefix } from '../../../src/redis/keys.ts'
import { asking } from '../../lease/a-lease.ts'
import { TestBroker } from '../test-broker.ts'

let broker: TestBroker
let lease: Lease
let ledger: RedisLeaseLedger
beforeAll(async () => {
  broker = await TestBroker.start()
  const wish = { template: 'restart-web', reason: 'slow', namespaces: ['shop'], ttl: '1h' }
  const { id } = (await broker.as('web-operator', 'POST', '/v1/leases', wish)).body
  const record = await new RedisLeaseStore(broker.link).find(id, Date.now())
  const verifyAnswer = answerVerifier({ keys: () => broker.keys.verify, useMs: 300_000, isApprover: () => true })
  ledger = new RedisLeaseLedger(broker.link, { verifyAnswer })
  lease = (await openContract(record?.contract ?? '', broker.keys.verify)) as Lease
})
afterAll(() => broker.stop())

const digest = () => randomBytes(32).toString('hex')

/** As the authorizer asks when a request wants a human's yes; with the same digest again, it uses the answer. */
async function commit(of: string, sponsor = 'ada') {
  const question = {
    summary: 'get secrets "db" in shop',
    method: 'GET',
    target: '/api/v1/namespaces/shop/secrets/db',
    contentType: '',
    bodySha256: '',
    bodyBytes: 0,
    bodyPreview: '',
    risk: 'secrets-read',
    agent: lease.agent,
    sponsor,
    task: 'slow',
    lease: lease.id,
  }
  const asked = asking(lease, of, newApprovalId(lease.id))
  const intent = { ...asked.intent, question: JSON.stringify(question) } as typeof asked.intent
  return ledger.commit({ ...asked, intent })
}

async function pending(of = digest(), sponsor = 'ada'): Promise<string> {
  const committed = await commit(of, sponsor)
  if (committed.kind !== 'pending') throw new Error(`asked, and got ${committed.kind}`)
  return committed.approval
}

/** As somebody does who looked at it first. */
async function answer(sub: string, id: string, verb = 'approve') {
  const { digest = '0' } = (await broker.as('hana', 'GET', `/v1/approvals/${id}`)).body
  return broker.as(sub, 'POST', `/v1/approvals/${id}/${verb}`, { digest })
}

describe('GET /v1/approvals', () => {
  test('shows what waits to approvers, its own to the agent, nothing to other agents', async () => {
    const id = await pending()
    const seen = async (sub: string) =>
      (await broker.as(sub, 'GET', '/v1/approvals')).body.approvals.map((approval: { id: string }) => approval.id)
    expect(await seen('hana')).toContain(id)
    expect(await seen('web-operator')).toContain(id)
    expect(await seen('triage')).toEqual([])
    expect((await broker.as('triage', 'GET', `/v1/approvals/${id}`)).status).toBe(404)
    const token = await broker.token('web-operator', { sponsor: 'mallory' })
    expect((await broker.call('GET', '/v1/approvals', { token })).body.approvals).toEqual([])
    expect((await broker.call('GET', `/v1/approvals/${id}`, { token })).status).toBe(404)
    expect((await broker.as('hana', 'GET', `/v1/approvals/${id}`)).body).toMatchObject({
      state: 'pending',
      question: { summary: 'get secrets "db" in shop' },
    })
  })
})

describe('POST /v1/approvals/:id/approve', () => {
  let of: string
  let id: string
  beforeEach(async () => {
    of = digest()
    id = await pending(of)
  })

  test('an approver’s yes lets exactly that request pass, once', async () => {
    expect(await answer('hana', id)).toMatchObject({ status: 200, body: { state: 'approved', decidedBy: 'hana' } })
    expect(await commit(digest())).toMatchObject({ kind: 'pending' })
    expect(await commit(of)).toEqual({ kind: 'allowed', approval: id })
    expect(await commit(of)).toMatchObject({ kind: 'pending' })
  })

  test('agents never answer, least of all the one that asked', async () => {
    expect((await answer('web-operator', id)).status).toBe(403)
    expect((await answer('triage', id)).status).toBe(404)
    expect(await commit(of)).toMatchObject({ kind: 'pending' })
  })

  test('who is not an approver does not answer, admin or not', async () => {
    expect((await answer('root', id)).status).toBe(403)
  })

  test.each([
    { name: 'by name', sponsor: 'grace', claims: {} },
    { name: 'in another case', sponsor: 'GRACE', claims: {} },
    { name: 'by mail address', sponsor: 'grace@corp.example', claims: { email: 'Grace@corp.example' } },
  ])('the sponsor does not answer for their own agent, written down $name', async ({ sponsor, claims }) => {
    const own = await pending(digest(), sponsor)
    const token = await broker.token('grace', claims)
    const { digest: seen } = (await broker.as('hana', 'GET', `/v1/approvals/${own}`)).body
    const refused = await broker.call('POST', `/v1/approvals/${own}/approve`, { token, body: { digest: seen } })
    expect(refused).toMatchObject({ status: 403, body: { message: expect.stringContaining('sponsor') } })
    expect((await answer('hana', own)).status).toBe(200)
  })

  test('a yes names the request that was looked at', async () => {
    const post = (body: object) => broker.as('hana', 'POST', `/v1/approvals/${id}/approve`, body)
    expect(await post({})).toMatchObject({ status: 400, body: { message: expect.stringContaining('digest') } })
    expect(await post({ digest: digest() })).toMatchObject({ status: 409 })
    expect(await post({ digest: of.slice(0, 12) })).toMatchObject({ status: 409 })
    expect(await commit(of)).toMatchObject({ kind: 'pending' })
    expect((await post({ digest: of })).status).toBe(200)
  })

  test.each(['question', 'target', 'agent', 'lease', 'members', 'bound'])(
    'an answer that brings its own %s is none: what is done is what was asked',
    async part => {
      const before = (await broker.as('hana', 'GET', `/v1/approvals/${id}`)).body
      const own = part === 'question' ? { ...before.question, target: '/api/v1/namespaces/shop/secrets/root' } : '/root'
      const said = await broker.as('hana', 'POST', `/v1/approvals/${id}/approve`, { digest: of, [part]: own })
      expect(said.status).toBe(400)
      expect(await commit(of)).toMatchObject({ kind: 'pending' })
      expect((await broker.as('hana', 'GET', `/v1/approvals/${id}`)).body.question).toEqual(before.question)
    },
  )

  test('an answer is final', async () => {
    expect((await answer('hana', id, 'reject')).status).toBe(200)
    expect(await answer('grace', id)).toMatchObject({
      status: 409,
      body: { message: expect.stringContaining('rejected') },
    })
    expect(await commit(of)).toMatchObject({ kind: 'rejected' })
  })

  test('of two answers at the same time one counts', async () => {
    const answers = await Promise.all([answer('hana', id), answer('grace', id)])
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409])
  })

  test('a no beside a yes counts, whichever comes first', async () => {
    await Promise.all([answer('hana', id), answer('grace', id, 'reject')])
    expect((await answer('hana', id)).body).toMatchObject({
      message: expect.stringContaining('closed already: rejected'),
    })
  })

  test.each(['apr_x', 'lse_x', '*', '%2e%2e'])('%s is no approval', async odd => {
    expect((await answer('hana', odd)).status).toBe(404)
  })
})

describe('POST /v1/approvals/{approval}/withdraw', () => {
  let of: string
  let id: string
  beforeEach(async () => {
    of = digest()
    id = await pending(of)
  })
  const withdraw = (sub: string, what = id) =>
    broker.as(sub, 'POST', `/v1/approvals/${what}/withdraw`, { reason: 'found another way' })

  test('is for the agent that asked, on behalf of the same sponsor, and for nobody else', async () => {
    for (const sub of ['hana', 'root']) expect((await withdraw(sub)).status).toBe(403)
    expect((await withdraw('triage')).status).toBe(404)
    const token = await broker.token('web-operator', { sponsor: 'mallory' })
    expect((await broker.call('POST', `/v1/approvals/${id}/withdraw`, { token })).status).toBe(404)
    expect(await commit(of)).toMatchObject({ kind: 'pending', approval: id })
    expect(await withdraw('web-operator')).toMatchObject({
      status: 200,
      body: { state: 'withdrawn', decidedBy: 'web-operator', why: 'found another way' },
    })
    expect(await withdraw('web-operator')).toMatchObject({ status: 409 })
  })

  test('ends it for approvers, is no answer, and on record', async () => {
    expect((await withdraw('web-operator')).status).toBe(200)
    const { approvals } = (await broker.as('hana', 'GET', '/v1/approvals')).body
    expect(approvals).not.toContainEqual(expect.objectContaining({ id }))
    expect(await answer('hana', id)).toMatchObject({
      status: 409,
      body: { message: expect.stringContaining('closed already: withdrawn') },
    })
    const next = await commit(of)
    expect(next).toMatchObject({ kind: 'pending' })
    expect(next).not.toMatchObject({ approval: id })
    const key = `${partitionPrefix(partitionOf(id))}journal`
    const items = await broker.link.ask('journal', redis => redis.xrange(key, '-', '+'))
    const events = items.map(([, fields]) => JSON.parse(fields[1] ?? '{}'))
    expect(events).toContainEqual(
      expect.objectContaining({ event: 'withdrawn', approval: id, by: 'web-operator', reason: 'found another way' }),
    )
  })

  test('takes back a yes that was not used, and none that was', async () => {
    expect((await answer('hana', id)).status).toBe(200)
    expect((await withdraw('web-operator')).status).toBe(200)
    const next = await commit(of)
    if (next.kind !== 'pending') throw new Error(`asked anew, and got ${next.kind}`)
    expect((await answer('hana', next.approval)).status).toBe(200)
    expect(await commit(of)).toMatchObject({ kind: 'allowed', approval: next.approval })
    expect(await withdraw('web-operator', next.approval)).toMatchObject({
      status: 409,
      body: { message: expect.stringContaining('closed already: used') },
    })
  })
})
