import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { applying, BatchWorld, type Planned } from './a-batch-world.ts'

let world: BatchWorld
let lease: string
let send: ReturnType<BatchWorld['road']>

beforeAll(async () => {
  world = await BatchWorld.start()
})
afterAll(() => world?.stop())
afterEach(() => world.clear())
beforeEach(async () => {
  // Plans are counted by the minute.
  world.broker.aheadMs += 60_000
  lease = await world.lease()
  send = world.road()
})

let names = 0
const fresh = () => applying(`api-${names++}`)
/** The same verb on one object, another body each time. */
const another = (name: string, at: number) => applying(name, { replicas: 2 + at })

async function refuse(id: string, reason = 'no'): Promise<void> {
  const { digest } = await world.show(id)
  const said = await world.broker.as('hana', 'POST', `/v1/approvals/${id}/reject`, { digest, reason })
  expect(said.body).toMatchObject({ state: 'rejected' })
}

const plan = async (requests: readonly Planned[], under = lease) => (await world.plan(under, requests)).body

test('a no to several requests is a no to each, and the next plan says so', async () => {
  const [one, two] = [fresh(), fresh()]
  const { approval: id } = await plan([one, two])
  await refuse(id, 'not on Fridays')
  for (const each of [one, two])
    expect(await send(lease, each)).toMatchObject({ kind: 'deny', reason: 'approval-rejected', approval: id })
  const body = await plan([two, fresh()])
  expect(body.requests[0]).toMatchObject({ verdict: 'denied', reason: 'approval-rejected', detail: 'not on Fridays' })
  expect(body.approval).toBeNull()
})

test('a no is not walked around by plans: two others about the object are asked about and say so, then none, whatever is planned with it', async () => {
  const name = `api-${names++}`
  const first = (await plan([another(name, 0), fresh()])).approval
  await refuse(first)
  const second = (await plan([fresh(), another(name, 1)])).approval
  const shown = await world.show(second)
  const again = { before: expect.stringMatching(/^apr_/), why: ['refused'] }
  expect(shown).toMatchObject({ again })
  const each = await Promise.all(shown.members.map((id: string) => world.show(id)))
  expect(each).toMatchObject([{ again: null }, { again: shown.again }])
  await refuse(second)
  const third = (await plan([another(name, 2)])).approval
  await refuse(third, 'not this one')
  for (const under of [lease, await world.lease()]) {
    const { requests, approval } = await plan([fresh(), another(name, 3), fresh()], under)
    expect(approval).toBeNull()
    expect(requests).toMatchObject([
      { verdict: 'asks' },
      { verdict: 'denied', reason: 'approval-rejected', detail: 'not this one', approval: expect.any(String) },
      { verdict: 'asks' },
    ])
    expect(requests[1].summary).toContain(name)
  }
  expect(await send(lease, another(name, 4))).toMatchObject({ kind: 'deny', reason: 'approval-rejected' })
})

test('what is planned counts with what is sent by itself, and a yes ends the count', async () => {
  const name = `api-${names++}`
  const sent = async (at: number) => {
    const decision = await send(lease, another(name, at))
    expect(decision).toMatchObject({ kind: 'deny', reason: 'approval-pending' })
    return decision.kind === 'deny' ? (decision.approval ?? '') : ''
  }
  await refuse(await sent(0))
  await refuse(await sent(1))
  const planned = (await plan([another(name, 2)])).approval
  expect(await send(lease, another(name, 3))).toMatchObject({ kind: 'deny', reason: 'approval-rejected' })
  expect((await world.yes(planned)).body).toMatchObject({ state: 'approved' })
  expect((await plan([another(name, 3)])).approval).toMatch(/^apr_/)
})

test('several requests that make objects of one kind follow a no as one', async () => {
  const made = (at: number): Planned => {
    const body = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: `new-${names++}` },
      spec: { replicas: at },
    }
    return {
      method: 'POST',
      target: '/apis/apps/v1/namespaces/shop/deployments',
      contentType: 'application/json',
      body: JSON.stringify(body),
    }
  }
  for (const at of [1, 2, 3]) await refuse((await plan([made(at), made(at), made(at)])).approval)
  const { requests, approval } = await plan([made(4), made(4)])
  expect(approval).toBeNull()
  expect(requests).toMatchObject([{ verdict: 'denied' }, { verdict: 'denied' }])
})

test('several requests are taken back together, those that did not run yet, and each can be asked about again', async () => {
  const [one, two] = [fresh(), fresh()]
  const { approval: id } = await plan([one, two])
  const [ran = '', other = ''] = (await world.show(id)).members
  const withdraw = (what: string) => world.broker.as('web-operator', 'POST', `/v1/approvals/${what}/withdraw`)
  expect(await withdraw(ran)).toMatchObject({ status: 409, body: { message: expect.stringContaining(id) } })
  await world.yes(id)
  expect(await send(lease, one)).toMatchObject({ kind: 'allow' })
  expect((await withdraw(id)).body).toMatchObject({ state: 'withdrawn' })
  expect((await world.show(ran)).state).toBe('used')
  expect((await world.show(other)).state).toBe('withdrawn')
  const anew = await send(lease, two)
  expect(anew).toMatchObject({ kind: 'deny', reason: 'approval-pending' })
  expect(anew).not.toMatchObject({ approval: other })
})
