import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Hold } from '../../../src/lease/hold/hold.ts'
import { RedisHoldStore } from '../../../src/lease/hold/redis-hold-store.ts'
import { agentPartition } from '../../../src/lease/lease-id.ts'
import { RedisLeaseStore } from '../../../src/lease/redis/redis-lease-store.ts'
import { STORE_RIGHTS } from '../../../src/redis/acl.ts'
import type { RedisLink } from '../../../src/redis/connect/connect-redis.ts'
import { PARTITIONS, partitionPrefix } from '../../../src/redis/keys.ts'
import { Valkey } from '../../support/stores/valkey.ts'
import { until } from '../../support/until.ts'
import { aLease, creating } from '../a-lease.ts'

const HOUR = 3_600_000

let valkey: Valkey
let link: RedisLink
let holds: RedisHoldStore
let leases: RedisLeaseStore
beforeAll(async () => {
  valkey = await Valkey.start()
  link = await valkey.connected()
  holds = new RedisHoldStore(link)
  leases = new RedisLeaseStore(link)
})
afterAll(() => valkey.stop())

function aHold(given: Partial<Hold> = {}): Hold {
  const at = given.at ?? Date.now()
  return { agent: `agent-${crypto.randomUUID()}`, by: 'root', reason: 'wrong cluster', at, until: at + HOUR, ...given }
}

const placing = (hold: Hold) => ({ hold, event: '{"kind":"hold"}' })
const releasing = (agent: string) => ({ agent, now: Date.now(), event: '{"kind":"hold"}' })
const keyOf = (agent: string) => `${partitionPrefix(agentPartition(agent, PARTITIONS))}hold:${agent}`

