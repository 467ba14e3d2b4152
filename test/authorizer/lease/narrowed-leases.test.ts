import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { authorize } from '../../../src/authorizer/authorize.ts'
import { leaseCache } from '../../../src/authorizer/lease-cache.ts'
import { openContract, sealContract } from '../../../src/identity/signed/contract.ts'
import { issueLeaseToken } from '../../../src/identity/token/lease-token.ts'
import type { Lease } from '../../../src/lease/lease.ts'
import { newChildLeaseId, newLeaseId, partitionOf } from '../../../src/lease/lease-id.ts'
import { RedisLeaseLedger } from '../../../src/lease/redis/redis-lease-ledger.ts'
import { RedisLeaseStore } from '../../../src/lease/redis/redis-lease-store.ts'
import { type Less, smaller } from '../../../src/lease/scope/smaller.ts'
import type { RedisLink } from '../../../src/redis/connect/connect-redis.ts'
import { PARTITIONS, partitionPrefix } from '../../../src/redis/keys.ts'
import { type CutReason, LiveStreams } from '../../../src/session/live-streams.ts'
import { creating, revoking } from '../../lease/a-lease.ts'
import { aPolicy, aTemplate, leaseOf } from '../../policy/a-policy.ts'
import { type TestKeys, testKeys } from '../../support/keys.ts'
import { Valkey } from '../../support/stores/valkey.ts'
import { until } from '../../support/until.ts'
import { aRoad, http } from '../road.ts'

let valkey: Valkey
let link: RedisLink
let keys: TestKeys
let store: RedisLeaseStore

beforeAll(async () => {
  valkey = await Valkey.start()
  link = await valkey.connected()
  keys = await testKeys()
  store = new RedisLeaseStore(link)
})
afterAll(() => valkey.stop())

const GET = 'GET /api/v1/namespaces/x/pods'
const DELETE = 'DELETE /api/v1/namespaces/x/events/a'

async function aLiveLease(above: readonly Lease[] = []): Promise<Lease> {
  const now = Date.now()
  const parent = above.at(-1)
  const agent = parent?.agent ?? `bot-${crypto.randomUUID()}`
  const lease = {
    ...leaseOf(aTemplate(), { agent, issuedAt: now, expiresAt: now + 600_000 }),
    id: parent === undefined ? newLeaseId(agent, PARTITIONS) : newChildLeaseId(parent.id),
    ancestors: above.map(({ id }) => id),
  }
  await store.create(creating(lease, { contract: await sealContract(lease, keys.signing) }))
  return lease
}

async function narrow(before: Lease, less: Partial<Less>) {
  const all = { verbs: [], resources: [], names: [], namespaces: [], endsAt: null, budgets: {}, ...less }
  const lease = smaller(before, all, { by: 'ada', reason: 'done', at: Date.now() })
  if (lease === null) throw new Error('it has no more than that')
  const contract = await sealContract(lease, keys.signing)
  const asked = { lease, contract, before, now: Date.now(), event: '{"kind":"lease"}', isByHolder: true }
  const became = await store.narrow(asked)
  return { lease, became }
}

/** One that has its own memory, and the road through it. */
async function anAuthorizer() {
  const { around } = await aRoad()
  const ledger = new RedisLeaseLedger(link)
  const load = async (id: string) => openContract((await ledger.contract(id)) ?? '', keys.verify)
  const findLease = leaseCache(load, 100, lease => ledger.isOutdated(lease))
  const send = async (lease: Lease, line: string) => {
    const policy = aPolicy({
      templates: [aTemplate({ grants: [{ agent: lease.agent, namespaces: ['x', 'y'] }] })],
    })
    const { token } = await issueLeaseToken(lease, { key: keys.signing, now: Date.now(), ttlMs: 300_000 })
    const caller = {
      kind: 'lease',
      lease: lease.id,
      agent: lease.agent,
      tokenIssuedAt: Date.now(),
      tokenExpiresAt: Date.now() + 60_000,
    } as const
    const road = { ...around, now: Date.now, ledger, findLease, policy: () => policy, identify: async () => caller }
    return authorize({ ...http(line, token), id: crypto.randomUUID() }, { ...road, deadlineMs: 10_000 })
  }
  return { ledger, findLease, send }
}

