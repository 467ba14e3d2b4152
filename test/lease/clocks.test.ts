import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { RedisApprovalStore } from '../../src/approval/redis-approval-store.ts'
import { RedisHoldStore } from '../../src/lease/hold/redis-hold-store.ts'
import type { Lease } from '../../src/lease/lease.ts'
import { newApprovalId, newLeaseId, partitionOf } from '../../src/lease/lease-id.ts'
import type { EndNews } from '../../src/lease/lease-store.ts'
import { RedisLeaseLedger } from '../../src/lease/redis/redis-lease-ledger.ts'
import { RedisLeaseStore } from '../../src/lease/redis/redis-lease-store.ts'
import { RedisStopStore } from '../../src/lease/stop/redis-stop-store.ts'
import type { StopAct } from '../../src/lease/stop/stop.ts'
import type { RedisLink } from '../../src/redis/connect/connect-redis.ts'
import { PARTITIONS, partitionPrefix } from '../../src/redis/keys.ts'
import { Valkey } from '../support/stores/valkey.ts'
import { until } from '../support/until.ts'
import { verifyPlain } from '../support/wire/plain-answer.ts'
import { aLease, answering, asking, committing, creating, revoking } from './a-lease.ts'

/** How far one clock is from the store's: five seconds, five minutes, two hours, ahead and behind. */
const OFF = [5000, 300_000, 7_200_000].flatMap(ms => [ms, -ms]).map(ms => ({ off: ms / 1000, ms }))
const HOUR = 3_600_000

let valkey: Valkey
let link: RedisLink
let store: RedisLeaseStore
let stops: RedisStopStore

beforeAll(async () => {
  valkey = await Valkey.start({ appendfsync: 'everysec' })
  link = await valkey.connected()
  store = new RedisLeaseStore(link)
  stops = new RedisStopStore(link)
})
afterAll(() => valkey.stop())

const anew = () => new RedisLeaseLedger(link, { verifyAnswer: verifyPlain })
const act = (what: StopAct, { agent }: Lease) =>
  stops.act({ act: what, subject: { kind: 'agent', name: agent }, by: 'root', reason: 'why', event: '{}' })

async function aLiveLease(given: Partial<Lease> = {}): Promise<Lease> {
  const agent = given.agent ?? `agent-${crypto.randomUUID()}`
  const id = newLeaseId(agent, PARTITIONS)
  const lease = aLease({ agent, id, turn: await store.turn(id), ...given })
  expect(await store.create(creating(lease))).toEqual({ kind: 'created' })
  return lease
}

describe.each(OFF)('a broker whose clock is $off s off', ({ ms }) => {
  const now = () => Date.now() + ms

  test('revokes what lives by the store, for good and for everybody', async () => {
    const lease = await aLiveLease()
    expect(await store.revoke(revoking(lease, { now: now() }))).toBe(true)
    for (const at of [Date.now(), now()]) {
      const told = await anew().commit(committing(lease, { now: at }))
      expect(told).toMatchObject({ kind: 'ended', state: { kind: 'revoked' } })
    }
  })

  test('holds an agent for as long as it says, and ends what it has', async () => {
    const { agent, id } = await aLiveLease()
    const holds = new RedisHoldStore(link)
    const hold = { agent, by: 'root', reason: 'why', at: now(), until: now() + HOUR }
    await holds.place({ hold, event: '{}' })
    const found = await holds.find(agent, Date.now())
    expect(found?.until ?? 0).toBeGreaterThan(Date.now() + HOUR - 10_000)
    const { items } = await store.list({ agent, after: '', limit: 10, partial: true }, 0)
    expect(items.map(({ contract }) => contract)).toEqual([`contract of ${id}`])
  })

  test('takes back a yes that can still be used', async () => {
    const lease = await aLiveLease({ expiresAt: Date.now() + 24 * HOUR })
    const [digest, id] = [crypto.randomUUID(), newApprovalId(lease.id)]
    expect(await anew().commit(asking(lease, digest, id))).toMatchObject({ kind: 'pending' })
    const approvals = new RedisApprovalStore(link)
    expect(await approvals.answer(answering(id, 'approved'))).toMatchObject({ kind: 'answered' })
    expect(await approvals.answer(answering(id, 'rejected', now()))).toMatchObject({ kind: 'answered' })
    expect(await anew().commit(asking(lease, digest, newApprovalId(lease.id)))).toMatchObject({ kind: 'rejected' })
  })

  test('has its leases of before an end told from those of after it, by who heard of that', async () => {
    const agent = `agent-${crypto.randomUUID()}`
    const given = () => ({ agent, issuedAt: now(), expiresAt: Date.now() + 24 * HOUR })
    const before = await aLiveLease(given())
    const ledger = anew()
    const heard: EndNews[] = []
    const stop = new AbortController()
    const following = ledger.followEnds(news => heard.push(news), stop.signal)
    await act('end', before)
    await until('the news', () => heard.some(news => news.kind === 'stop' && news.subject === `agent:${agent}`))
    const after = await aLiveLease(given())
    expect(await anew().commit(committing(after))).toMatchObject({ kind: 'allowed' })
    const prefix = partitionPrefix(partitionOf(before.id))
    await link.ask('forget', redis => redis.del(`${prefix}stop:agent:${agent}`, `${prefix}stops`))
    expect(await ledger.commit(committing(before))).toMatchObject({ kind: 'ended', state: { kind: 'revoked' } })
    // One that is further behind gives nothing.
    if (ms >= -5000) expect(await ledger.commit(committing(after))).toMatchObject({ kind: 'allowed' })
    stop.abort()
    await following
  })
})

