import { describe, expect, test } from 'vitest'
import { RedisLeaseLedger } from '../../../src/lease/redis/redis-lease-ledger.ts'
import { slotOf } from '../../../src/redis/cluster/slot.ts'
import { partitionPrefix } from '../../../src/redis/keys.ts'
import { ACKNOWLEDGE } from '../../../src/redis/scripts.ts'
import { DEADLINE_MS } from '../../../src/redis/server-link.ts'
import { committing, revoking } from '../../lease/a-lease.ts'
import { stretched, until } from '../../support/until.ts'
import {
  authorizers,
  BACK_MS,
  broker,
  dump,
  during,
  given,
  nobodyAllows,
  PREFIXES,
  PUT_OFF,
  servedOn,
  serves,
  set,
  store,
} from './the-store.ts'

describe('slotOf', () => {
  test('says what the server says', async () => {
    const keys = [...PREFIXES.map(prefix => `${prefix}journal`), 'a', '', '{}x', '{a}{b}', 'x{y', 'é{ü}', '}{z}']
    const said = keys.map(key => set.command(set.ports[0] ?? 0, 'CLUSTER', 'KEYSLOT', key))
    expect(keys.map(slotOf)).toEqual(await Promise.all(said))
  })
})

describe('a slot that moves in a store in Cluster mode', () => {
  test('a slot that moves key by key: nothing runs on half of it, others are served on, and nothing is lost', async () => {
    const prefix = partitionPrefix('00')
    const [lease, ended, other] = [await given('00'), await given('00'), await given('02')]
    expect(await store.revoke(revoking(ended))).toBe(true)
    await serves([lease, other])
    const [moved, unmoved] = await during([lease, other], async () => {
      const { from, to, move, end } = await set.beginMove(prefix)
      const [[oldest = ''] = []] = await broker.ask('oldest', redis =>
        redis.xrange(`${prefix}journal`, '-', '+', 'COUNT', 1),
      )
      await move([`${prefix}journal:bytes`])
      const half = [await dump(from, prefix), await dump(to, prefix)]
      expect(half.map(keys => Object.keys(keys).length > 0)).toEqual([true, true])
      for (const link of authorizers) {
        const ledger = new RedisLeaseLedger(link)
        for (const one of [lease, ended])
          await expect(ledger.commit(committing(one))).rejects.toMatchObject({ code: 'unavailable' })
        await expect(ledger.states([ended.id], Date.now())).rejects.toMatchObject({ code: 'unavailable' })
      }
      await expect(store.revoke(revoking(lease))).rejects.toMatchObject({ code: 'unavailable' })
      // All that it declares is there, and what it counts is not.
      const acknowledge = broker.run(ACKNOWLEDGE, [`${prefix}journal`], ['tap', oldest, 20])
      await expect(acknowledge).rejects.toMatchObject({ code: 'unavailable' })
      expect([await dump(from, prefix), await dump(to, prefix)]).toEqual(half)
      await end()
      await serves([lease])
    })
    expect(moved?.slowest).toBeLessThan(stretched(DEADLINE_MS + 100))
    expect([...(moved?.refused ?? [])]).toContain('unavailable')
    expect(PUT_OFF).toEqual(expect.arrayContaining([...(moved?.refused ?? [])]))
    servedOn(unmoved)
    await nobodyAllows([ended])
    await serves([lease])
  }, 120_000)

  test('a slot that moves at once: the lease lives on, and ends stay', async () => {
    const prefix = partitionPrefix('03')
    const [lease, ended, other] = [await given('03'), await given('03'), await given('02')]
    expect(await store.revoke(revoking(ended))).toBe(true)
    const [moved, unmoved] = await during([lease, other], async () => {
      const to = await set.moveAtOnce(prefix)
      await until('the slot to be there', async () => (await set.ownerOf(prefix)) === to, 60_000)
      const began = performance.now()
      await serves([lease])
      expect(performance.now() - began).toBeLessThan(stretched(BACK_MS))
    })
    expect(moved?.slowest).toBeLessThan(stretched(DEADLINE_MS + 100))
    servedOn(unmoved)
    await nobodyAllows([ended])
  }, 120_000)
})
