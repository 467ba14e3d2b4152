import { beforeEach, describe, expect, test } from 'vitest'
import { partitionOf } from '../../../src/lease/lease-id.ts'
import { partitionPrefix } from '../../../src/redis/keys.ts'
import { answer, broker, commit, digest, pending, withAskingBroker } from './an-asking-broker.ts'

withAskingBroker()

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
