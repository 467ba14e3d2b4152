import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { partitionOf } from '../../../src/lease/lease-id.ts'
import type { Policy } from '../../../src/policy/policy.ts'
import { partitionPrefix } from '../../../src/redis/keys.ts'
import { until } from '../../support/until.ts'
import { applying, BatchWorld, type Planned } from '../batches/a-batch-world.ts'

let world: BatchWorld
let policy: Policy
let lease: string
let send: ReturnType<BatchWorld['road']>
let name: string
let names = 0

beforeAll(async () => {
  world = await BatchWorld.start()
  policy = world.broker.policy
})
afterAll(() => world?.stop())
beforeEach(async () => {
  world.broker.policy = policy
  lease = await world.lease()
  send = world.road()
  name = `api-${names++}`
})
afterEach(() => world.clear())

/** Changes a Deployment that is there. */
const patching = (of: string, spec: object = { replicas: 2 }): Planned => ({
  ...applying(of),
  target: applying(of).target.replace('&force=false', ''),
  contentType: 'application/merge-patch+json',
  body: JSON.stringify({ spec }),
})
const scaled = (replicas: number) => patching(name, { replicas })
const keyOf = (id: string) => `${partitionPrefix(partitionOf(id))}approval:${id}`
/** Holds every right on the store. */
const hack = (...[name, ...args]: [string, ...(string | number)[]]) =>
  world.broker.link.ask(name, redis => redis.call(name, ...args))

async function question(planned: Planned, under = lease): Promise<string> {
  const decision = await send(under, planned)
  if (decision.kind !== 'deny' || decision.approval === null) throw new Error(`asked, and got ${decision.kind}`)
  const { approval } = decision
  const sent = `${partitionPrefix(partitionOf(approval))}sent:${approval}`
  await until('what was sent is kept', async () => (await hack('EXISTS', sent)) === 1)
  return approval
}

async function say(id: string, said: object = { forLease: true }) {
  const { digest } = await world.show(id)
  return world.broker.as('hana', 'POST', `/v1/approvals/${id}/approve`, { digest, ...said })
}

async function lasting(): Promise<string> {
  const id = await question(scaled(1))
  expect((await say(id)).body).toMatchObject({ state: 'approved', lasting: expect.stringMatching(/^[0-9a-f]{64}$/) })
  return id
}

