import { describe, expect, test } from 'vitest'
import { sentKeeper } from '../../../src/approval/sent/keep-sent.ts'
import { noPlanner } from '../../../src/broker/plan/planner.ts'
import { partitionOf } from '../../../src/lease/lease-id.ts'
import { ONE, type Quorum } from '../../../src/lease/questions/quorum.ts'
import type { TaskTemplate } from '../../../src/policy/policy.ts'
import { partitionPrefix } from '../../../src/redis/keys.ts'
import { until } from '../../support/until.ts'
import { broker, cluster, deletion, question, sent, show, stored, tried, yes } from './the-planning-broker.ts'

/** Of what `GET /v1/approvals` lists. */
interface Waiting {
  readonly id: string
  readonly digest: string
}

describe('a question', () => {
  test.each<{ people: string; quorum: Quorum }>([
    { people: 'any one approver', quorum: ONE },
    { people: 'two people', quorum: { people: 2, groups: [] } },
    { people: 'one of a group', quorum: { people: 1, groups: [['oncall']] } },
  ])('to $people has a plan soon after it was asked, without anybody looking at it', async ({ quorum }) => {
    const { id, at } = await question(undefined, quorum)
    await until('its plan is kept', async () => (await stored(at, id)) !== null)
    const { plan, planProblem } = await show(id)
    expect(planProblem).toBe('')
    expect(plan).toMatchObject({ kind: 'write', object: { uid: 'u1', resourceVersion: '10' } })
    expect(plan.changes).toEqual([
      { path: 'spec.image', kind: 'changed', before: 'web:1', after: expect.stringMatching(/^web:2/) },
    ])
  })

  test('with a yes what it would make another is on record beside it', async () => {
    const { id, digest } = await question()
    await until('there is a plan', async () => (await show(id)).plan !== null)
    const { plan } = await show(id)
    expect((await yes(id, { digest, plan: plan.madeAt })).status).toBe(200)
    const streams = await broker.link.ask('keys', redis => redis.keys('*journal*'))
    const items = await broker.link.ask('journal', async redis =>
      Promise.all(streams.map(stream => redis.xrange(stream, '-', '+').catch(() => []))),
    )
    const entries = items.flat().flatMap(([, fields]) => fields.filter(field => field.includes(id)))
    const said = entries.map(entry => JSON.parse(entry)).find(entry => entry.event === 'approved')
    expect(said?.changes).toEqual({
      fields: [{ path: 'spec.image', kind: 'changed', before: 'web:1', after: expect.stringMatching(/^web:2/) }],
      more: 0,
    })
  })

  test('has none for the agent, which knows what it asked', async () => {
    const { id } = await question()
    await until('there is one', async () => (await show(id)).plan !== null)
    expect(await show(id, 'web-operator')).toMatchObject({ plan: null, planProblem: '' })
  })

  test('stands without one, and says why there is none', async () => {
    cluster.isDown = true
    const { id, digest, commit } = await question()
    expect(await show(id)).toMatchObject({ plan: null, planProblem: expect.stringContaining('could not be asked') })
    expect((await yes(id, { digest })).status).toBe(200)
    expect(await commit()).toEqual({ kind: 'allowed', approval: id })
  })

  test("is tried with what both the lease and today's policy grant, and says of what is refused by now that it is", async () => {
    // Questions are counted by the minute: one that waits will do.
    const [{ id, digest }] = (await broker.as('hana', 'GET', '/v1/approvals')).body.approvals
    const { policy } = broker
    const today = async (given: Partial<TaskTemplate>) => {
      broker.policy = { ...policy, templates: policy.templates.map(template => ({ ...template, ...given })) }
      await broker.link.ask('lost', redis => redis.del(`${partitionPrefix(partitionOf(id))}plan:${id}`))
    }
    await today({ rules: [] })
    expect(await show(id)).toMatchObject({
      plan: null,
      planProblem: expect.stringMatching(/today's policy refuses it/),
    })
    tried.length = 0
    await today({ serviceAccounts: ['api', 'later'] })
    const { plan } = await show(id)
    expect(plan).toMatchObject({ kind: 'write' })
    expect(tried.map(({ granted }) => granted)).toEqual(['account:api approved', 'account:api approved'])
    broker.policy = policy
    expect((await yes(id, { digest, plan: plan.madeAt })).status).toBe(200)
  })

  test('of a broker that may look at nothing says so', async () => {
    const before = broker.planner
    broker.planner = noPlanner('there is no account')
    const { id } = await question()
    expect(await show(id)).toMatchObject({ plan: null, planProblem: 'there is no account' })
    broker.planner = before
  })
})

describe('what was sent', () => {
  test('lies in the store closed: whoever reads the store reads no body', async () => {
    const { kept } = await question('a-secret-image')
    const box = (await kept()) ?? ''
    expect(box).not.toContain('a-secret-image')
    for (const text of box.split('"'))
      expect(Buffer.from(text, 'base64url').toString('latin1')).not.toContain('a-secret-image')
  })

  test('cannot be exchanged for another request, nor moved to another question', async () => {
    cluster.isDown = true
    const [one, other] = [await question(), await question()]
    await until(
      'both were tried',
      async () => (await broker.link.ask('left', redis => redis.zcard(`${one.at}unplanned`))) === 0,
    )
    for (const { id } of [one, other]) expect((await show(id)).plan).toBeNull()
    cluster.isDown = false
    await broker.link.ask('swap', redis => redis.set(`${one.at}sent:${one.id}`, 'x'))
    expect((await show(one.id)).planProblem).toMatch(/cannot be read/)
    const theirs = (await other.kept()) ?? ''
    await broker.link.ask('swap', redis => redis.set(`${one.at}sent:${one.id}`, theirs))
    expect((await show(one.id)).planProblem).toMatch(/cannot be read/)
    const keep = sentKeeper({
      store: sent,
      keys: () => broker.keys.verify,
      now: Date.now,
      keepMs: 60_000,
      onFailure: () => undefined,
    })
    keep(one.id, other.http)
    await until('it is another request', async () => /another request/.test((await show(one.id)).planProblem))
  })
})

describe('a plan', () => {
  test('lies in the store closed: whoever reads the store learns nothing of the cluster', async () => {
    cluster.there = { uid: 'u1', resourceVersion: '10', image: 'what-is-there-now', ready: 2 }
    const { id, at } = await question()
    await until('it is kept', async () => (await stored(at, id)) !== null)
    expect(JSON.stringify((await show(id)).plan)).toContain('what-is-there-now')
    for (const text of ((await stored(at, id)) ?? '').split(/[".]/))
      expect(`${text} ${Buffer.from(text, 'base64url').toString('latin1')}`).not.toContain('what-is-there-now')
  })

  test('of another question, or signed by nobody, is not shown', async () => {
    const [one, other] = [await question(), await question()]
    await until(
      'both have one',
      async () => (await stored(one.at, one.id)) !== null && (await stored(other.at, other.id)) !== null,
    )
    cluster.isDown = true
    const theirs = (await stored(other.at, other.id)) ?? ''
    for (const swapped of [theirs, `${theirs.slice(0, -4)}AAAA`, '{}']) {
      await broker.link.ask('swap', redis => redis.set(`${one.at}plan:${one.id}`, swapped))
      expect((await show(one.id)).plan).toBeNull()
    }
  })
})

describe('a yes', () => {
  test('is for what is there, in the version that it has then', async () => {
    const { id, digest, commit } = await question()
    const { plan } = await show(id)
    expect((await yes(id, { digest, plan: plan.madeAt })).status).toBe(200)
    expect(await commit()).toEqual({ kind: 'allowed', approval: id, bound: 'u1@10' })
  })

  test('is none when the object was changed since the plan: there is a new plan, and a yes to that one counts', async () => {
    const { id, digest, commit } = await question()
    const seen = (await show(id)).plan
    cluster.there = { uid: 'u1', resourceVersion: '11', image: 'web:0', ready: 2 }
    expect(await yes(id, { digest, plan: seen.madeAt })).toMatchObject({
      status: 409,
      body: { message: expect.stringContaining('has changed since the plan was made (spec.image)') },
    })
    expect(await commit()).toMatchObject({ kind: 'pending' })
    const anew = (await show(id)).plan
    expect(anew.changes[0]).toMatchObject({ before: 'web:0' })
    expect(await yes(id, { digest, plan: seen.madeAt })).toMatchObject({ status: 409 })
    expect((await yes(id, { digest, plan: anew.madeAt })).status).toBe(200)
    expect(await commit()).toMatchObject({ kind: 'allowed', bound: 'u1@11' })
  })

  test('is none when it was made anew under the same name', async () => {
    const { id, digest } = await question()
    const { plan } = await show(id)
    cluster.there = { uid: 'u2', resourceVersion: '10', image: 'web:1', ready: 2 }
    expect(await yes(id, { digest, plan: plan.madeAt })).toMatchObject({ status: 409 })
  })

  test('still counts when a controller alone wrote its status, and is for the version of that moment', async () => {
    const { id, digest, commit } = await question()
    const { plan } = await show(id)
    cluster.there = { uid: 'u1', resourceVersion: '15', image: 'web:1', ready: 1 }
    expect((await yes(id, { digest, plan: plan.madeAt })).status).toBe(200)
    expect(await commit()).toMatchObject({ kind: 'allowed', bound: 'u1@15' })
  })

  test('is none to what a webhook draws anew each time, also when nobody can look again', async () => {
    cluster.draws = true
    // Questions are counted by the minute: one that waits will do, and its plan is made anew.
    const waits: readonly Waiting[] = (await broker.as('hana', 'GET', '/v1/approvals')).body.approvals
    const madeAnew = async ({ id }: Waiting) => {
      await broker.link.ask('lost', redis => redis.del(`${partitionPrefix(partitionOf(id))}plan:${id}`))
      return (await show(id)).plan
    }
    const plans = await Promise.all(waits.map(madeAnew))
    const at = plans.findIndex(plan => plan?.refusal !== undefined)
    const { id, digest } = waits[at] ?? { id: '', digest: '' }
    expect(plans[at]?.refusal).toContain('spec.image')
    cluster.isDown = true
    expect(await yes(id, { digest })).toMatchObject({
      status: 409,
      body: { message: expect.stringContaining('nobody can say yes to it') },
    })
  })

  test('is for what the plan saw when nobody can look again', async () => {
    const { id, digest, commit } = await question()
    const { plan } = await show(id)
    cluster.isDown = true
    expect((await yes(id, { digest, plan: plan.madeAt })).status).toBe(200)
    expect(await commit()).toMatchObject({ kind: 'allowed', bound: 'u1@10' })
  })

  test('that the API server could not compare with anything is none when nobody can look again', async () => {
    cluster.there = { uid: '', resourceVersion: '', image: 'web:1', ready: 2 }
    const { id, digest } = await question()
    const { plan } = await show(id)
    cluster.isDown = true
    expect(await yes(id, { digest, plan: plan.madeAt })).toMatchObject({ status: 409 })
    cluster.isDown = false
    expect((await yes(id, { digest, plan: plan.madeAt })).status).toBe(200)
  })

  test('to the delete of many is bound to each, and of more than it can name nobody can give one', async () => {
    cluster.pods = 100
    const { id, digest, commit } = await deletion()
    const { plan } = await show(id)
    expect((await yes(id, { digest, plan: plan.madeAt })).status).toBe(200)
    const committed = await commit()
    expect(committed).toMatchObject({ kind: 'allowed' })
    expect('bound' in committed && committed.bound?.split(' ')).toHaveLength(100)
    cluster.pods = 257
    const more = await deletion()
    const shown = (await show(more.id)).plan
    for (const seen of [{ plan: shown.madeAt }, {}])
      expect(await yes(more.id, { digest: more.digest, ...seen })).toMatchObject({
        status: 409,
        body: { message: expect.stringContaining('256 at most') },
      })
    expect(await show(more.id, 'web-operator')).toMatchObject({ planProblem: expect.stringMatching(/256 at most/) })
    expect(await more.commit()).toMatchObject({ kind: 'pending' })
    expect((await broker.as('hana', 'POST', `/v1/approvals/${more.id}/reject`, {})).status).toBe(200)
  })

  test('to a plan is none once that plan is gone and there is no other: whoever saw it sees that first', async () => {
    const { id, digest, at } = await question()
    const { plan } = await show(id)
    cluster.isDown = true
    await broker.link.ask('lost', redis => redis.del(`${at}plan:${id}`))
    expect(await yes(id, { digest, plan: plan.madeAt })).toMatchObject({
      status: 409,
      body: { message: expect.stringContaining('the plan that was shown is gone') },
    })
    expect((await show(id)).plan).toBeNull()
    expect((await yes(id, { digest })).status).toBe(200)
  })
})

test('a page waits for no plans of others: agents ask as many as they like at an API server that is slow', async () => {
  cluster.isStuck = true
  const many = await Promise.all(Array.from({ length: 8 }, () => question()))
  const from = performance.now()
  const shown = await Promise.all(many.map(({ id }) => show(id)))
  // One turn is 8 s; those that wait for others have had theirs then.
  expect(performance.now() - from).toBeLessThan(14_000)
  for (const { planProblem } of shown) expect(planProblem).toMatch(/could not be asked in time/)
  cluster.isStuck = false
})