const said = async (answer: Promise<{ kind: string; reason?: string }>) => {
  const { kind, reason } = await answer
  return reason ?? kind
}

const keyOf = (lease: Lease, rest: string) => `${partitionPrefix(partitionOf(lease.id))}${rest}`
const entries = (lease: Lease) => link.ask('journal', redis => redis.xlen(keyOf(lease, 'journal')))

describe('a lease that was narrowed', () => {
  test('is as narrow at the next request, of every authorizer, also of those that know it as it was', async () => {
    const lease = await aLiveLease()
    const [one, other] = [await anAuthorizer(), await anAuthorizer()]
    for (const { send } of [one, other]) expect(await said(send(lease, DELETE))).toBe('allow')
    expect((await narrow(lease, { verbs: ['get', 'list', 'watch'] })).became).toBe('narrowed')
    for (const { send } of [one, other, await anAuthorizer()]) {
      const before = await entries(lease)
      expect(await said(send(lease, DELETE))).toBe('out-of-scope')
      expect(await entries(lease)).toBe(before + 1)
      expect(await said(send(lease, GET))).toBe('allow')
    }
  })

  test('ends sooner, has the smaller budget from what was taken before on, and is ended as ever', async () => {
    const lease = await aLiveLease()
    const { send } = await anAuthorizer()
    for (const _ of [1, 2]) expect(await said(send(lease, GET))).toBe('allow')
    const { lease: fewer } = await narrow(lease, { budgets: { requests: 3 } })
    expect(await said(send(lease, GET))).toBe('allow')
    expect(await said(send(lease, GET))).toBe('budget-spent')
    await narrow(fewer, { endsAt: Date.now() + 700 })
    await until('its end', async () => (await said(send(lease, GET))) === 'lease-expired')
    const another = await aLiveLease()
    await narrow(another, { verbs: ['get'] })
    await store.revoke(revoking(another))
    expect(await said(send(another, GET))).toBe('lease-revoked')
    expect((await narrow(another, { verbs: ['list'] })).became).toBe('ended')
  })

  test('binds what was narrowed from it before', async () => {
    const parent = await aLiveLease()
    const child = await aLiveLease([parent])
    const { send } = await anAuthorizer()
    expect(await said(send(child, DELETE))).toBe('allow')
    await narrow(parent, { verbs: ['get', 'list', 'watch'] })
    expect(await send(child, DELETE)).toMatchObject({
      reason: 'out-of-scope',
      detail: expect.stringContaining(parent.id),
    })
    expect(await said(send(child, GET))).toBe('allow')
  })

  test('leaves nothing of what is under it where it cannot be read: refused at once, on record, the store asked once', async () => {
    const parent = await aLiveLease()
    const child = await aLiveLease([parent])
    await narrow(parent, { verbs: ['get', 'list', 'watch'] })
    await link.ask('hset', redis => redis.hset(keyOf(parent, `lease:${parent.id}`), 'contract', 'of another key'))
    const { ledger, send } = await anAuthorizer()
    const asked: string[] = []
    const contract = ledger.contract.bind(ledger)
    ledger.contract = id => {
      asked.push(id)
      return contract(id)
    }
    const before = await entries(child)
    expect(await said(send(child, GET))).toBe('unknown-lease')
    expect(asked).toEqual([child.id, parent.id])
    expect(await entries(child)).toBe(before + 1)
  })

  test('fills neither the store with what is left of it, nor a journal that is full, but by who takes away from others', async () => {
    const before = await aLiveLease()
    const less = { verbs: ['get'], resources: [], names: [], namespaces: [], endsAt: null, budgets: {} }
    const lease = smaller(before, less, { by: 'ada', reason: '', at: Date.now() }) ?? before
    const asked = { lease, contract: 'x', before, now: Date.now(), event: '{"kind":"lease"}', isByHolder: true }
    expect(await store.narrow({ ...asked, contract: 'x'.repeat(70_000) })).toBe('too-long')
    const full = new RedisLeaseStore(link, { journalHardLimit: 0 })
    await expect(full.narrow(asked)).rejects.toMatchObject({ code: 'journal-full' })
    expect(await full.narrow({ ...asked, isByHolder: false })).toBe('narrowed')
  })

  test('of many who narrow it at once one does, and the others look again', async () => {
    const lease = await aLiveLease()
    const verbs = ['get', 'list', 'watch', 'delete', 'patch']
    const all = await Promise.all(verbs.map(verb => narrow(lease, { verbs: [verb] })))
    expect(all.filter(({ became }) => became === 'narrowed')).toHaveLength(1)
    expect(all.filter(({ became }) => became === 'moved')).toHaveLength(verbs.length - 1)
  })

  test('is not widened by whoever holds the keys of the store', async () => {
    const lease = await aLiveLease()
    const key = keyOf(lease, `lease:${lease.id}`)
    const saved = await link.ask('dump', redis => redis.dumpBuffer(key))
    const restore = () => link.ask('restore', redis => redis.restore(key, 0, saved as unknown as string, 'REPLACE'))
    const [told, asking] = [await anAuthorizer(), await anAuthorizer()]
    const stop = new AbortController()
    const heard: string[] = []
    const following = told.ledger.followEnds(news => news.kind === 'narrowed' && heard.push(news.lease), stop.signal)
    expect(await said(asking.send(lease, DELETE))).toBe('allow')
    await narrow(lease, { verbs: ['get'] })
    await until('the news', () => heard.includes(lease.id))
    expect(await said(asking.send(lease, DELETE))).toBe('out-of-scope')

    // As it was, with the mark still there: nobody goes by it.
    await restore()
    expect(await said((await anAuthorizer()).send(lease, DELETE))).toBe('unknown-lease')
    // And without: neither who was told nor who has seen it.
    await link.ask('del', redis => redis.del(keyOf(lease, `end:${lease.id}/0`)))
    expect(await said(told.send(lease, DELETE))).toBe('unknown-lease')
    expect(await said(asking.send(lease, DELETE))).toBe('out-of-scope')
    stop.abort()
    await following
  })

  test('has no open stream left that it was let through by before, also one that opens only after the news', async () => {
    const parent = await aLiveLease()
    const child = await aLiveLease([parent])
    const { ledger, findLease } = await anAuthorizer()
    const cuts: [string, CutReason][] = []
    const streams = new LiveStreams({
      ledger,
      ancestorsOf: async id => (await findLease(id))?.ancestors ?? null,
      timesNarrowed: async ids =>
        (await Promise.all(ids.map(findLease))).reduce((sum, one) => sum + (one?.narrowed?.times ?? 0), 0),
      now: Date.now,
      steady: Date.now,
      confirmEveryMs: 3_600_000,
      unconfirmedLimitMs: 3_600_000,
      onCut: ({ auditId }, reason) => cuts.push([auditId, reason]),
    })
    const stop = new AbortController()
    const running = streams.run(stop.signal)
    const open = (auditId: string, lease: Lease, narrowed: number) =>
      streams.open({ auditId, lease: lease.id, narrowed, cut: () => undefined })
    await open('parent', parent, 0)
    await open('child', child, 0)
    expect(cuts).toEqual([])
    await narrow(parent, { verbs: ['get', 'list', 'watch'] })
    await until('both to be cut', () => cuts.length === 2)
    expect(cuts.toSorted()).toEqual([
      ['child', 'lease_narrowed'],
      ['parent', 'lease_narrowed'],
    ])
    await open('late', child, 0)
    await open('after', child, 1)
    expect(cuts.slice(2)).toEqual([['late', 'lease_narrowed']])
    expect(streams.size).toBe(1)
    stop.abort()
    await running
  })
})