describe('a yes until the lease ends', () => {
  test('is for this verb on this object, as often as it is sent and whatever it says, and each use names it', async () => {
    const id = await lasting()
    for (const replicas of [1, 1, 2, 3]) {
      expect(await send(lease, scaled(replicas))).toMatchObject({ kind: 'allow', approval: id })
      expect(await world.road()(lease, scaled(replicas))).toMatchObject({ kind: 'allow', approval: id })
    }
  })

  test.each<{ name: string; other: () => Planned }>([
    { name: 'another object', other: () => patching(`${name}-other`, { replicas: 1 }) },
    {
      name: 'another verb',
      other: () => ({ method: 'DELETE', target: scaled(1).target.split('?')[0] ?? '', contentType: '', body: '' }),
    },
    { name: 'server-side apply of it, which may create it', other: () => applying(name, { replicas: 1 }) },
    {
      name: 'a dry run of it',
      other: () => ({ ...scaled(1), target: `${scaled(1).target}&dryRun=All` }),
    },
    {
      name: 'what is risky for another reason as well',
      other: () => patching(name, { template: { spec: { hostNetwork: true } } }),
    },
  ])('is none to $name', async ({ other }) => {
    const id = await lasting()
    const decision = await send(lease, other())
    expect(decision).toMatchObject({ kind: 'deny', reason: 'approval-pending' })
    expect(decision.kind === 'deny' && decision.approval).not.toBe(id)
  })

  test('is none under another lease, and none once its own has ended', async () => {
    await lasting()
    expect(await send(await world.lease(), scaled(1))).toMatchObject({ kind: 'deny', reason: 'approval-pending' })
    await world.broker.as('root', 'DELETE', `/v1/leases/${lease}`, {})
    expect(await send(lease, scaled(1))).toMatchObject({ kind: 'deny', reason: 'lease-revoked' })
  })

  test('is not used up by a request that somebody says yes to once: that one has the usual time', async () => {
    const id = await question(scaled(5))
    expect((await say(id, {})).body.lasting).toBeUndefined()
    expect(await send(lease, scaled(5))).toMatchObject({ kind: 'allow', approval: id })
    expect((await send(lease, scaled(5))).kind).toBe('deny')
  })

  test('taken back is taken back', async () => {
    const id = await lasting()
    await world.broker.as('hana', 'POST', `/v1/approvals/${id}/reject`, { reason: 'enough' })
    expect(await send(lease, scaled(1))).toMatchObject({ kind: 'deny', reason: 'approval-rejected' })
    expect(await send(lease, scaled(2))).toMatchObject({ kind: 'deny', reason: 'approval-pending' })
  })

  test.each<{ name: string; edit: (policy: Policy) => Policy }>([
    {
      name: 'lets nobody say it any more',
      edit: before => ({
        ...before,
        templates: before.templates.map(one => ({ ...one, approval: { skip: [], require: one.approval.require } })),
      }),
    },
    {
      name: 'asks about more',
      edit: before => ({
        ...before,
        templates: before.templates.map(one => ({
          ...one,
          approval: { ...one.approval, require: [...one.approval.require, 'pods-log'] },
        })),
      }),
    },
    {
      name: 'wants two people',
      edit: before => ({
        ...before,
        templates: before.templates.map(one => ({
          ...one,
          approval: { ...one.approval, quorum: { people: 2, groups: [] } },
        })),
      }),
    },
    {
      name: 'takes the approver’s role away',
      edit: before => ({ ...before, people: before.people.map(one => ({ ...one, roles: ['admin'] as const })) }),
    },
  ])('holds no longer once the policy $name, and the agent can ask anew', async ({ edit }) => {
    const id = await lasting()
    world.broker.policy = edit(policy)
    const decision = await send(lease, scaled(2))
    expect(decision).toMatchObject({ kind: 'deny', reason: 'approval-pending' })
    expect(decision.kind === 'deny' && decision.approval).not.toBe(id)
    world.broker.policy = policy
  })

  test('is said by nobody where the template does not let them, nor to several requests at once, nor to one that may create', async () => {
    const once = await question(scaled(1), await world.lease('deploy-once'))
    expect((await say(once)).status).toBe(403)
    const { approval } = (await world.plan(lease, [scaled(7)])).body
    expect((await say(approval)).status).toBe(403)
    expect((await say(await question(applying(`${name}-new`)))).status).toBe(403)
  })
})

describe('whoever writes to the store', () => {
  test.each<{ name: string; tamper: (id: string, evil: string) => Promise<unknown> }>([
    {
      name: 'shows another question',
      tamper: async id => {
        const shown = JSON.parse(String(await hack('HGET', keyOf(id), 'question')))
        await hack('HSET', keyOf(id), 'question', JSON.stringify({ ...shown, summary: 'patch something small' }))
      },
    },
    {
      name: 'lets the question be about another request',
      tamper: async (id, evil) => {
        for (const field of ['digest'])
          await hack('HSET', keyOf(id), field, String(await hack('HGET', keyOf(evil), field)))
      },
    },
    {
      name: 'puts away what was sent',
      tamper: id => hack('DEL', `${partitionPrefix(partitionOf(id))}sent:${id}`),
    },
  ])('and $name gets no yes that lasts', async ({ tamper }) => {
    const id = await question(scaled(1))
    const evil = await question(patching(`${name}-evil`))
    await tamper(id, evil)
    expect((await say(id)).status).toBe(409)
  })

  test('and points to it from another object or lease lets nothing through', async () => {
    const id = await lasting()
    const { lasting: to } = await world.show(id)
    const other = patching(`${name}-other`)
    const asked = await question(other)
    const prefix = partitionPrefix(partitionOf(id))
    await hack('HSET', keyOf(asked), 'state', 'approved', 'answer', String(await hack('HGET', keyOf(id), 'answer')))
    expect((await send(lease, other)).kind).toBe('deny')
    const second = await world.lease()
    await hack('SET', `${prefix}asked:lasting:${second}:${to}`, id)
    expect((await send(second, scaled(1))).kind).toBe('deny')
    expect((await send(lease, scaled(1))).kind).toBe('allow')
  })

  test('and makes one of a yes that was said once has nothing that lasts', async () => {
    const id = await question(scaled(1))
    await say(id, {})
    const prefix = partitionPrefix(partitionOf(id))
    const model = await question(patching(`${name}-model`))
    await say(model)
    const { lasting: form } = await world.show(model)
    await hack('SET', `${prefix}asked:lasting:${lease}:${form}`, id)
    expect(await send(lease, patching(`${name}-model`, { replicas: 9 }))).toMatchObject({ kind: 'deny' })
  })
})
