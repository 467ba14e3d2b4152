import { beforeEach, describe, expect, test } from 'vitest'
import { answer, broker, commit, digest, pending, withAskingBroker } from './an-asking-broker.ts'

withAskingBroker()

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
