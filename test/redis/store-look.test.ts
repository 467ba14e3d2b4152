import { cp, rm } from 'node:fs/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { RedisLeaseLedger } from '../../src/lease/redis-lease-ledger.ts'
import { RedisLeaseStore } from '../../src/lease/redis-lease-store.ts'
import { PARTITIONS, partitionPrefix } from '../../src/redis/keys.ts'
import type { StoreTerms } from '../../src/redis/store-watch.ts'
import { aLease, committing, creating, revoking } from '../lease/a-lease.ts'
import { until } from '../support/until.ts'
import { Valkey } from '../support/valkey.ts'

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
})
