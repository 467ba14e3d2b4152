import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type HoldingParts, holdAgent, whatIsLeft } from '../../../src/lease/hold/hold-agent.ts'
import { RedisHoldStore } from '../../../src/lease/hold/redis-hold-store.ts'
import type { Lease } from '../../../src/lease/lease.ts'
import { agentPartition, newLeaseId, partitionOf } from '../../../src/lease/lease-id.ts'
import type { LeaseStore } from '../../../src/lease/lease-store.ts'
import { RedisLeaseStore } from '../../../src/lease/redis/redis-lease-store.ts'
import { PARTITIONS } from '../../../src/redis/keys.ts'
import { RedisError, type RedisErrorCode } from '../../../src/redis/redis-error.ts'
import { Valkey } from '../../support/stores/valkey.ts'
import { aLease, creating } from '../a-lease.ts'

let valkey: Valkey
let holds: RedisHoldStore
let leases: RedisLeaseStore
beforeAll(async () => {
  valkey = await Valkey.start()
  const link = await valkey.connected()
  holds = new RedisHoldStore(link)
  leases = new RedisLeaseStore(link)
})
afterAll(() => valkey.stop())

/** One that nobody held yet, and whoever hands leases to it, from another partition. */
function names() {
  const agent = `agent-${crypto.randomUUID()}`
  let giver = ''
  do giver = `giver-${crypto.randomUUID()}`
  while (agentPartition(giver, PARTITIONS) === agentPartition(agent, PARTITIONS))
  return { agent, giver, home: agentPartition(agent, PARTITIONS), abroad: agentPartition(giver, PARTITIONS) }
}

async function given(lease: Lease): Promise<Lease> {
  expect(await leases.create(creating(lease, { mostHanded: 10 }))).toEqual({ kind: 'created' })
  return lease
}

/** Some of its own, and one that was handed to it. */
async function some({ agent, giver }: ReturnType<typeof names>) {
  const own = [await given(aLease({ agent })), await given(aLease({ agent })), await given(aLease({ agent }))]
  const root = await given(aLease({ agent: giver }))
  const id = newLeaseId(giver, PARTITIONS)
  const handed = await given(aLease({ id, agent, ancestors: [root.id], delegated: { by: giver, issuer: 'corp' } }))
  return { own, handed, all: [...own, handed] }
}

const away = (code: RedisErrorCode) => new RedisError(code, 'its node is gone')
const hold = (agent: string) => ({ agent, by: 'root', reason: 'wrong cluster', forMs: null })

/** Real stores, of which some partitions fail; in pages of two. */
function parts(known: readonly Lease[], fails: { partition: string; code: RedisErrorCode; at: 'place' | 'revoke' }[]) {
  const failing = (at: string, partition: string) => fails.find(one => one.at === at && one.partition === partition)
  const ends: string[] = []
  const list: LeaseStore['list'] = (page, now) => leases.list({ ...page, limit: 2 }, now)
  const all: HoldingParts = {
    holds: {
      place: async placing => {
        const fault = failing('place', agentPartition(placing.hold.agent, PARTITIONS))
        if (fault !== undefined) throw away(fault.code)
        return holds.place(placing)
      },
    },
    leases: {
      list,
      revoke: async revocation => {
        const fault = failing('revoke', partitionOf(revocation.id))
        if (fault !== undefined) throw away(fault.code)
        ends.push(revocation.reason)
        return leases.revoke(revocation)
      },
    },
    open: async contract => known.find(({ id }) => contract === `contract of ${id}`) ?? null,
    toHeld: () => '{"kind":"hold"}',
    toRevoked: () => '{"kind":"lease"}',
    clock: Date.now,
  }
  return { all, ends }
}

const stateOf = async ({ id }: Lease) => (await leases.find(id, Date.now()))?.state.kind

describe('holdAgent', () => {
  test('says of leases whose contract it cannot read, as one of a newer version, that they have not ended', async () => {
    const who = names()
    const { own, handed } = await some(who)
    const [unread, ...read] = own
    const { all } = parts([...read, handed], [])
    const held = await holdAgent(hold(who.agent), all)
    expect(held.ended.toSorted()).toEqual([...read, handed].map(({ id }) => id).toSorted())
    expect(held.missing).toEqual([who.home])
    expect(held.failures.map(String).join()).toContain(unread?.id)
    expect(whatIsLeft(held)).toContain('say it again')
  })

  test.each(['unavailable', 'timeout', 'unfit', 'not-durable', 'refused'] as const)(
    'ends on all pages what it can where a partition is "%s", and says what it could not',
    async code => {
      const who = names()
      const { own, handed, all } = await some(who)
      const held = await holdAgent(hold(who.agent), parts(all, [{ partition: who.home, code, at: 'revoke' }]).all)
      expect(held).toMatchObject({ isPlaced: true, ended: [handed.id], missing: [who.home] })
      expect(whatIsLeft(held)).toContain(`agent "${who.agent}" is held, and 1 of its leases ended`)
      expect(whatIsLeft(held)).toContain(`what it may have in ${who.home} of the store has not`)
      expect(await Promise.all([...own, handed].map(stateOf))).toEqual(['active', 'active', 'active', 'revoked'])
      const again = await holdAgent(hold(who.agent), parts(all, []).all)
      expect([again.ended.length, whatIsLeft(again)]).toEqual([3, null])
    },
  )

  test.each(['unavailable', 'timeout', 'unfit', 'not-durable', 'refused'] as const)(
    'ends what it can also where the hold cannot be written for "%s", and says that it is not held',
    async code => {
      const who = names()
      const { own, handed, all } = await some(who)
      const { all: store, ends } = parts(all, [
        { partition: who.home, code, at: 'place' },
        { partition: who.home, code, at: 'revoke' },
      ])
      const held = await holdAgent(hold(who.agent), store)
      expect(held).toMatchObject({ isPlaced: false, ended: [handed.id], missing: [who.home] })
      expect(whatIsLeft(held)).toContain(`agent "${who.agent}" is not known to be held`)
      expect(whatIsLeft(held)).toContain('1 of its leases ended')
      expect(ends).toEqual(['wrong cluster'])
      expect(await Promise.all([...own, handed].map(stateOf))).toEqual(['active', 'active', 'active', 'revoked'])
    },
  )

  test('is not done where all of it ended, and only the hold is not there', async () => {
    const who = names()
    const { all } = await some(who)
    const held = await holdAgent(
      hold(who.agent),
      parts(all, [{ partition: who.home, code: 'timeout', at: 'place' }]).all,
    )
    expect(held).toMatchObject({ isPlaced: false, missing: [] })
    expect(held.ended).toHaveLength(4)
    expect(whatIsLeft(held)).toContain('is not known to be held')
  })

  test('fails as the hold did where nothing can be listed', async () => {
    const who = names()
    const { all, ends } = parts((await some(who)).all, [{ partition: who.home, code: 'unavailable', at: 'place' }])
    const list = async () => Promise.reject(away('timeout'))
    const blind = { ...all, leases: { ...all.leases, list } }
    await expect(holdAgent(hold(who.agent), blind)).rejects.toMatchObject({ code: 'unavailable' })
    expect(ends).toEqual([])
  })
})
