import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ask } from '../../../src/approval/ask.ts'
import type { ClusterView } from '../../../src/approval/plan/look/cluster-view.ts'
import { RedisApprovalStore } from '../../../src/approval/redis-approval-store.ts'
import { sentKeeper } from '../../../src/approval/sent/keep-sent.ts'
import { RedisSentStore } from '../../../src/approval/sent/redis-sent-store.ts'
import { answerVerifier } from '../../../src/approval/verify-answer.ts'
import { leaseSigner } from '../../../src/broker/leases/lease-signer.ts'
import { ClusterPlanner } from '../../../src/broker/plan/cluster-planner.ts'
import { keepPlanning } from '../../../src/broker/plan/keep-planning.ts'
import { noPlanner } from '../../../src/broker/plan/planner.ts'
import { openContract } from '../../../src/identity/token/contract.ts'
import type { Lease } from '../../../src/lease/lease.ts'
import { newApprovalId, partitionOf } from '../../../src/lease/lease-id.ts'
import type { Committed } from '../../../src/lease/lease-store.ts'
import { ONE, type Quorum } from '../../../src/lease/questions/quorum.ts'
import { RedisLeaseLedger } from '../../../src/lease/redis/redis-lease-ledger.ts'
import { RedisLeaseStore } from '../../../src/lease/redis/redis-lease-store.ts'
import { revisionFor } from '../../../src/policy/revision-for.ts'
import { maskText } from '../../../src/record/mask/mask-text.ts'
import type { RedisLink } from '../../../src/redis/connect-redis.ts'
import { partitionPrefix } from '../../../src/redis/keys.ts'
import { asking } from '../../lease/a-lease.ts'
import { anHttpRequest, read } from '../../request/a-http-request.ts'
import { until } from '../../support/until.ts'
import { TestBroker } from '../test-broker.ts'

let broker: TestBroker
let lease: Lease
let ledger: RedisLeaseLedger
let sent: RedisSentStore
let stopping: AbortController
/** Patient, for a machine that does other things. */
let link: RedisLink

/** What is in the cluster: one Deployment. */
let there: { uid: string; resourceVersion: string; image: string; ready: number } | null
let isDown = false
let isStuck = false
const object = (image: string) => ({
  metadata: { name: 'web', uid: there?.uid, resourceVersion: there?.resourceVersion },
  spec: { image },
  status: { ready: there?.ready },
})
const looked = async (image: string) => {
  if (isDown) throw new Error('nobody answers')
  if (isStuck) return new Promise<never>(() => undefined)
  return there === null ? ({ kind: 'absent' } as const) : ({ kind: 'found', value: object(image) } as const)
}
const view: ClusterView = {
  get: target =>
    target.includes('apiservices')
      ? Promise.resolve({ kind: 'found', value: { spec: {} } })
      : looked(there?.image ?? ''),
  getAs: () => looked(there?.image ?? ''),
  dryRunAs: () => looked('web:2'),
}

beforeAll(async () => {
  broker = await TestBroker.start()
  const wish = { template: 'restart-web', reason: 'slow', namespaces: ['shop'], ttl: '1h' }
  const { id } = (await broker.as('web-operator', 'POST', '/v1/leases', wish)).body
  const leases = new RedisLeaseStore(broker.link)
  const record = await leases.find(id, Date.now())
  lease = (await openContract(record?.contract ?? '', broker.keys.verify)) as Lease
  const verifyAnswer = answerVerifier({ keys: () => broker.keys.verify, useMs: 300_000, isApprover: () => true })
  ledger = new RedisLeaseLedger(broker.link, { verifyAnswer })
  link = await broker.valkey.connected({ deadlineMs: 5000 })
  sent = new RedisSentStore(link)
  const keys = { signingKey: () => broker.keys.signing, verifyKeys: () => broker.keys.verify }
  const planner = new ClusterPlanner({
    store: sent,
    approvals: new RedisApprovalStore(broker.link),
    leases,
    signer: leaseSigner({ ...keys, tokenTtlMs: 300_000 }),
    policy: () => broker.policy,
    view,
    boxKey: () => ({ kid: broker.keys.signing.kid, key: broker.keys.signing.box }),
    clock: Date.now,
    log: { warn: () => undefined },
  })
  broker.planner = planner
  stopping = new AbortController()
  void keepPlanning({ store: sent, planner, onFailure: () => undefined }, stopping.signal)
})
afterAll(async () => {
  stopping?.abort()
  link?.close()
  await broker?.stop()
})

beforeEach(() => {
  isDown = false
  isStuck = false
  there = { uid: 'u1', resourceVersion: '10', image: 'web:1', ready: 2 }
})

let asks = 0

