import { describe, expect, test } from 'vitest'
import { authorize } from '../../src/authorizer/authorize.ts'
import type { Surroundings } from '../../src/authorizer/surroundings.ts'
import type { Lease } from '../../src/lease/lease.ts'
import { newChildLeaseId } from '../../src/lease/lease-id.ts'
import type { TaskTemplate } from '../../src/policy/policy.ts'
import type { HeaderLine } from '../../src/request/http-request.ts'
import { creating } from '../lease/a-lease.ts'
import { aRoad, http, lastEntry, NOW } from './road.ts'

const PODS = '/api/v1/namespaces/x/pods'

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
