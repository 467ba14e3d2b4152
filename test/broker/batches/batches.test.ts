import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { ClusterView } from '../../../src/approval/plan/look/cluster-view.ts'
import { RedisApprovalStore } from '../../../src/approval/redis-approval-store.ts'
import { RedisSentStore } from '../../../src/approval/sent/redis-sent-store.ts'
import { leaseSigner } from '../../../src/broker/leases/lease-signer.ts'
import { ClusterPlanner } from '../../../src/broker/plan/cluster-planner.ts'
import { noPlanner } from '../../../src/broker/plan/planner.ts'
import { partitionOf } from '../../../src/lease/lease-id.ts'
import { RedisLeaseStore } from '../../../src/lease/redis/redis-lease-store.ts'
import { partitionPrefix } from '../../../src/redis/keys.ts'
import { until } from '../../support/until.ts'
import { applying, BatchWorld, type Planned, settings } from './a-batch-world.ts'

let world: BatchWorld
let lease: string
let send: (lease: string, planned: Planned) => Promise<{ readonly kind: string; readonly approval?: string | null }>

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
/** Of objects that no other test knows: a no is said to an object. */
const fresh = () => applying(`web-${names++}`)

async function asked(requests: readonly Planned[]): Promise<string> {
  const { status, body } = await world.plan(lease, requests)
  expect({ status, approval: body.approval }).toEqual({ status: 200, approval: expect.stringMatching(/^apr_/) })
  return body.approval
}

describe('POST /v1/leases/:id/plan', () => {
  test('asks one question for all that wants a yes, and none for what passes by itself', async () => {
    const [one, two] = [fresh(), fresh()]
    const { body } = await world.plan(lease, [one, settings('c'), two])
    expect(body.requests.map(({ verdict }: { verdict: string }) => verdict)).toEqual(['asks', 'allowed', 'asks'])
    const listed = (await world.broker.as('hana', 'GET', '/v1/approvals')).body.approvals
    const mine = listed.filter((each: { lease: string }) => each.lease === lease)
    expect(mine.map(({ id }: { id: string }) => id)).toEqual([body.approval])
    expect(await send(lease, settings('c'))).toMatchObject({ kind: 'allow' })
  })

  test('says what is denied, with its reason, before anybody is asked about the rest', async () => {
    const elsewhere = { ...fresh(), target: fresh().target.replace('/shop/', '/bank/') }
    const { status, body } = await world.plan(lease, [fresh(), elsewhere])
    expect(status).toBe(200)
    expect(body).toMatchObject({ approval: null, requests: [{ verdict: 'asks' }, { verdict: 'denied' }] })
    expect(body.requests[1]).toMatchObject({ reason: 'out-of-scope', detail: expect.stringContaining('bank') })
    expect((await world.broker.as('web-operator', 'GET', '/v1/approvals')).body.approvals).not.toContainEqual(
      expect.objectContaining({ lease }),
    )
  })

  test.each<{ name: string; requests: () => readonly Planned[] }>([
    { name: 'what changes nothing', requests: () => [{ ...fresh(), method: 'GET', contentType: '', body: '' }] },
    {
      name: 'a session',
      requests: () => [
        { method: 'POST', target: '/api/v1/namespaces/shop/pods/web-0/exec?command=sh', contentType: '', body: '' },
      ],
    },
    {
      name: 'one object twice',
      requests: () => {
        const one = fresh()
        return [one, { ...one, body: one.body.replace('2', '3') }]
      },
    },
    { name: 'a path that two could read differently', requests: () => [{ ...fresh(), target: '/apis/apps/v1/../v1' }] },
    { name: 'a body that cannot be read', requests: () => [{ ...fresh(), body: '{' }] },
  ])('asks nobody about $name', async ({ requests }) => {
    const { body } = await world.plan(lease, requests())
    expect(body.approval).toBeNull()
    expect(body.requests.at(-1)).toMatchObject({ verdict: 'denied', detail: expect.stringMatching(/./) })
  })

  test('is the same question when the same is planned again, and no new one for what waits or has its yes', async () => {
    const [one, two, three] = [fresh(), fresh(), fresh()]
    const id = await asked([one, two])
    const again = await world.plan(lease, [one, two])
    expect(again.body).toMatchObject({
      requests: [{ verdict: 'pending', approval: id }, { approval: id }],
      approval: null,
    })
    const more = await world.plan(lease, [one, three])
    expect(more.body.requests).toMatchObject([{ verdict: 'pending', approval: id }, { verdict: 'asks' }])
    expect((await world.yes(id)).status).toBe(200)
    expect((await world.plan(lease, [two])).body.requests).toMatchObject([{ verdict: 'approved', approval: id }])
  })

  test('is for whoever holds the lease, and for nobody else', async () => {
    expect((await world.plan(lease, [fresh()], 'triage')).status).toBe(404)
    expect((await world.plan(lease, [fresh()], 'hana')).status).toBe(403)
  })

  test('takes no more than somebody reads at once', async () => {
    expect((await world.plan(lease, Array.from({ length: 51 }, fresh))).status).toBe(400)
    const long = () => applying(`web-${names++}`, { note: 'x'.repeat(60_000) })
    expect((await world.plan(lease, Array.from({ length: 14 }, long))).status).toBe(413)
  })
})