/** As the authorizer asks, and asks again; each time about another image, so that it is another question. */
async function question(marker = `web:2-${asks++}`, quorum: Quorum = ONE) {
  const target = '/apis/apps/v1/namespaces/shop/deployments/web'
  const headers = [['content-type', 'application/merge-patch+json']] as const
  const body = Buffer.from(JSON.stringify({ spec: { image: marker } }))
  const http = anHttpRequest({ method: 'PATCH', target, headers, body })
  const request = read(`PATCH ${target}`, { headers, body })
  const risk = { id: 'workload-code', tier: 'high', why: 'changes what runs in pods' } as const
  const policyRevision = revisionFor(broker.policy, lease)
  const made = ask({
    request,
    body,
    lease,
    policyRevision,
    risk,
    quorum,
    mask: text => maskText(text, broker.policy.mask),
  })
  if (made.kind !== 'ask') throw new Error(made.why)
  const { kind: _, ...asked } = made
  const commit = (): Promise<Committed> => {
    const proposed = asking(lease, made.digest, newApprovalId(lease.id))
    return ledger.commit({ ...proposed, intent: { ...proposed.intent, ...asked } as typeof proposed.intent })
  }
  const pending = await commit()
  if (pending.kind !== 'pending') throw new Error(`asked, and got ${pending.kind}`)
  const id = pending.approval
  const keep = sentKeeper({
    store: sent,
    keys: () => broker.keys.verify,
    now: Date.now,
    keepMs: 60_000,
    onFailure: (_, error) => {
      throw error
    },
  })
  keep(id, http)
  const at = partitionPrefix(partitionOf(id))
  const kept = () => broker.link.ask('kept', redis => redis.get(`${at}sent:${id}`))
  await until('it is kept', async () => (await kept()) !== null)
  return { id, digest: made.digest, commit, http, at, kept }
}

const show = async (id: string, who = 'hana') => (await broker.as(who, 'GET', `/v1/approvals/${id}`)).body
const yes = (id: string, body: object) => broker.as('hana', 'POST', `/v1/approvals/${id}/approve`, body)
const stored = (at: string, id: string) => broker.link.ask('plan', redis => redis.get(`${at}plan:${id}`))

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
    isDown = true
    const { id, digest, commit } = await question()
    expect(await show(id)).toMatchObject({ plan: null, planProblem: expect.stringContaining('could not be asked') })
    expect((await yes(id, { digest })).status).toBe(200)
    expect(await commit()).toEqual({ kind: 'allowed', approval: id })
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
    isDown = true
    const [one, other] = [await question(), await question()]
    await until(
      'both were tried',
      async () => (await broker.link.ask('left', redis => redis.zcard(`${one.at}unplanned`))) === 0,
    )
    for (const { id } of [one, other]) expect((await show(id)).plan).toBeNull()
    isDown = false
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
    there = { uid: 'u1', resourceVersion: '10', image: 'what-is-there-now', ready: 2 }
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
    isDown = true
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
    there = { uid: 'u1', resourceVersion: '11', image: 'web:0', ready: 2 }
    expect(await yes(id, { digest, plan: seen.madeAt })).toMatchObject({
      status: 409,
      body: { message: expect.stringContaining('has changed since the plan was made') },
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
    there = { uid: 'u2', resourceVersion: '10', image: 'web:1', ready: 2 }
    expect(await yes(id, { digest, plan: plan.madeAt })).toMatchObject({ status: 409 })
  })

  test('still counts when a controller alone wrote its status, and is for the version of that moment', async () => {
    const { id, digest, commit } = await question()
    const { plan } = await show(id)
    there = { uid: 'u1', resourceVersion: '15', image: 'web:1', ready: 1 }
    expect((await yes(id, { digest, plan: plan.madeAt })).status).toBe(200)
    expect(await commit()).toMatchObject({ kind: 'allowed', bound: 'u1@15' })
  })

  test('is for what the plan saw when nobody can look again', async () => {
    const { id, digest, commit } = await question()
    const { plan } = await show(id)
    isDown = true
    expect((await yes(id, { digest, plan: plan.madeAt })).status).toBe(200)
    expect(await commit()).toMatchObject({ kind: 'allowed', bound: 'u1@10' })
  })

  test('that the API server could not compare with anything is none when nobody can look again', async () => {
    there = { uid: '', resourceVersion: '', image: 'web:1', ready: 2 }
    const { id, digest } = await question()
    const { plan } = await show(id)
    isDown = true
    expect(await yes(id, { digest, plan: plan.madeAt })).toMatchObject({ status: 409 })
    isDown = false
    expect((await yes(id, { digest, plan: plan.madeAt })).status).toBe(200)
  })

  test('to a plan is none once that plan is gone and there is no other: whoever saw it sees that first', async () => {
    const { id, digest, at } = await question()
    const { plan } = await show(id)
    isDown = true
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
  isStuck = true
  const many = await Promise.all(Array.from({ length: 8 }, () => question()))
  const from = performance.now()
  const shown = await Promise.all(many.map(({ id }) => show(id)))
  // One turn is 8 s; those that wait for others have had theirs then.
  expect(performance.now() - from).toBeLessThan(14_000)
  for (const { planProblem } of shown) expect(planProblem).toMatch(/could not be asked in time/)
  isStuck = false
})