describe('RedisHoldStore', () => {
  test('no lease is made for an agent that is held, root or child, and one is as soon as it is released', async () => {
    const hold = aHold()
    const root = aLease({ agent: hold.agent })
    await leases.create(creating(root))
    expect(await holds.place(placing(hold))).toEqual(hold)
    for (const lease of [aLease({ agent: hold.agent }), aLease({ agent: hold.agent, ancestors: [root.id] })]) {
      expect(await leases.create(creating(lease))).toEqual({ kind: 'held', hold })
      expect(await leases.find(lease.id, Date.now())).toBeNull()
    }
    expect(await leases.create(creating(aLease({ agent: `${hold.agent}-2` })))).toEqual({ kind: 'created' })
    expect(await holds.release(releasing(hold.agent))).toEqual(hold)
    expect(await leases.create(creating(aLease({ agent: hold.agent })))).toEqual({ kind: 'created' })
  })

  test('a retry of a lease that was made before does not get past a hold', async () => {
    const hold = aHold()
    const lease = aLease({ agent: hold.agent })
    await leases.create(creating(lease))
    await holds.place(placing(hold))
    expect(await leases.create(creating(lease))).toMatchObject({ kind: 'held' })
  })

  test('it ends at its end, not a millisecond before; both clocks have to say so', async () => {
    const hold = aHold({ until: Date.now() + 300 })
    await holds.place(placing(hold))
    const end = hold.until ?? 0
    expect(await holds.find(hold.agent, end)).toEqual(hold)
    await until('the clock of the store to say so', () => Date.now() > end)
    expect(await holds.find(hold.agent, end - 1)).toEqual(hold)
    expect(await holds.find(hold.agent, end)).toBeNull()
    const later = aHold()
    await holds.place(placing(later))
    expect(await holds.find(later.agent, (later.until ?? 0) + HOUR)).toEqual(later)
  })

  test('without an end it holds until somebody releases it', async () => {
    const hold = aHold({ until: null })
    await holds.place(placing(hold))
    expect(await holds.find(hold.agent, Date.now())).toEqual(hold)
    expect(await link.ask('ttl', redis => redis.ttl(keyOf(hold.agent)))).toBe(-1)
    expect(await holds.release(releasing(hold.agent))).toEqual(hold)
    expect(await holds.release(releasing(hold.agent))).toBeNull()
    expect(await holds.find(hold.agent, Date.now())).toBeNull()
  })

  test.each([
    { name: 'a longer one', first: 2 * HOUR, second: HOUR },
    { name: 'one without an end', first: null, second: HOUR },
  ])('$name is not shortened by a shorter one', async ({ first, second }) => {
    const at = Date.now()
    const longer = aHold({ at, until: first === null ? null : at + first })
    await holds.place(placing(longer))
    const shorter = { ...longer, by: 'grace', reason: 'another', until: at + second }
    expect(await holds.place(placing(shorter))).toEqual(longer)
    expect(await holds.find(longer.agent, at)).toEqual(longer)
  })

  test.each([{ until: 2 * HOUR }, { until: null }])('a longer one takes its place: $until', async ({ until }) => {
    const shorter = aHold()
    const longer = { ...shorter, by: 'grace', until: until === null ? null : shorter.at + until }
    await holds.place(placing(shorter))
    expect(await holds.place(placing(longer))).toEqual(longer)
    expect(await holds.find(shorter.agent, shorter.at)).toEqual(longer)
    if (until === null) expect(await link.ask('ttl', redis => redis.ttl(keyOf(shorter.agent)))).toBe(-1)
  })

  test('the list names each that is held now', async () => {
    const [one, two, over] = [aHold(), aHold({ until: null }), aHold({ until: Date.now() - 1 })]
    for (const hold of [one, two, over]) await holds.place(placing(hold))
    const listed = await holds.list(Date.now())
    expect(listed).toEqual(expect.arrayContaining([one, two]))
    expect(listed.map(({ agent }) => agent)).not.toContain(over.agent)
  })

  test('each change is in the journal, and what changed nothing is not', async () => {
    const hold = aHold()
    const journal = `${partitionPrefix(agentPartition(hold.agent, PARTITIONS))}journal`
    const length = () => link.ask('xlen', redis => redis.xlen(journal))
    const before = await length()
    await holds.place(placing(hold))
    await holds.place(placing({ ...hold, until: hold.at + 1000 }))
    await holds.release(releasing(hold.agent))
    await holds.release(releasing(hold.agent))
    expect(await length()).toBe(before + 2)
  })

  test('a lease asked for at the same moment is either ended by whoever holds, or never made', async () => {
    for (let i = 0; i < 20; i++) {
      const hold = aHold()
      const lease = aLease({ agent: hold.agent })
      const [created] = await Promise.all([leases.create(creating(lease)), holds.place(placing(hold))])
      const listed = await leases.list({ agent: hold.agent, after: '', limit: 10 }, Date.now())
      expect(listed.items).toHaveLength(created.kind === 'created' ? 1 : 0)
    }
  })

  test('survives kill -9 of the store', async () => {
    const other = await Valkey.start()
    try {
      const hold = aHold({ until: null })
      await new RedisHoldStore(await other.connected()).place(placing(hold))
      await other.kill()
      await other.boot()
      const again = await other.connected()
      expect(await new RedisHoldStore(again).find(hold.agent, Date.now())).toEqual(hold)
      expect(await new RedisLeaseStore(again).create(creating(aLease({ agent: hold.agent })))).toMatchObject({
        kind: 'held',
      })
    } finally {
      await other.stop()
    }
  })

  test.each([
    { name: 'no number for an end', fields: ['by', 'x', 'until', 'soon'] },
    { name: 'nothing it should have', fields: ['odd', '1'] },
  ])('what somebody wrote into the store with $name holds', async ({ fields }) => {
    const agent = `agent-${crypto.randomUUID()}`
    await link.ask('hset', redis => redis.hset(keyOf(agent), ...fields))
    expect(await holds.find(agent, Date.now())).toMatchObject({ agent, until: null })
    expect(await leases.create(creating(aLease({ agent })))).toMatchObject({ kind: 'held' })
  })

  test('of the parts only the broker, and an operator past it, can hold or free', async () => {
    const hold = aHold()
    const key = keyOf(hold.agent)
    for (const part of ['authorizer', 'tap'] as const) {
      await link.ask('acl', redis => redis.acl('SETUSER', part, 'on', '>s3', ...STORE_RIGHTS[part].split(' ')))
      const as = await valkey.connected({ url: valkey.url.replace('unix://', `unix://${part}:s3@`) })
      await expect(as.ask('del', redis => redis.call('DEL', key))).rejects.toThrow(/NOPERM/)
      await expect(new RedisHoldStore(as).place(placing(hold))).rejects.toThrow(/NOPERM|ACL|No permissions|refused|ERR/)
    }
    await link.ask('acl', redis => redis.acl('SETUSER', 'broker', 'on', '>s3', ...STORE_RIGHTS.broker.split(' ')))
    const broker = await valkey.connected({ url: valkey.url.replace('unix://', 'unix://broker:s3@') })
    const own = new RedisHoldStore(broker)
    expect(await own.place(placing(hold))).toEqual(hold)
    expect(await own.list(Date.now())).toContainEqual(hold)
    expect(await new RedisLeaseStore(broker).create(creating(aLease({ agent: hold.agent })))).toMatchObject({
      kind: 'held',
    })
    expect(await own.release(releasing(hold.agent))).toEqual(hold)
  })
})
