import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import type { Lease } from '../../../src/lease/lease.ts'
import { agentPartition, partitionOf } from '../../../src/lease/lease-id.ts'
import { RedisLeaseLedger } from '../../../src/lease/redis/redis-lease-ledger.ts'
import { RedisLeaseStore } from '../../../src/lease/redis/redis-lease-store.ts'
import { RedisStopStore } from '../../../src/lease/stop/redis-stop-store.ts'
import { slotOf } from '../../../src/redis/cluster/slot.ts'
import type { RedisLink } from '../../../src/redis/connect/connect-redis.ts'
import { PARTITIONS, partitionPrefix, partitionPrefixes } from '../../../src/redis/keys.ts'
import { aLease, committing, creating } from '../../lease/a-lease.ts'
import { ClusteredValkeys } from '../../support/stores/clustered-valkeys.ts'
import { until } from '../../support/until.ts'

export const TERMS = { partitions: PARTITIONS, eviction: 'asked' } as const
export const PREFIXES = partitionPrefixes(PARTITIONS)
export const ACT = {
  subject: { kind: 'agent', name: 'nobody' },
  act: 'end',
  by: 'root',
  reason: 'r',
  event: '{}',
} as const
/** From the moment that another node has the slot. */
export const BACK_MS = 5000

/** What is told of a request that nobody decided. */
export const PUT_OFF: readonly string[] = ['unavailable', 'timeout']

export let set: ClusteredValkeys
export let authorizers: readonly RedisLink[]
export let broker: RedisLink
export let store: RedisLeaseStore

beforeAll(async () => {
  set = await ClusteredValkeys.start(3, PARTITIONS)
  authorizers = [0, 1].map(() => set.connect({ terms: TERMS }))
  broker = set.connect({ terms: TERMS, durability: 'everysec', replicas: 1, deadlineMs: 2000 })
  store = new RedisLeaseStore(broker)
  await until('all to be connected', () => [...authorizers, broker].every(link => link.ready))
}, 240_000)
afterEach(async () => {
  await set?.revive()
  // Each connection follows by itself.
  await until('all of it to be written to', () => writes(() => new RedisStopStore(broker).act(ACT)))
}, 240_000)
afterAll(() => set?.stop())

/** A lease in this partition that is there; a failover may have ended those of before. */
export async function given(partition = '00'): Promise<Lease> {
  let agent = ''
  do agent = `agent-${crypto.randomUUID()}`
  while (agentPartition(agent, PARTITIONS) !== partition)
  const lease = aLease({ agent, expiresAt: Date.now() + 600_000 })
  const create = () => store.create(creating(lease)).catch(() => null)
  await until('a lease to be given', async () => (await create())?.kind === 'created', 60_000)
  return lease
}

export async function givenEverywhere(): Promise<readonly Lease[]> {
  return Promise.all(['00', '01', '02', '03'].map(given))
}

export interface Told {
  slowest: number
  asked: number
  allowed: number
  readonly refused: Set<string>
}

/** Requests of two authorizers for each of these, one after the other, while something happens; what was told of each lease. */
export async function during(leases: readonly Lease[], happens: () => Promise<void>): Promise<readonly Told[]> {
  let isOver = false
  const told = leases.map((): Told => ({ slowest: 0, asked: 0, allowed: 0, refused: new Set() }))
  const ask = async (link: RedisLink, lease: Lease, of: Told): Promise<void> => {
    const ledger = new RedisLeaseLedger(link)
    while (!isOver) {
      const from = performance.now()
      const answer = await ledger.commit(committing(lease)).catch((error: { code: string }) => error.code)
      of.asked++
      of.slowest = Math.max(of.slowest, performance.now() - from)
      if (typeof answer === 'string') of.refused.add(answer)
      else if (answer.kind === 'allowed') of.allowed++
      else of.refused.add(answer.kind)
      await pause(5)
    }
  }
  const asking = authorizers.flatMap(link =>
    leases.map((lease, at) => ask(link, lease, told[at] ?? { slowest: 0, asked: 0, allowed: 0, refused: new Set() })),
  )
  await happens().finally(() => {
    isOver = true
  })
  await Promise.all(asking)
  return told
}

/** Nothing was refused but what a busy machine may put off. */
export function servedOn(told: Told | undefined): void {
  const { asked, allowed, refused } = told ?? { asked: 0, allowed: 0, refused: new Set<string>() }
  expect(allowed).toBeGreaterThan(20)
  expect(asked - allowed).toBeLessThan(asked / 10)
  expect(PUT_OFF).toEqual(expect.arrayContaining([...refused]))
}

export async function serves(leases: readonly Lease[]): Promise<void> {
  for (const link of authorizers) {
    for (const lease of leases) {
      const commit = () => new RedisLeaseLedger(link).commit(committing(lease)).catch(() => null)
      await until(
        `requests in ${partitionOf(lease.id)} to be allowed`,
        async () => (await commit())?.kind === 'allowed',
      )
    }
  }
}

export async function nobodyAllows(leases: readonly Lease[]): Promise<void> {
  for (const link of authorizers) {
    for (const lease of leases) {
      const ledger = new RedisLeaseLedger(link)
      await until('an answer', async () => (await ledger.commit(committing(lease)).catch(() => null)) !== null)
      expect(await ledger.commit(committing(lease))).toMatchObject({ kind: 'ended' })
    }
  }
}

/** What a node has of the slot of this prefix, each key with all of it. */
export async function dump(port: number, prefix: string): Promise<Readonly<Record<string, string>>> {
  const slot = String(slotOf(prefix))
  const keys = (await set.command(port, 'CLUSTER', 'GETKEYSINSLOT', slot, '100000')) as string[]
  const digests = keys.length === 0 ? [] : ((await set.command(port, 'DEBUG', 'DIGEST-VALUE', ...keys)) as string[])
  return Object.fromEntries(keys.map((key, at) => [key, digests[at] ?? '']))
}

export function writes(act: () => Promise<unknown>): Promise<boolean> {
  return act().then(
    () => true,
    () => false,
  )
}

export async function allowsNow(lease: Lease): Promise<boolean> {
  const [link] = authorizers
  if (link === undefined) return false
  return (await new RedisLeaseLedger(link).commit(committing(lease)).catch(() => null))?.kind === 'allowed'
}

/** One that another node has. */
export async function partitionApart(port: number): Promise<string> {
  for (const partition of ['00', '01', '02', '03']) {
    if ((await set.ownerOf(partitionPrefix(partition))) !== port) return partition
  }
  throw new Error('one node has all of it')
}