describe('one yes to several requests', () => {
  test('lets each pass once, exactly as it was planned', async () => {
    const requests = [fresh(), fresh(), fresh()]
    const id = await asked(requests)
    expect(await send(lease, requests[0] as Planned)).toMatchObject({ kind: 'deny', approval: id })
    expect((await world.yes(id)).body).toMatchObject({ state: 'approved', decidedBy: 'hana' })
    const used = []
    for (const one of requests.toReversed()) {
      const decision = await send(lease, one)
      expect(decision).toMatchObject({ kind: 'allow', approval: expect.stringMatching(/^apr_/) })
      used.push(decision.approval)
    }
    expect(new Set([...used, id]).size).toBe(4)
    for (const one of requests) expect(await send(lease, one)).toMatchObject({ kind: 'deny' })
  })

  test.each<{ name: string; other: (one: Planned) => Planned }>([
    { name: 'another body', other: one => ({ ...one, body: one.body.replace('"replicas":2', '"replicas":3') }) },
    { name: 'another content type', other: one => ({ ...one, contentType: 'application/merge-patch+json' }) },
    { name: 'force', other: one => ({ ...one, target: one.target.replace('force=false', 'force=true') }) },
    { name: 'another object', other: one => ({ ...one, target: one.target.replace('/web-', '/other-') }) },
  ])('is none to $name', async ({ other }) => {
    const one = fresh()
    const id = await asked([one, fresh()])
    expect((await world.yes(id)).status).toBe(200)
    expect(await send(lease, other(one))).toMatchObject({ kind: 'deny' })
    expect(await send(lease, one)).toMatchObject({ kind: 'allow' })
  })

  test('is none under another lease', async () => {
    const one = fresh()
    await world.yes(await asked([one]))
    expect(await send(await world.lease(), one)).toMatchObject({ kind: 'deny', reason: 'approval-pending' })
  })

  test('shows each request with all that is bound, and is said to what was shown', async () => {
    const [one, two] = [fresh(), applying(`web-${names++}`, { template: { spec: { hostNetwork: true } } })]
    const id = await asked([one, two])
    const shown = await world.show(id)
    expect(shown.question.facts).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^\(1\) patch deployments\.apps "web-\d+" in shop$/),
        expect.stringMatching(
          /^\(1\) exactly PATCH \/apis\/apps.* bytes of application\/apply-patch\+yaml, sha256 [0-9a-f]{64}$/,
        ),
        '(1) spec.replicas = 2',
        '! (2) spec.template.spec.hostNetwork = true',
      ]),
    )
    expect(shown.requests.map((each: { question: { bodyPreview: string } }) => each.question.bodyPreview)).toEqual([
      one.body,
      two.body,
    ])
    const wrong = { digest: '0'.repeat(64), plan: null }
    expect((await world.broker.as('hana', 'POST', `/v1/approvals/${id}/approve`, wrong)).status).toBe(409)
  })

  test('is not said to one of them alone', async () => {
    const id = await asked([fresh(), fresh()])
    const [member] = (await world.show(id)).requests
    expect(await world.yes(member.id)).toMatchObject({ status: 409, body: { message: expect.stringContaining(id) } })
  })

  test('is said by nobody who may not', async () => {
    const id = await asked([fresh(), fresh()])
    for (const who of ['web-operator', 'root']) expect((await world.yes(id, who)).status).toBe(403)
  })

  test('taken back is taken back from all that did not run', async () => {
    const [one, two] = [fresh(), fresh()]
    const id = await asked([one, two])
    await world.yes(id)
    expect(await send(lease, one)).toMatchObject({ kind: 'allow' })
    const { digest } = await world.show(id)
    const no = { digest, reason: 'stop' }
    expect((await world.broker.as('hana', 'POST', `/v1/approvals/${id}/reject`, no)).body.state).toBe('rejected')
    expect(await send(lease, two)).toMatchObject({ kind: 'deny', reason: 'approval-rejected', detail: `${id}: stop` })
  })
})

