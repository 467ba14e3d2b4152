import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { partitionOf } from '../../src/lease/lease-id.ts'
import { RedisLeaseLedger } from '../../src/lease/redis/redis-lease-ledger.ts'
import { RedisLeaseStore } from '../../src/lease/redis/redis-lease-store.ts'
import { RedisStopStore } from '../../src/lease/stop/redis-stop-store.ts'
import type { RedisLink } from '../../src/redis/connect/connect-redis.ts'
import { partitionPrefix } from '../../src/redis/keys.ts'
import { type CutReason, LiveStreams } from '../../src/session/live-streams.ts'
import { aLease, creating, revoking } from '../lease/a-lease.ts'
import { Valkey } from '../support/stores/valkey.ts'
import { stretched, until } from '../support/until.ts'

let valkey: Valkey
let store: RedisLeaseStore
let ledger: RedisLeaseLedger
let link: RedisLink
const ancestors = new Map<string, readonly string[]>()
const ending: (() => Promise<void>)[] = []

beforeAll(async () => {
  valkey = await Valkey.start()
  link = await valkey.connected()
  store = new RedisLeaseStore(link)
  ledger = new RedisLeaseLedger(link)
})
afterEach(async () => {
  for (const end of ending.splice(0)) await end()
})
afterAll(() => valkey.stop())

/** Streams as an authorizer watches them, but for the times. */
function watching(given: { readonly confirmEveryMs: number; readonly unconfirmedLimitMs: number }) {
  const cuts: [lease: string, reason: CutReason][] = []
  const streams = new LiveStreams({
    ledger,
    ancestorsOf: async id => ancestors.get(id) ?? null,
    now: Date.now,
    steady: Date.now,
    onCut: ({ lease }, reason) => cuts.push([lease, reason]),
    ...given,
  })
  const stop = new AbortController()
  const running = streams.run(stop.signal)
  ending.push(async () => {
    stop.abort()
    await running
  })
  return { streams, cuts, open: (lease: string) => streams.open({ auditId: 'a', lease, cut: () => undefined }) }
}

const NEVER = 3_600_000

async function aLiveLease(given: Parameters<typeof aLease>[0] = {}) {
  const lease = aLease(given)
  ancestors.set(lease.id, lease.ancestors)
  await store.create(creating(lease))
  return lease
}

describe('LiveStreams on a real store', () => {
  test.each([
    { act: 'end', reason: 'lease_revoked' },
    { act: 'stop', reason: 'lease_revoked' },
    { act: 'freeze', reason: 'lease_frozen' },
  ] as const)('hears of an $act of what many leases have in common, and cuts those alone', async ({ act, reason }) => {
    const { cuts, open } = watching({ confirmEveryMs: NEVER, unconfirmedLimitMs: NEVER })
    const template = `template-${act}`
    const [one, two, other] = [
      await aLiveLease({ template, agent: 'a-1' }),
      await aLiveLease({ template, agent: 'a-2' }),
      await aLiveLease(),
    ]
    for (const { id } of [one, two, other]) await open(id)
    const subject = { kind: 'template', name: template } as const
    await new RedisStopStore(link).act({ subject, act, by: 'root', reason: 'x', event: '{}' })
    await until('both cuts', () => cuts.length >= 2)
    await store.revoke(revoking(other))
    await until('the last cut', () => cuts.some(([lease]) => lease === other.id))
    expect(cuts.toSorted()).toEqual(
      [
        [one.id, reason],
        [two.id, reason],
        [other.id, 'lease_revoked'],
      ].toSorted(),
    )
  })

  test('hears of a revocation, of the lease or of one above it, well within a second', async () => {
    const { cuts, open } = watching({ confirmEveryMs: NEVER, unconfirmedLimitMs: NEVER })
    // Ends are followed from the moment that the connection is there.
    await until('the first end to be heard', async () => {
      const first = await aLiveLease()
      await open(first.id)
      await store.revoke(revoking(first))
      return cuts.length > 0
    })
    const parent = await aLiveLease()
    const child = await aLiveLease({ ancestors: [parent.id] })
    const other = await aLiveLease()
    for (const { id } of [parent, child, other]) await open(id)
    cuts.length = 0
    const from = performance.now()
    await store.revoke(revoking(parent))
    await until('both cuts', () => cuts.length === 2)
    expect(performance.now() - from).toBeLessThan(stretched(500))
    expect(new Set(cuts.map(([lease]) => lease))).toEqual(new Set([parent.id, child.id]))
  })

  test('knows by the contract what a lease was narrowed from, not by the store', async () => {
    const { cuts, open } = watching({ confirmEveryMs: 50, unconfirmedLimitMs: NEVER })
    const parent = await aLiveLease({ agent: 'narrowed' })
    const child = await aLiveLease({ agent: 'narrowed', ancestors: [parent.id] })
    await link.ask('tamper', redis =>
      redis.hset(`${partitionPrefix(partitionOf(child.id))}lease:${child.id}`, 'ancestors', ''),
    )
    await open(child.id)
    await store.revoke(revoking(parent))
    await until('the cut', () => cuts.some(([lease]) => lease === child.id))
  })

  test('finds by asking what has expired', async () => {
    const { cuts, open } = watching({ confirmEveryMs: 50, unconfirmedLimitMs: NEVER })
    const issuedAt = Date.now()
    const lease = await aLiveLease({ issuedAt, expiresAt: issuedAt + 300 })
    await open(lease.id)
    expect(cuts).toEqual([])
    await until('the cut', () => cuts.length > 0)
    expect(cuts).toEqual([[lease.id, 'lease_expired']])
    expect(Date.now() - lease.expiresAt).toBeLessThan(stretched(500))
  })

  test('outlives a store that is back before the limit, and learns what ended meanwhile', async () => {
    const { streams, cuts, open } = watching({ confirmEveryMs: 50, unconfirmedLimitMs: 15_000 })
    const [lease, ended] = [await aLiveLease(), await aLiveLease()]
    await open(lease.id)
    await open(ended.id)
    await valkey.kill()
    await valkey.boot()
    await until('the revocation', () => store.revoke(revoking(ended)).catch(() => false))
    await until('the cut', () => cuts.length > 0)
    expect(cuts).toEqual([[ended.id, 'lease_revoked']])
    expect(streams.size).toBe(1)
  })

  test.each(['kill', 'freeze'] as const)(
    'cuts all after the limit when the store is away (%s), and not before',
    async how => {
      const { cuts, open } = watching({ confirmEveryMs: 50, unconfirmedLimitMs: 1000 })
      const lease = await aLiveLease()
      await open(lease.id)
      const from = performance.now()
      await valkey[how]()
      await until('the cut', () => cuts.length > 0)
      expect(cuts).toEqual([[lease.id, 'lease_unconfirmed']])
      expect(performance.now() - from).toBeGreaterThan(900)
      expect(performance.now() - from).toBeLessThan(stretched(2000))
      if (how === 'kill') await valkey.boot()
      else valkey.thaw()
      await until(
        'the store to be back',
        async () => (await ledger.states([lease.id], Date.now()).catch(() => null)) !== null,
      )
    },
  )
})