describe.each(OFF)('an authorizer whose clock is $off s off', ({ ms }) => {
  const ask = (lease: Lease) => anew().commit(committing(lease, { now: Date.now() + ms }))

  test('lets nothing through after an end, a freeze, or the time of the store', async () => {
    const day = { expiresAt: Date.now() + 24 * HOUR }
    const [revoked, ended, frozen] = [await aLiveLease(day), await aLiveLease(day), await aLiveLease(day)]
    for (const lease of [revoked, ended, frozen]) expect(await ask(lease)).toMatchObject({ kind: 'allowed' })
    await store.revoke(revoking(revoked))
    await act('end', ended)
    await act('freeze', frozen)
    for (const lease of [revoked, ended]) expect(await ask(lease)).toMatchObject({ state: { kind: 'revoked' } })
    expect(await ask(frozen)).toMatchObject({ state: { kind: 'frozen' } })
    await act('thaw', frozen)
    expect(await ask(frozen)).toMatchObject({ kind: 'allowed' })
    const short = await aLiveLease({ expiresAt: Date.now() + 400 })
    await until('its end', async () => (await store.find(short.id, Date.now()))?.state.kind === 'expired')
    expect(await ask(short)).toMatchObject({ state: { kind: 'expired' } })
  })

  test('uses no yes after the time of the store', async () => {
    const lease = await aLiveLease({ expiresAt: Date.now() + 24 * HOUR })
    const [digest, id] = [crypto.randomUUID(), newApprovalId(lease.id)]
    await anew().commit(asking(lease, digest, id))
    const said = { ...answering(id, 'approved'), endsAt: Date.now() + 300 }
    expect(await new RedisApprovalStore(link).answer(said)).toMatchObject({ kind: 'answered' })
    await until('its end', () => Date.now() > said.endsAt + 50)
    const again = asking(lease, digest, newApprovalId(lease.id), { now: Date.now() + ms })
    expect((await anew().commit(again)).kind).not.toBe('allowed')
  })
})

test('what was revoked after its time by a clock that was ahead does not come back with a right one', async () => {
  const lease = await aLiveLease({ expiresAt: Date.now() + 300 })
  await until('its end', async () => (await store.find(lease.id, Date.now()))?.state.kind === 'expired')
  expect(await store.revoke(revoking(lease))).toBe(false)
  expect((await store.find(lease.id, Date.now()))?.state.kind).toBe('expired')
  // As it would be to a store whose clock went back.
  const key = `${partitionPrefix(partitionOf(lease.id))}lease:${lease.id}`
  await link.ask('back', redis => redis.hset(key, 'expiresAt', Date.now() + HOUR))
  expect(await anew().commit(committing({ ...lease, expiresAt: Date.now() + HOUR }))).toMatchObject({
    state: { kind: 'revoked' },
  })
})

test('a lease is not written where it comes under what was ended while it was made', async () => {
  const agent = `agent-${crypto.randomUUID()}`
  const id = newLeaseId(agent, PARTITIONS)
  const lease = aLease({ agent, id, turn: await store.turn(id) })
  await act('end', lease)
  expect(await store.create(creating(lease))).toMatchObject({ kind: 'stopped' })
  expect(await store.create(creating({ ...lease, turn: await store.turn(id) }))).toEqual({ kind: 'created' })
})

test.each(['007', '1.0', 'abc', '9007199254740993'])(
  'a turn that nobody could have counted, %s, is none',
  async text => {
    const id = newLeaseId(`agent-${crypto.randomUUID()}`, PARTITIONS)
    const key = `${partitionPrefix(partitionOf(id))}turn`
    const before = await link.ask('was', redis => redis.get(key))
    await link.ask('odd', redis => redis.set(key, text))
    await expect(store.turn(id)).rejects.toMatchObject({ code: 'bad-reply' })
    await link.ask('back', async redis => void (await (before === null ? redis.del(key) : redis.set(key, before))))
  },
)

test('a lease whose turn is over by the time that it is written is told the turn that it is', async () => {
  const agent = `agent-${crypto.randomUUID()}`
  const id = newLeaseId(agent, PARTITIONS)
  const lease = aLease({ agent, id, turn: await store.turn(id) })
  await act('end', aLease({ agent: `agent-${crypto.randomUUID()}`, id }))
  const turn = await store.turn(id)
  expect(await store.create(creating(lease))).toEqual({ kind: 'moved', turn })
  expect(await store.create(creating({ ...lease, turn: await store.turn(id) }))).toEqual({ kind: 'created' })
})
