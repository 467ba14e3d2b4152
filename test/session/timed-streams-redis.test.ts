import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Lease } from '../../src/lease/lease.ts'
import { RedisLeaseLedger } from '../../src/lease/redis/redis-lease-ledger.ts'
import { RedisLeaseStore } from '../../src/lease/redis/redis-lease-store.ts'
import { RedisSessionSeconds } from '../../src/lease/stream/redis-session-seconds.ts'
import { SLICE_SECONDS } from '../../src/lease/stream/session-seconds.ts'
import { boundToday } from '../../src/policy/budgets.ts'
import { secondsToday } from '../../src/session/seconds-today.ts'
import { TimedStreams } from '../../src/session/timed-streams.ts'
import { aLease, committing, creating } from '../lease/a-lease.ts'
import { aPolicy, aTemplate } from '../policy/a-policy.ts'
import { Valkey } from '../support/stores/valkey.ts'
import { stretched, until } from '../support/until.ts'

const EVERY_MS = 200
/** A machine that has much to do runs timers late. */
const LATE_MS = 100

let valkey: Valkey
const ending: (() => Promise<void>)[] = []
beforeAll(async () => {
  valkey = await Valkey.start()
})
afterEach(async () => {
  for (const end of ending.splice(0)) await end()
})
afterAll(() => valkey.stop())

/** What an authorizer has for it, under a policy of today whose template has so many. */
async function anAuthorizer(lease: Lease, today: { execSeconds?: number } = {}) {
  const link = await valkey.connected({ deadlineMs: 500 })
  const ledger = new RedisLeaseLedger(link)
  const policy = aPolicy({ templates: [aTemplate({ name: lease.template, budgets: today })] })
  const findLease = async (id: string) => (id === lease.id ? lease : null)
  const cuts: { readonly auditId: string; readonly reason: string; readonly ranMs: number }[] = []
  const streams = new TimedStreams({
    seconds: secondsToday({ seconds: new RedisSessionSeconds(link), findLease, policy: () => policy }),
    now: () => performance.now(),
    everyMs: EVERY_MS,
    endMs: 5000,
    onCut: () => undefined,
    onFailure: () => undefined,
  })
  const stop = new AbortController()
  const running = streams.run(stop.signal)
  ending.push(async () => {
    stop.abort()
    await running
  })
  const begin = async (): Promise<number> => {
    const commit = committing(boundToday(lease, policy), { intent: { kind: 'allow', take: ['execSeconds'] } })
    const committed = await ledger.commit(commit)
    if (committed.kind !== 'allowed' || committed.seconds === undefined) return 0
    const { id: auditId } = commit
    const from = performance.now()
    const cut = (reason: string) => void cuts.push({ auditId, reason, ranMs: performance.now() - from })
    streams.open({ auditId, lease: lease.id, seconds: committed.seconds, cut })
    return committed.seconds
  }
  return { begin, cuts }
}

async function live(given: Partial<Lease>): Promise<Lease> {
  const lease = aLease({ expiresAt: Date.now() + 600_000, ...given })
  await new RedisLeaseStore(await valkey.connected()).create(creating(lease))
  return lease
}

describe('TimedStreams on a real store', () => {
  test('two at two authorizers share what there is, by the stricter of lease and policy, and run no longer in all', async () => {
    const lease = await live({ budgets: { execSeconds: 1000 } })
    const today = { execSeconds: SLICE_SECONDS + 3 }
    const [one, other, third] = [
      await anAuthorizer(lease, today),
      await anAuthorizer(lease, today),
      await anAuthorizer(lease, today),
    ]
    expect([await one.begin(), await other.begin(), await third.begin()]).toEqual([SLICE_SECONDS, 3, 0])
    await until('both cuts', () => one.cuts.length + other.cuts.length >= 2)
    const cuts = [...one.cuts, ...other.cuts]
    expect(cuts.map(({ reason }) => reason)).toEqual(['session_spent', 'session_spent'])
    const ranMs = cuts.reduce((sum, cut) => sum + cut.ranMs, 0)
    expect(ranMs).toBeLessThanOrEqual(today.execSeconds * 1000 + stretched(LATE_MS))
    expect(ranMs).toBeGreaterThan((today.execSeconds - 2) * 1000)
  })

  test('a store that is away ends a session no later than what it had, and that stays taken', async () => {
    const lease = await live({ budgets: { execSeconds: 100 } })
    const { begin, cuts } = await anAuthorizer(lease)
    expect(await begin()).toBe(SLICE_SECONDS)
    await valkey.kill()
    await until('the cut', () => cuts.length > 0, 30_000)
    expect(cuts).toMatchObject([{ reason: 'session_unpaid' }])
    expect(cuts[0]?.ranMs).toBeLessThanOrEqual(SLICE_SECONDS * 1000 + stretched(LATE_MS))
    await valkey.boot()
    const store = new RedisLeaseStore(await valkey.connected())
    expect((await store.find(lease.id, Date.now()))?.taken.execSeconds).toBe(SLICE_SECONDS)
  })
})
