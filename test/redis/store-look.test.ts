import { cp, rm } from 'node:fs/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { RedisLeaseLedger } from '../../src/lease/redis/redis-lease-ledger.ts'
import { RedisLeaseStore } from '../../src/lease/redis/redis-lease-store.ts'
import { RedisStopStore } from '../../src/lease/stop/redis-stop-store.ts'
import type { StopAct } from '../../src/lease/stop/stop.ts'
import type { Subject } from '../../src/lease/stop/subject.ts'
import type { RedisLink } from '../../src/redis/connect/connect-redis.ts'
import { PARTITIONS, partitionPrefix } from '../../src/redis/keys.ts'
import { LOOK } from '../../src/redis/scripts.ts'
import type { StoreTerms } from '../../src/redis/store/store-watch.ts'
import { aLease, committing, creating, revoking } from '../lease/a-lease.ts'
import { Valkey } from '../support/stores/valkey.ts'
import { until } from '../support/until.ts'

const TERMS: StoreTerms = { partitions: PARTITIONS, eviction: 'asked' }
const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function start() {
  const valkey = await Valkey.start()
  closing.push(() => valkey.stop())
  const link = await valkey.connected({ terms: TERMS })
  return { valkey, link, store: new RedisLeaseStore(link), ledger: new RedisLeaseLedger(link) }
}

const PREFIXES = ['00', '01', '02', '03'].map(partitionPrefix)

/** Until processes have looked at every partition twice more, so that one of them began its look after this was called. */
async function untilLooked(link: RedisLink): Promise<void> {
  const seen = (prefix: string) => link.ask('seen', redis => redis.get(`${prefix}seen`))
  const looked = async (prefix: string) => {
    const before = await seen(prefix)
    await until('a look', async () => (await seen(prefix)) !== before)
  }
  for (let look = 0; look < 2; look++) await Promise.all(PREFIXES.map(looked))
}

const epochs = (link: RedisLink) =>
  Promise.all(PREFIXES.map(prefix => link.ask('epoch', redis => redis.hget(`${prefix}epoch`, 'n'))))

const LOST = { kind: 'ended', state: { kind: 'revoked', by: 'leasegate' } }
const LIVE = { kind: 'allowed', approval: null }

describe('a store that lost what it had acknowledged', () => {
  test('an older snapshot brings back no lease that was revoked since, nor any other; new ones are given', async () => {
    const { valkey, link, store, ledger } = await start()
    const [revoked, other] = [aLease({ agent: 'one' }), aLease({ agent: 'one' })]
    for (const lease of [revoked, other]) await store.create(creating(lease))
    const snapshot = `${valkey.dir}-snapshot`
    closing.push(() => rm(snapshot, { recursive: true, force: true }))
    await cp(`${valkey.dir}/appendonlydir`, snapshot, { recursive: true })
    expect(await ledger.commit(committing(other))).toEqual(LIVE)
    expect(await store.revoke(revoking(revoked))).toBe(true)

    await valkey.kill()
    await rm(`${valkey.dir}/appendonlydir`, { recursive: true })
    await cp(snapshot, `${valkey.dir}/appendonlydir`, { recursive: true })
    await valkey.boot()
    await until('the store to be used again', () => link.ready)
    // By one that remembers nothing of its own.
    for (const lease of [revoked, other]) {
      expect(await new RedisLeaseLedger(link).commit(committing(lease))).toMatchObject(LOST)
    }
    const next = aLease({ agent: 'one' })
    await store.create(creating(next))
    expect(await ledger.commit(committing(next))).toEqual(LIVE)
  })

  test('a restart with all that was acknowledged ends nothing', async () => {
    const { valkey, link, store, ledger } = await start()
    const lease = aLease()
    await store.create(creating(lease))
    for (let round = 0; round < 3; round++) {
      expect(await ledger.commit(committing(lease))).toEqual(LIVE)
      await valkey.kill()
      await valkey.boot()
      await until('the store to be used again', () => link.ready)
    }
    expect(await ledger.commit(committing(lease))).toEqual(LIVE)
  })

  test('one at which nobody looked for long may be a copy: for a process that knows nothing as well', async () => {
    const { valkey, link, store } = await start()
    const lease = aLease()
    await store.create(creating(lease))
    link.close()
    const admin = await valkey.connected()
    const seen = `${partitionPrefix(lease.id.slice(-2))}seen`
    await admin.ask('age', redis => redis.set(seen, Date.now() - 3_600_000))
    const anew = await valkey.connected({ terms: TERMS })
    expect(await new RedisLeaseLedger(anew).commit(committing(lease))).toMatchObject(LOST)
  })

  test('of three that notice, one ends the leases: those given since go on', async () => {
    const { valkey, link, store } = await start()
    await valkey.connected({ terms: TERMS })
    await valkey.connected({ terms: TERMS })
    await untilLooked(link)
    const admin = await valkey.connected()
    await admin.ask('lose', redis => redis.flushall())
    await until('one to notice', async () => (await epochs(admin)).every(n => n === '1'))
    const next = aLease()
    await store.create(creating(next))
    const looked = (prefix: string) => admin.ask('looked', redis => redis.keys(`${prefix}seen:*`))
    for (const prefix of PREFIXES) await until('all to look', async () => (await looked(prefix)).length === 3)
    expect(await epochs(admin)).toEqual(['1', '1', '1', '1'])
    expect(await new RedisLeaseLedger(admin).commit(committing(next))).toEqual(LIVE)
  })

  test('its clock may go back by seconds; by more, and what had ended by the time ends for good', async () => {
    const { link, store } = await start()
    const lease = aLease()
    await store.create(creating(lease))
    const lookedAhead = (ms: number) => {
      const marks = PREFIXES.flatMap(prefix => [`${prefix}seen`, String(Date.now() + ms)])
      return link.ask('as if it had been later', redis => redis.mset(marks))
    }
    await lookedAhead(3000)
    await untilLooked(link)
    expect(await epochs(link)).toEqual(PREFIXES.map(() => null))
    await lookedAhead(60_000)
    await untilLooked(link)
    expect(await epochs(link)).toEqual(PREFIXES.map(() => '1'))
    expect(await new RedisLeaseLedger(link).commit(committing(lease))).toMatchObject(LOST)
  })

  test('an epoch that is taken back begins anew', async () => {
    const { valkey, store } = await start()
    const lease = aLease()
    await store.create(creating(lease))
    const admin = await valkey.connected()
    const prefix = partitionPrefix(lease.id.slice(-2))
    const epoch = () => admin.ask('epoch', redis => redis.hget(`${prefix}epoch`, 'n'))
    const [number = ''] = await admin.ask('number', redis => redis.keys(`${prefix}seen:*`))
    await admin.ask('lose', redis => redis.del(number))
    await until('an epoch', async () => (await epoch()) === '1')
    await untilLooked(admin)
    await admin.ask('take back', redis => redis.hset(`${prefix}epoch`, 'n', '0'))
    await until('the next epoch', async () => (await epoch()) === '2')
    expect(await new RedisLeaseLedger(admin).commit(committing(lease))).toMatchObject(LOST)
  })
})