describe('several people', () => {
  test('each say yes to all of it, and only then does any of it pass', async () => {
    const both = await world.lease('deploy-both')
    const [one, two] = [fresh(), fresh()]
    const id = (await world.plan(both, [one, two])).body.approval
    expect((await world.yes(id)).body).toMatchObject({ state: 'pending', yeses: [{ by: 'hana' }] })
    for (const each of [one, two]) expect(await send(both, each)).toMatchObject({ kind: 'deny', approval: id })
    expect((await world.yes(id)).status).toBe(403)
    expect((await world.yes(id, 'grace')).body).toMatchObject({ state: 'approved', decidedBy: 'hana, grace' })
    for (const each of [one, two]) {
      expect(await send(both, each)).toMatchObject({ kind: 'allow' })
      expect((await send(both, each)).kind).toBe('deny')
    }
  })
})

describe('the plan of several requests', () => {
  let replicas: number
  let version: number
  /** As many as there are, and what a dry run makes of them. */
  const found = (count: number) =>
    ({
      kind: 'found',
      value: { metadata: { name: 'x', uid: 'u', resourceVersion: String(version) }, spec: { replicas: count } },
    }) as const
  const view: ClusterView = {
    get: async target => (target.includes('apiservices') ? { kind: 'found', value: { spec: {} } } : found(replicas)),
    getAs: async () => found(replicas),
    dryRunAs: async () => found(2),
  }
  beforeEach(() => {
    replicas = 1
    version = 10
    const { broker } = world
    const keys = { signingKey: () => broker.keys.signing, verifyKeys: () => broker.keys.verify }
    broker.planner = new ClusterPlanner({
      store: new RedisSentStore(broker.link),
      approvals: new RedisApprovalStore(broker.link),
      leases: new RedisLeaseStore(broker.link),
      signer: leaseSigner({ ...keys, tokenTtlMs: 300_000 }),
      policy: () => broker.policy,
      view,
      sessions: 'unknown',
      boxKey: () => ({ kid: broker.keys.signing.kid, key: broker.keys.signing.box }),
      clock: Date.now,
      log: { warn: () => undefined },
    })
  })
  afterEach(() => {
    world.broker.planner = noPlanner('there is no cluster here')
  })

  /** With the plan of each. */
  async function planned(id: string) {
    let shown = await world.show(id)
    await until('there is a plan of all of it', async () => {
      shown = await world.show(id)
      return shown.plan?.changes.length === 2
    })
    return shown
  }

  test('is that of each, by number, and nothing of it is for the agent', async () => {
    const id = await asked([fresh(), fresh()])
    const { plan } = await planned(id)
    expect(plan.changes).toEqual([
      { path: '(1) spec.replicas', kind: 'changed', before: '1', after: '2' },
      { path: '(2) spec.replicas', kind: 'changed', before: '1', after: '2' },
    ])
    expect((await world.show(id, 'web-operator')).plan).toBeNull()
  })

  test('is what the yes is to: each is bound to the state that it had, and where one has changed there is a yes to none', async () => {
    const [one, two] = [fresh(), fresh()]
    const id = await asked([one, two])
    const { digest, plan } = await planned(id)
    replicas = 5
    version = 11
    const said = { digest, plan: plan.madeAt }
    expect((await world.broker.as('hana', 'POST', `/v1/approvals/${id}/approve`, said)).status).toBe(409)
    expect((await send(lease, one)).kind).toBe('deny')
    const anew = (await planned(id)).plan
    expect(anew.changes[0]).toMatchObject({ before: '5' })
    expect((await world.yes(id)).body.state).toBe('approved')
    for (const each of [one, two]) expect(await send(lease, each)).toMatchObject({ kind: 'allow', bound: 'u@11' })
  })

  test.each([0, 1])('is gone where that of one of them is taken away: there is no yes to it', async taken => {
    const id = await asked([fresh(), fresh()])
    const { digest, plan, requests } = await planned(id)
    const member: string = requests[taken].id
    const prefix = partitionPrefix(partitionOf(member))
    await world.broker.link.ask('taken', redis => redis.del(`${prefix}plan:${member}`, `${prefix}sent:${member}`))
    const yes = world.broker.as('hana', 'POST', `/v1/approvals/${id}/approve`, { digest, plan: plan.madeAt })
    expect((await yes).status).toBe(409)
  })
})
