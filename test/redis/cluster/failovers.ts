import { describe, expect, test } from 'vitest'
import { partitionOf } from '../../../src/lease/lease-id.ts'
import { RedisLeaseStore } from '../../../src/lease/redis/redis-lease-store.ts'
import { RedisStopStore } from '../../../src/lease/stop/redis-stop-store.ts'
import { RedisStreamEnds } from '../../../src/lease/stream/redis-stream-ends.ts'
import { partitionPrefix } from '../../../src/redis/keys.ts'
import { DEADLINE_MS } from '../../../src/redis/server-link.ts'
import { revoking } from '../../lease/a-lease.ts'
import { stretched, until } from '../../support/until.ts'
import {
  ACT,
  allowsNow,
  authorizers,
  BACK_MS,
  broker,
  during,
  given,
  givenEverywhere,
  nobodyAllows,
  partitionApart,
  servedOn,
  serves,
  set,
  store,
  TERMS,
  writes,
} from './the-store.ts'

describe('a failover in a store in Cluster mode', () => {
  test('a primary that is killed under requests: each is answered in time, other partitions are served on, and no end comes back', async () => {
    const elsewhere = '00'
    const partition = await partitionApart(await set.ownerOf(partitionPrefix(elsewhere)))
    const old = await set.ownerOf(partitionPrefix(partition))
    const [lease, ended, other] = [await given(partition), await given(partition), await given(elsewhere)]
    expect(await store.revoke(revoking(ended))).toBe(true)
    const [stops, streams] = [new RedisStopStore(broker), new RedisStreamEnds(broker)]
    await streams.end({ auditId: 'a-stream', event: '{"kind":"session"}' })
    const [lost, served] = await during([lease, other], async () => {
      await set.kill(old)
      await until('requests to be refused', async () => !(await allowsNow(lease)))
      await expect(stops.act(ACT)).rejects.toThrow(/done in [1-3] of 4 parts of the store: say it again$/)
      expect(authorizers.map(({ ready }) => ready)).toEqual([true, true])
      expect(await streams.ended([partition, elsewhere])).toEqual(new Set(['a-stream']))
      await expect(streams.ended([partition])).rejects.toMatchObject({ code: 'unavailable' })
      await until('a replica to take over', async () => (await set.ownerOf(partitionPrefix(partition))) !== old, 60_000)
      const began = performance.now()
      await serves([lease])
      expect(performance.now() - began).toBeLessThan(stretched(BACK_MS))
    })
    expect(lost?.slowest).toBeLessThan(stretched(DEADLINE_MS + 100))
    expect([...(lost?.refused ?? [])]).toContain('unavailable')
    servedOn(served)
    await nobodyAllows([ended])
    // Who took over has a replica again, whose disk is waited for.
    await set.revive()
    await until('it to be done everywhere', () => writes(() => stops.act(ACT)))
    expect(await stops.act(ACT)).toMatchObject({ ended: { by: 'root' } })
  }, 180_000)

  test('all leases end wherever there is a node, with one entry in the journal, also while the first partition is away', async () => {
    const leases = await givenEverywhere()
    const old = await set.ownerOf(partitionPrefix('00'))
    const owners = await Promise.all(leases.map(({ id }) => set.ownerOf(partitionPrefix(partitionOf(id)))))
    const others = leases.filter((_, at) => owners[at] !== old)
    const event = JSON.stringify({ kind: 'stop', drill: crypto.randomUUID() })
    await set.kill(old)
    const act = { subject: { kind: 'all', name: '' }, act: 'end', by: 'root', reason: 'drill', event } as const
    const stopping = new RedisStopStore(broker).act(act)
    await expect(stopping).rejects.toThrow(`done in ${others.length} of 4 parts of the store: say it again`)
    await nobodyAllows(others)
    const journals = others.map(({ id }) => `${partitionPrefix(partitionOf(id))}journal`)
    const entries = journals.map(key => broker.ask('journal', redis => redis.xrange(key, '-', '+')))
    const told = (await Promise.all(entries)).flat().filter(([, fields]) => fields.includes(event))
    expect(told).toHaveLength(1)
  }, 120_000)

  test('a replica that lacked an end takes over: every lease of its partition has ended, and of no other', async () => {
    const partition = '02'
    const old = await set.ownerOf(partitionPrefix(partition))
    const elsewhere = await partitionApart(old)
    const [lease, ended, other] = [await given(partition), await given(partition), await given(elsewhere)]
    // One that waits for no replica.
    const hasty = new RedisLeaseStore(set.connect({ terms: TERMS, durability: 'always', deadlineMs: 2000 }))
    await until('it to be connected', async () => (await hasty.find(ended.id, Date.now()).catch(() => null)) !== null)
    const replica = await set.deafen(old)
    expect(await hasty.revoke(revoking(ended))).toBe(true)
    await set.kill(old)
    set.thaw(replica)
    const isOver = async () => (await set.ownerOf(partitionPrefix(partition))) === replica
    await until('the replica to take over', isOver, 60_000)
    await nobodyAllows([ended, lease])
    await serves([other])
  }, 180_000)

  test('a primary that hangs is left once its replica has taken over, and is none when it wakes', async () => {
    const prefix = partitionPrefix('03')
    const old = await set.ownerOf(prefix)
    const lease = await given('03')
    const [told] = await during([lease], async () => {
      set.freeze(old)
      await until('another to have it', async () => (await set.ownerOf(prefix)) !== old, 60_000)
      await serves([lease])
    })
    expect(told?.slowest).toBeLessThan(stretched(DEADLINE_MS + 100))
  }, 180_000)
})