describe('what goes by itself, or by a later act, is not lost', () => {
  const SUBJECT: Subject = { kind: 'agent', name: 'somebody-else' }
  const ACTS: readonly { readonly acts: readonly StopAct[] }[] = [
    { acts: ['start'] },
    { acts: ['thaw'] },
    { acts: ['freeze', 'thaw'] },
    { acts: ['stop', 'start'] },
    { acts: ['freeze', 'stop', 'thaw', 'start', 'start'] },
    { acts: ['end', 'freeze', 'thaw'] },
  ]

  test.each(ACTS)('$acts of a subject ends no lease of another', async ({ acts }) => {
    const { link, store, ledger } = await start()
    const lease = aLease()
    await store.create(creating(lease))
    const stops = new RedisStopStore(link)
    for (const act of acts) await stops.act({ subject: SUBJECT, act, by: 'root', reason: 'x', event: '{}' })
    await untilLooked(link)
    expect(await epochs(link)).toEqual([null, null, null, null])
    expect(await ledger.commit(committing(lease))).toEqual(LIVE)
  })

  test('a subject that is stopped in some of the partitions alone is started there', async () => {
    const { valkey, link } = await start()
    const stops = new RedisStopStore(link)
    const act = (what: StopAct) => stops.act({ subject: SUBJECT, act: what, by: 'root', reason: 'x', event: '{}' })
    await act('stop')
    await untilLooked(link)
    const admin = await valkey.connected()
    await admin.ask('lose', redis => redis.del(`${PREFIXES[2]}stop:agent:${SUBJECT.name}`))
    await act('start')
    await untilLooked(link)
    expect(await epochs(link)).toEqual([null, null, null, null])
  })

  test('a request that was settled long ago and comes once more', async () => {
    const { valkey, link, store, ledger } = await start()
    const lease = aLease()
    await store.create(creating(lease))
    const commit = committing(lease)
    expect(await ledger.commit(commit)).toEqual(LIVE)
    await untilLooked(link)
    expect(await ledger.commit(commit)).toEqual(LIVE)
    const admin = await valkey.connected()
    await admin.ask('expire', redis => redis.del(`${partitionPrefix(lease.id.slice(-2))}once:${commit.id}`))
    await untilLooked(link)
    expect(await epochs(link)).toEqual([null, null, null, null])
    expect(await ledger.commit(committing(lease))).toEqual(LIVE)
  })

  test.each([
    { what: 'a number', left: 7, key: '', stood: 24 * 3_600_000 },
    { what: 'a key', left: '', key: 'once:gone', stood: 180_000 },
  ])('$what that this process, or the way to the store, stood still for', async ({ left, key, stood }) => {
    const valkey = await Valkey.start()
    closing.push(() => valkey.stop())
    const link = await valkey.connected()
    const prefix = partitionPrefix('00')
    const look = (at: number) =>
      link.run(
        LOOK,
        [`${prefix}seen:me`, `${prefix}journal`],
        [...[prefix, left, 8, key, 600_000, '{}', 24 * 3_600_000, at, 0, 150_000, 5000]],
      )
    expect(JSON.parse(String(await look(Date.now() - stood)))).toMatchObject({ why: '', epoch: 0 })
    await link.ask('forget', redis => redis.del(`${prefix}seen:me`))
    expect(JSON.parse(String(await look(Date.now())))).toMatchObject({ why: 'lost', epoch: 1 })
  })
})
