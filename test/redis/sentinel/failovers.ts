import { describe, expect, test } from 'vitest'
import { DEADLINE_MS } from '../../../src/redis/server-link.ts'
import { PRIMARY } from '../../support/stores/watched-valkeys.ts'
import { stretched, until } from '../../support/until.ts'
import {
  authorizers,
  BACK_MS,
  broker,
  during,
  given,
  isFollowing,
  newPrimary,
  nobodyAllowed,
  nobodyAllows,
  revoked,
  serves,
  set,
  TERMS,
} from './the-store.ts'

describe('a store that sentinels watch', () => {
  test('requests are served by its primary, and each process says which one', async () => {
    await serves()
    expect(authorizers.map(link => link.unreadyInFull)).toEqual([null, null])
    expect(await broker.sentinels()).toEqual(
      set.sentinels.map(({ port }) => ({
        sentinel: `127.0.0.1:${port}`,
        kind: 'primary',
        at: { host: '127.0.0.1', port: set.ports[0] },
        epoch: 0,
        others: 2,
      })),
    )
  })

  test('requests go on while no sentinel answers, and whoever comes then is told so', async () => {
    const lease = await given()
    set.freezeSentinels()
    const late = set.connect()
    try {
      const { allowed, refused } = await during(
        () => lease,
        () => until('a reason', () => late.unreadyInFull?.includes('no sentinel tells where') === true),
      )
      expect(allowed).toBeGreaterThan(0)
      expect([...refused]).toEqual([])
      expect(late.unreadyInFull).toContain(`127.0.0.1:${set.sentinels[0]?.port} no answer`)
    } finally {
      set.thawSentinels()
    }
    await until('the late one to be led to the primary', () => late.ready)
    late.close()
  })

  test('a primary that is killed under requests: each is answered in time, no end comes back, and another one serves in seconds', async () => {
    const old = await set.primary()
    const [lease, ended] = [await given(), await given()]
    expect(await revoked(ended)).toBe(true)
    let back = 0
    const { slowest, allowed, refused } = await during(
      () => lease,
      async () => {
        await set.kill(old)
        await newPrimary(old)
        const from = performance.now()
        await serves()
        back = performance.now() - from
      },
    )
    expect(back).toBeLessThan(stretched(BACK_MS))
    expect(slowest).toBeLessThan(stretched(DEADLINE_MS + 100))
    expect(allowed).toBeGreaterThan(0)
    expect([...refused]).toContain('unavailable')
    await nobodyAllows([ended])
  }, 120_000)

  test('the former primary comes back as a replica, and nothing is ever written to it as to a primary', async () => {
    const now = await set.primary()
    const old = set.ports.find(port => port !== now && port === set.ports[0]) ?? 0
    await set.boot(old)
    const lease = await given()
    const { allowed, refused } = await during(
      () => lease,
      () => until('it to follow', () => isFollowing(old), 60_000),
    )
    expect(allowed).toBeGreaterThan(0)
    expect([...refused]).toEqual([])
    // Its primary sends it what came of scripts, and none.
    expect(String(await set.command(old, 'INFO', 'commandstats'))).not.toMatch(/cmdstat_eval/)
    expect(String(await set.command(now, 'INFO', 'commandstats'))).toMatch(/cmdstat_eval/)
  }, 120_000)

  test('a failover by command: the former primary is left, ends stay', async () => {
    const old = await set.primary()
    const [lease, ended] = [await given(), await given()]
    let isEnded = false
    let back = 0
    const { slowest } = await during(
      () => lease,
      async () => {
        await until(
          'the sentinels to agree',
          async () => (await set.tell(0, 'FAILOVER', PRIMARY).catch(() => null)) === 'OK',
        )
        // While it goes on: whatever is acknowledged has to hold.
        await until('an end to be acknowledged', async () => {
          isEnded ||= await revoked(ended)
          return isEnded
        })
        await nobodyAllowed(ended)
        await newPrimary(old)
        const from = performance.now()
        await serves()
        back = performance.now() - from
      },
    )
    expect(slowest).toBeLessThan(stretched(DEADLINE_MS + 100))
    expect(back).toBeLessThan(stretched(BACK_MS))
    await nobodyAllows([ended])
    await until('the former primary to follow', () => isFollowing(old), 60_000)
  }, 120_000)

  test('whoever begins with a server that was a replica before waits as long as those that come from the former primary', async () => {
    const said = String(await set.command(await set.primary(), 'INFO', 'replication'))
    expect(said).not.toMatch(/^second_repl_offset:-1\r?$/m)
    const from = performance.now()
    const late = set.connect({ terms: TERMS })
    await until('it to be taken', () => late.ready)
    expect(performance.now() - from).toBeGreaterThan(1490)
    late.close()
  })

  test('a primary that hangs is left once another is named, and is no primary when it wakes', async () => {
    const old = await set.primary()
    const lease = await given()
    const { slowest } = await during(
      () => lease,
      async () => {
        set.freeze(old)
        await newPrimary(old)
        await serves()
      },
    ).finally(() => set.thaw(old))
    expect(slowest).toBeLessThan(stretched(DEADLINE_MS + 100))
    await until('the former primary to follow', () => isFollowing(old), 60_000)
  }, 120_000)
})
