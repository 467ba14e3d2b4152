import { afterAll, beforeAll, expect } from 'vitest'
import type { Lease } from '../../../src/lease/lease.ts'
import { RedisLeaseLedger } from '../../../src/lease/redis/redis-lease-ledger.ts'
import { RedisLeaseStore } from '../../../src/lease/redis/redis-lease-store.ts'
import type { RedisLink } from '../../../src/redis/connect/connect-redis.ts'
import { PARTITIONS } from '../../../src/redis/keys.ts'
import { aLease, committing, creating, revoking } from '../../lease/a-lease.ts'
import { WatchedValkeys } from '../../support/stores/watched-valkeys.ts'
import { until } from '../../support/until.ts'

export const TERMS = { partitions: PARTITIONS, eviction: 'asked' } as const
/** From the moment that the sentinels name another primary. */
export const BACK_MS = 5000

export let set: WatchedValkeys
export let authorizers: readonly RedisLink[]
export let broker: RedisLink
export let store: RedisLeaseStore

beforeAll(async () => {
  set = await WatchedValkeys.start(2)
  authorizers = [0, 1].map(() => set.connect({ terms: TERMS }))
  broker = set.connect({ terms: TERMS, durability: 'everysec', replicas: 1, deadlineMs: 2000 })
  store = new RedisLeaseStore(broker)
  await until('all to be connected', () => [...authorizers, broker].every(link => link.ready))
}, 120_000)
afterAll(() => set?.stop())

/** A lease that is there; a failover may have ended those of before. */
export async function given(): Promise<Lease> {
  const lease = aLease({ agent: `agent-${crypto.randomUUID()}`, expiresAt: Date.now() + 600_000 })
  await until(
    'a lease to be given',
    async () => (await store.create(creating(lease)).catch(() => null))?.kind === 'created',
  )
  return lease
}

export async function revoked(lease: Lease): Promise<boolean> {
  return store.revoke(revoking(lease)).catch(() => false)
}

export interface Told {
  readonly slowest: number
  readonly allowed: number
  readonly refused: ReadonlySet<string>
}

/** Requests of two authorizers for a lease, one after the other, while something happens. */
export async function during(lease: () => Lease, happens: () => Promise<void>): Promise<Told> {
  let [slowest, allowed, isOver] = [0, 0, false]
  const refused = new Set<string>()
  const asking = authorizers.map(async link => {
    const ledger = new RedisLeaseLedger(link)
    while (!isOver) {
      const from = performance.now()
      const told = await ledger.commit(committing(lease())).catch((error: { code: string }) => error.code)
      slowest = Math.max(slowest, performance.now() - from)
      if (typeof told === 'string') refused.add(told)
      else if (told.kind === 'allowed') allowed++
      await new Promise(resolve => setTimeout(resolve, 5))
    }
  })
  await happens().finally(() => {
    isOver = true
  })
  await Promise.all(asking)
  return { slowest, allowed, refused }
}

export async function serves(): Promise<void> {
  const lease = await given()
  for (const link of authorizers) {
    const commit = () => new RedisLeaseLedger(link).commit(committing(lease)).catch(() => null)
    await until('requests to be allowed', async () => (await commit())?.kind === 'allowed')
  }
}

export async function nobodyAllows(leases: readonly Lease[]): Promise<void> {
  const ledgers = [...authorizers, ...authorizers].map(link => new RedisLeaseLedger(link))
  for (const lease of leases) {
    for (const ledger of ledgers) expect(await ledger.commit(committing(lease))).toMatchObject({ kind: 'ended' })
  }
}

/** Denied, or not answered. */
export async function nobodyAllowed(lease: Lease): Promise<void> {
  for (const link of [...authorizers, ...authorizers]) {
    const told = await new RedisLeaseLedger(link).commit(committing(lease)).catch(() => null)
    expect(told?.kind ?? 'ended').toBe('ended')
  }
}

/** Whoever made it a replica closed its connections, ours too. */
export async function isFollowing(port: number): Promise<boolean> {
  const said = String(await set.command(port, 'INFO', 'replication').catch(() => ''))
  return said.includes('role:slave') && said.includes('master_link_status:up')
}

export async function newPrimary(old: number): Promise<number> {
  await until('the sentinels to name another primary', async () => ![old, 0].includes(await set.primary()), 60_000)
  return set.primary()
}
