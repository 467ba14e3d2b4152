import { describe, expect, test } from 'vitest'
import { toDenial } from '../../src/authorizer/answer/to-answer.ts'
import { authorize } from '../../src/authorizer/authorize.ts'
import type { Surroundings } from '../../src/authorizer/surroundings.ts'
import type { Lease } from '../../src/lease/lease.ts'
import { newChildLeaseId } from '../../src/lease/lease-id.ts'
import type { Policy, TaskTemplate } from '../../src/policy/policy.ts'
import type { DecisionEntry } from '../../src/record/journal/journal-entry.ts'
import { RedisError } from '../../src/redis/redis-error.ts'
import type { HeaderLine } from '../../src/request/http-request.ts'
import { answering, creating } from '../lease/a-lease.ts'
import { aPolicy, aTemplate } from '../policy/a-policy.ts'
import { aRoad, http, NOW } from './road.ts'

const PODS = '/api/v1/namespaces/x/pods'

function lastEntry(journal: readonly string[]): DecisionEntry {
  return JSON.parse(journal.at(-1) ?? '') as DecisionEntry
}

/** A template of a name that no header can carry, which the file would not take. */
const oddPolicy = () => aPolicy({ templates: [aTemplate({ name: 'a\nb' })] })

describe('authorize', () => {
  test('what the lease covers is allowed, and in the journal by then', async () => {
    const { around, stores, lease, token } = await aRoad()
    const asking = http(`GET ${PODS}`, token)
    const decision = await authorize(asking, around)
    expect(decision).toMatchObject({
      kind: 'allow',
      key: { auditId: asking.id, decidedAt: NOW, agent: 'bot', lease: lease.id },
    })
    expect(lastEntry(stores.journal)).toMatchObject({
      auditId: asking.id,
      intent: 'allow',
      agent: 'bot',
      lease: lease.id,
    })
  })

  test('what it does not cover is denied, journaled, and names a template that would', async () => {
    const { around, stores, token } = await aRoad()
    const decision = await authorize(http('GET /api/v1/namespaces/y/pods', token), around)
    expect(decision).toMatchObject({ kind: 'deny', reason: 'out-of-scope' })
    expect(lastEntry(stores.journal)).toMatchObject({ intent: 'deny', reason: 'out-of-scope', agent: 'bot' })
  })

  test.each([
    { name: 'no credential', token: () => null, reason: 'no-credential' },
    { name: 'a token that is none', token: () => 'x.y.z', reason: 'bad-token' },
  ])('$name: refused, and noted among the refusals without a lease', async ({ token, reason }) => {
    const { around, stores } = await aRoad()
    const decision = await authorize(http(`GET ${PODS}`, token()), around)
    expect(decision).toMatchObject({ kind: 'deny', reason, key: { agent: '', lease: '' } })
    expect(lastEntry(stores.journal)).toMatchObject({ reason, agent: '', lease: '' })
  })

  test("a token that names another agent's lease opens nothing", async () => {
    const { around, tokenFor } = await aRoad()
    const decision = await authorize(http(`GET ${PODS}`, await tokenFor({ agent: 'other' })), around)
    expect(decision).toMatchObject({ kind: 'deny', reason: 'unknown-lease' })
  })

  test('a request that could be read in two ways is denied under the name of its lease', async () => {
    const { around, stores, lease, token } = await aRoad()
    const decision = await authorize(http('GET /api/v1/namespaces/x/../y/pods', token), around)
    expect(decision).toMatchObject({ kind: 'deny', reason: 'odd-path', key: { lease: lease.id } })
    expect(lastEntry(stores.journal)).toMatchObject({ reason: 'odd-path', info: null, lease: lease.id })
  })

  test('a store that fails denies, and the denial still says whose request it was', async () => {
    const { around, lease, token, failures } = await aRoad()
    const broken = { commit: () => Promise.reject(new Error('gone')), refuse: () => Promise.reject(new Error('gone')) }
    const decision = await authorize(http(`GET ${PODS}`, token), { ...around, ledger: broken })
    expect(decision).toMatchObject({ kind: 'deny', reason: 'unavailable', key: { agent: 'bot', lease: lease.id } })
    expect(failures).toHaveLength(1)
  })

  test('a store that never answers denies when the deadline has passed', async () => {
    const { around, token } = await aRoad()
    const silent = { commit: () => new Promise<never>(() => undefined), refuse: async () => undefined }
    const decision = await authorize(http(`GET ${PODS}`, token), { ...around, ledger: silent, deadlineMs: 20 })
    expect(decision).toMatchObject({ kind: 'deny', reason: 'unavailable' })
  })

  test('an identity that cannot be verified in time denies', async () => {
    const { around, token } = await aRoad()
    const slow = { ...around, identify: () => new Promise<never>(() => undefined), deadlineMs: 20 }
    expect(await authorize(http(`GET ${PODS}`, token), slow)).toMatchObject({ kind: 'deny', reason: 'unavailable' })
  })

  test('what comes to its commit late is denied, and nothing was taken for it', async () => {
    const { around, stores, token, failures } = await aRoad()
    const before = stores.journal.length
    // Busy, as a process that others use too: no timer fires meanwhile.
    const identify: Surroundings['identify'] = (headers, now) => {
      const from = performance.now()
      while (performance.now() - from < 110);
      return around.identify(headers, now)
    }
    const decision = await authorize(http(`GET ${PODS}`, token), { ...around, identify, deadlineMs: 100 })
    expect(decision).toMatchObject({ kind: 'deny', reason: 'unavailable', detail: '' })
    expect(stores.journal).toHaveLength(before)
    expect(failures).toHaveLength(1)
  })

  test('what was committed is answered, though this process stood still until the deadline had passed', async () => {
    const { around, stores, token } = await aRoad()
    const commit: Surroundings['ledger']['commit'] = async given => {
      const committed = await stores.ledger.commit(given)
      const from = performance.now()
      while (performance.now() - from < 120);
      await new Promise(resolve => setTimeout(resolve, 5))
      return committed
    }
    const ledger = { ...stores.ledger, commit }
    expect((await authorize(http(`GET ${PODS}`, token), { ...around, ledger, deadlineMs: 100 })).kind).toBe('allow')
  })

  test('a fault in one request is a denial of that one, and says where more is to be read', async () => {
    const { around, token, failures } = await aRoad()
    const asking = http(`GET ${PODS}`, token)
    const faulty = {
      ...around,
      policy: () => {
        throw new TypeError('a bug')
      },
    }
    const decision = await authorize(asking, faulty)
    expect(decision).toMatchObject({ kind: 'deny', reason: 'unavailable', detail: expect.stringContaining(asking.id) })
    expect(JSON.stringify(decision)).not.toContain('a bug')
    expect(failures).toHaveLength(1)
    expect((await authorize(http(`GET ${PODS}`, token), around)).kind).toBe('allow')
  })

  test('a full store is called full', async () => {
    const { around, token } = await aRoad()
    const commit = () => Promise.reject(new RedisError('out-of-memory', 'commit: OOM'))
    const decision = await authorize(http(`GET ${PODS}`, token), { ...around, ledger: { ...around.ledger, commit } })
    expect(decision).toMatchObject({ kind: 'deny', reason: 'store-unfit', detail: expect.stringContaining('full') })
  })

  test('a store that allows what the policy denied is not believed', async () => {
    const { around, token } = await aRoad()
    const lying = { commit: async () => ({ kind: 'allowed', approval: null }) as const, refuse: async () => undefined }
    const decision = await authorize(http('GET /api/v1/namespaces/y/pods', token), { ...around, ledger: lying })
    expect(decision).toMatchObject({ kind: 'deny', reason: 'unavailable' })
  })

  test('credentials in a command are masked before they reach the journal', async () => {
    const { around, stores, token } = await aRoad()
    const headers: HeaderLine[] = [
      ['authorization', `Bearer ${token}`],
      ['connection', 'Upgrade'],
      ['upgrade', 'websocket'],
      ['sec-websocket-protocol', 'v5.channel.k8s.io'],
    ]
    const target = `${PODS}/web-0/exec?command=mysql&command=--password&command=hunter2hunter2&stdout=true`
    const decision = await authorize(http(`GET ${target}`, token, { headers, route: 'session' }), around)
    expect(decision.kind).toBe('allow')
    expect(stores.journal.join('\n')).not.toContain('hunter2')
    expect(lastEntry(stores.journal).command[0]).toBe('mysql')
  })

  test('a yes is for exactly one request, and used up by it', async () => {
    const { around, stores, token } = await aRoad()
    const secret = () => authorize(http('GET /api/v1/namespaces/x/secrets/db', token), around)
    const held = await secret()
    if (held.kind !== 'deny' || held.approval === null) throw new Error('it did not wait')
    expect(held.reason).toBe('approval-pending')
    await stores.approvals.answer(answering(held.approval, 'approved', NOW))
    const other = await authorize(http('GET /api/v1/namespaces/x/secrets/other', token), around)
    expect(other).toMatchObject({ kind: 'deny', reason: 'approval-pending' })
    expect((await secret()).kind).toBe('allow')
    const again = await secret()
    expect(again).toMatchObject({ kind: 'deny', reason: 'approval-pending' })
    expect(again.kind === 'deny' && again.approval).not.toBe(held.approval)
  })

  test('an edit of the policy voids the yes that it concerns, and says so; one elsewhere voids none', async () => {
    const { around, stores, token } = await aRoad()
    const secret = (policy: Policy) =>
      authorize(http('GET /api/v1/namespaces/x/secrets/db', token), { ...around, policy: () => policy })
    const [template = aTemplate()] = aPolicy().templates
    const [before, elsewhere, here] = [
      aPolicy({ revision: 'r1' }),
      aPolicy({
        revision: 'r2',
        templates: [{ ...template, description: 'new', maxLeases: 99 }, aTemplate({ name: 'other' })],
      }),
      aPolicy({ revision: 'r3', templates: [{ ...template, approval: { skip: [], require: ['pod-logs'] } }] }),
    ]
    const ask = async (policy: Policy) => {
      const held = await secret(policy)
      if (held.kind !== 'deny' || held.approval === null) throw new Error('it did not wait')
      return held
    }
    const first = await ask(before)
    expect((await ask(elsewhere)).approval).toBe(first.approval)
    await stores.approvals.answer(answering(first.approval ?? '', 'approved', NOW))
    const second = await ask(here)
    expect(second.approval).not.toBe(first.approval)
    expect(toDenial(second).body).toContain(
      `what was said to ${first.approval} does not hold for it: the policy for this task was edited`,
    )
    expect((await secret(elsewhere)).kind).toBe('allow')
  })

  test('a yes to an eviction that the API server put off is for the next try, and said to have been used by this one', async () => {
    const { around, stores, token } = await aRoad()
    const evict = () =>
      authorize(http('POST /api/v1/namespaces/x/pods/web-0/eviction', token, { body: Buffer.from('{}') }), {
        ...around,
        policy: () => asking,
      })
    const [template = aTemplate()] = aPolicy().templates
    const asking = aPolicy({ templates: [{ ...template, approval: { skip: [], require: ['pods-eviction'] } }] })
    const held = await evict()
    if (held.kind !== 'deny' || held.approval === null) throw new Error(`it did not wait: ${JSON.stringify(held)}`)
    await stores.approvals.answer(answering(held.approval, 'approved', NOW))
    const first = await evict()
    expect(first).toMatchObject({ kind: 'allow', approval: held.approval })
    expect(await stores.ledger.giveBack({ approval: held.approval, request: first.key.auditId, now: NOW })).toBe(true)
    expect(await evict()).toMatchObject({ kind: 'allow', approval: held.approval })
    expect(await evict()).toMatchObject({ kind: 'deny', reason: 'approval-pending' })
  })

  test('nobody is asked what could not be shown, and nothing waits', async () => {
    const { around, stores, token } = await aRoad()
    const decision = await authorize(http('GET /api/v1/namespaces/x/secrets/db?x=1', token), around)
    expect(decision).toMatchObject({ kind: 'deny', reason: 'cannot-be-asked', approval: null })
    expect(lastEntry(stores.journal)).toMatchObject({ intent: 'deny', reason: 'cannot-be-asked' })
    expect(await stores.approvals.pending({ agent: null, after: '', limit: 10 }, NOW)).toEqual({
      items: [],
      next: null,
    })
  })

  test('what cannot be answered is not committed: neither taken from budgets nor journaled as allowed', async () => {
    const { around, stores, lease, token, failures } = await aRoad()
    const odd = { ...around, findLease: async () => ({ ...lease, template: 'a\nb' }), policy: oddPolicy }
    const decision = await authorize(http(`GET ${PODS}`, token), odd)
    expect(decision).toMatchObject({ kind: 'deny', reason: 'unavailable' })
    expect(lastEntry(stores.journal)).toMatchObject({ intent: 'deny', reason: 'unavailable' })
    expect((await stores.store.find(lease.id, NOW))?.taken).toEqual({})
    expect(failures).toHaveLength(1)
  })

  test('a store that leases cannot rest on lets nothing pass, and it is said why', async () => {
    const { around, token, failures } = await aRoad()
    const ledger = {
      ...around.ledger,
      commit: () => Promise.reject(new RedisError('unfit', 'its maxmemory-policy is allkeys-lru')),
    }
    const decision = await authorize(http(`GET ${PODS}`, token), { ...around, ledger })
    expect(decision).toMatchObject({
      kind: 'deny',
      reason: 'store-unfit',
      detail: 'its maxmemory-policy is allkeys-lru',
    })
    expect(failures).toHaveLength(1)
  })

  test('a lease is as good as those that it was narrowed from: none counts that cannot be read', async () => {
    const { around, stores, lease, tokenFor } = await aRoad()
    const child = { ...lease, id: newChildLeaseId(lease.id), ancestors: [lease.id], budgets: {} }
    await stores.store.create(creating(child))
    const token = await tokenFor({ id: child.id })
    const finding = (known: readonly Lease[]) => async (id: string) => known.find(one => one.id === id) ?? null
    const ask = (known: readonly Lease[]) =>
      authorize(http(`GET ${PODS}`, token), { ...around, findLease: finding(known) })
    expect(await ask([child])).toMatchObject({ kind: 'deny', reason: 'unknown-lease' })
    expect(await ask([child, { ...lease, budgets: { requests: 0 } }])).toMatchObject({ reason: 'budget-spent' })
    expect((await ask([child, lease])).kind).toBe('allow')
  })

  test('a yes that nobody signed lets nothing pass, and is told of', async () => {
    const { around, stores, token, failures } = await aRoad()
    const secret = () => authorize(http('GET /api/v1/namespaces/x/secrets/db', token), around)
    const held = await secret()
    if (held.kind !== 'deny' || held.approval === null) throw new Error('it did not wait')
    await stores.approvals.answer({ ...answering(held.approval, 'approved', NOW), proof: '' })
    expect(await secret()).toMatchObject({ kind: 'deny', reason: 'unavailable' })
    expect(String(failures)).toContain(held.approval)
  })

  test('an agent that asks too much is told to wait', async () => {
    const { around, token } = await aRoad()
    const asks = Array.from({ length: 25 }, (_, n) => `GET /api/v1/namespaces/x/secrets/db-${n}`)
    const decisions = []
    for (const line of asks) decisions.push(await authorize(http(line, token), around))
    expect(decisions.filter(one => one.kind === 'deny' && one.reason === 'too-many-questions')).toHaveLength(5)
  })

  test('of a budget of objects each is taken once, and so many requests a second are let through', async () => {
    const { around, lease, token } = await aRoad()
    const policy = around.policy()
    const under = (budgets: TaskTemplate['budgets']) => {
      const templates = policy.templates.map(one => (one.name === lease.template ? { ...one, budgets } : one))
      return { ...around, policy: () => ({ ...policy, templates }) }
    }
    const write = (name: string, road: Surroundings) =>
      authorize(http(`PUT /api/v1/namespaces/x/configmaps/${name}`, token), road)
    const counted = under({ objects: 1 })
    expect(await write('a', counted)).toMatchObject({ kind: 'allow', nearly: { budget: 'objects', count: 0 } })
    expect(await write('b', counted)).toMatchObject({ kind: 'deny', reason: 'budget-spent', detail: 'objects' })
    expect(await write('a', counted)).toMatchObject({ kind: 'allow' })
    const second = () => Math.floor(Date.now() / 1000)
    const from = second()
    const paced = await Promise.all(
      Array.from({ length: 60 }, () => authorize(http(`GET ${PODS}`, token), under({ requestsPerSecond: 2 }))),
    )
    const said = (wanted: string) =>
      paced.filter(one => (one.kind === 'deny' ? one.reason : one.kind) === wanted).length
    expect(said('allow')).toBeLessThanOrEqual(2 * (second() - from + 1))
    expect(said('allow') + said('too-fast')).toBe(60)
  })

  test('a policy that became stricter binds a lease that runs: its budgets and its longest time', async () => {
    const { around, lease, token } = await aRoad()
    const stricter = (given: Partial<TaskTemplate>) => {
      const policy = around.policy()
      const templates = policy.templates.map(one => (one.name === lease.template ? { ...one, ...given } : one))
      return { ...around, policy: () => ({ ...policy, templates }) }
    }
    const pods = (road: Surroundings) => authorize(http(`GET ${PODS}`, token), road)
    expect((await pods(around)).kind).toBe('allow')
    expect(await pods(stricter({ budgets: { requests: 1 } }))).toMatchObject({ kind: 'deny', reason: 'budget-spent' })
    const later = { now: () => NOW + 2000 }
    expect((await pods({ ...around, ...later })).kind).toBe('allow')
    const shorter = { ...stricter({ maxTtlMs: 1000 }), ...later }
    expect(await pods(shorter)).toMatchObject({ kind: 'deny', reason: 'lease-expired' })
  })

  test('after a revocation nothing passes', async () => {
    const { around, stores, lease, token } = await aRoad()
    await stores.store.revoke({ id: lease.id, by: 'root', reason: 'enough', now: NOW, event: '{}' })
    const decision = await authorize(http(`GET ${PODS}`, token), around)
    expect(decision).toMatchObject({ kind: 'deny', reason: 'lease-revoked', detail: 'enough' })
  })
})
