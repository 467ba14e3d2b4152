import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { RedisApprovalStore } from '../../../src/approval/redis-approval-store.ts'
import { type HoldingParts, holdAgent, whatIsLeft } from '../../../src/lease/hold/hold-agent.ts'
import { RedisHoldStore } from '../../../src/lease/hold/redis-hold-store.ts'
import type { Lease } from '../../../src/lease/lease.ts'
import { agentPartition, newApprovalId, partitionOf } from '../../../src/lease/lease-id.ts'
import { RedisLeaseLedger } from '../../../src/lease/redis/redis-lease-ledger.ts'
import { RedisLeaseStore } from '../../../src/lease/redis/redis-lease-store.ts'
import { RedisJournalReader } from '../../../src/record/journal/redis/redis-journal-reader.ts'
import type { RedisLink } from '../../../src/redis/connect/connect-redis.ts'
import { PARTITIONS, partitionPrefix } from '../../../src/redis/keys.ts'
import { createLogger } from '../../../src/support/logger.ts'
import { startTap } from '../../../src/tap/tap.ts'
import { aLease, asking, committing, creating } from '../../lease/a-lease.ts'
import { aDecision } from '../../record/a-journal-entry.ts'
import { ClusteredValkeys } from '../../support/stores/clustered-valkeys.ts'
import { until } from '../../support/until.ts'
import { MemorySink } from '../../tap/fakes.ts'

const TERMS = { partitions: PARTITIONS, eviction: 'asked' } as const
const NAMES = ['00', '01', '02', '03']
const EVERY = { agent: null, after: '', limit: 200, partial: true }
const HOLD = { by: 'root', reason: 'drill', forMs: null }

let set: ClusteredValkeys
let link: RedisLink

beforeAll(async () => {
  set = await ClusteredValkeys.start(3, PARTITIONS)
  link = set.connect({ terms: TERMS, deadlineMs: 2000 })
  await until('all of it to be there', () => link.ready)
}, 240_000)
afterAll(() => set?.stop())

async function given(partition: string): Promise<Lease> {
  let agent = ''
  do agent = `agent-${crypto.randomUUID()}`
  while (agentPartition(agent, PARTITIONS) !== partition)
  const lease = aLease({ agent, expiresAt: Date.now() + 600_000 })
  expect(await new RedisLeaseStore(link).create(creating(lease))).toEqual({ kind: 'created' })
  return lease
}

/** Contracts of tests are no signed ones. */
function holdingParts(leases: readonly Lease[]): HoldingParts {
  return {
    holds: new RedisHoldStore(link),
    leases: new RedisLeaseStore(link),
    open: async contract => leases.find(({ id }) => contract === `contract of ${id}`) ?? null,
    toHeld: () => '{}',
    toRevoked: () => '{}',
    clock: Date.now,
  }
}

/** A decision of this lease in the journal, by its audit id. */
async function decide(lease: Lease): Promise<string> {
  const auditId = crypto.randomUUID()
  const entry = JSON.stringify(aDecision({ auditId, lease: lease.id }))
  const commit = () => new RedisLeaseLedger(link).commit(committing(lease, { entry })).catch(() => null)
  await until('a decision', async () => (await commit())?.kind === 'allowed')
  return auditId
}

/** Waits until the partition is away, with its replica. */
async function lose(partition: string): Promise<number> {
  const lost = await set.ownerOf(partitionPrefix(partition))
  await set.kill(await set.replicaOf(lost))
  await set.kill(lost)
  return lost
}

/** Every partition of this node. */
async function partitionsOf(port: number): Promise<readonly string[]> {
  const owners = await Promise.all(NAMES.map(name => set.ownerOf(partitionPrefix(name))))
  return NAMES.filter((_, at) => owners[at] === port)
}

/** A lease on a node that does not have the number of partitions, without which nothing is done anywhere, and where that is. */
async function besidesCounted(leases: readonly Lease[]): Promise<readonly [Lease, number]> {
  const counted = await set.ownerOf('{lg:store}:partitions')
  for (const lease of leases) {
    const port = await set.ownerOf(partitionPrefix(partitionOf(lease.id)))
    if (port !== counted) return [lease, port]
  }
  throw new Error('one node has all of it')
}

describe('a node that is lost, and has no replica', () => {
  test('takes its leases and questions out of lists, which say so where that is asked for; an act on all says what it did not reach', async () => {
    const leases = await Promise.all(NAMES.map(given))
    const [store, approvals] = [new RedisLeaseStore(link), new RedisApprovalStore(link)]
    const asked = leases.map(lease => ({ lease, id: newApprovalId(lease.id) }))
    for (const { lease, id } of asked) {
      const commit = () => new RedisLeaseLedger(link).commit(asking(lease, randomBytes(32).toString('hex'), id))
      await until('a question', async () => (await commit().catch(() => null))?.kind === 'pending')
    }
    const all = { agent: null, after: '', limit: 200 }
    const ids = async (partial: boolean) => {
      const [ofLeases, ofQuestions] = await Promise.all([
        store.list({ ...all, partial }, Date.now()),
        approvals.pending({ ...all, partial }, Date.now()),
      ])
      expect(ofLeases.missing).toEqual(ofQuestions.missing)
      const there = [...ofLeases.items.map(({ contract }) => contract), ...ofQuestions.items.map(({ id }) => id)]
      return { there, missing: ofLeases.missing ?? [] }
    }
    const namesOf = (those: readonly Lease[]) => [
      ...those.map(({ id }) => `contract of ${id}`),
      ...asked.filter(({ lease }) => those.includes(lease)).map(({ id }) => id),
    ]
    const whole = await ids(true)
    expect(whole).toEqual({ there: expect.arrayContaining(namesOf(leases)), missing: [] })

    const gone = await partitionsOf(await set.ownerOf(partitionPrefix('02')))
    await lose('02')
    await until('it to be missed', async () => (await ids(true).catch(() => null))?.missing.length === gone.length)
    const rest = leases.filter(({ id }) => !gone.includes(partitionOf(id)))
    const { there, missing } = await ids(true)
    expect(missing).toEqual(gone)
    expect(there).toEqual(expect.arrayContaining(namesOf(rest)))
    expect(there).not.toEqual(expect.arrayContaining(namesOf(leases.filter(lease => !rest.includes(lease)))))
    // Whoever does not ask for a part is given none.
    await expect(store.list(all, Date.now())).rejects.toMatchObject({ code: 'unavailable' })
    await expect(approvals.pending(all, Date.now())).rejects.toMatchObject({ code: 'unavailable' })

    const [held] = rest
    if (held === undefined) throw new Error('one node has all of it')
    const hold = { agent: held.agent, by: 'root', reason: 'drill', forMs: null }
    const half = await holdAgent(hold, holdingParts(leases))
    expect(half).toMatchObject({ ended: [held.id], missing: gone })
    expect(whatIsLeft(half)).toContain(`what it may have in ${gone.join(', ')} of the store has not`)
    expect(await new RedisLeaseLedger(link).commit(committing(held))).toMatchObject({ kind: 'ended' })
    await set.revive()
    await until('all of it to be there', async () => (await ids(true).catch(() => null))?.missing.length === 0)
    const again = await holdAgent(hold, holdingParts(leases))
    expect([again.ended, whatIsLeft(again)]).toEqual([[], null])
  }, 180_000)

  test('that evicts is as good as lost to lists and holds, and nothing else is done there', async () => {
    const leases = await Promise.all(NAMES.map(given))
    const store = new RedisLeaseStore(link)
    const [lost, port] = await besidesCounted(leases)
    const gone = await partitionsOf(port)
    const missing = async () => (await store.list(EVERY, Date.now())).missing ?? []
    await set.command(port, 'CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru')
    await until('it to be missed', async () => (await missing()).length === gone.length)
    await expect(store.list({ ...EVERY, partial: false }, Date.now())).rejects.toMatchObject({ code: 'unfit' })
    const [held] = leases.filter(({ id }) => !gone.includes(partitionOf(id)))
    if (held === undefined) throw new Error('one node has all of it')
    await expect(new RedisLeaseLedger(link).commit(committing(lost))).rejects.toMatchObject({ code: 'unfit' })

    const half = await holdAgent({ ...HOLD, agent: held.agent }, holdingParts(leases))
    expect(half).toMatchObject({ isPlaced: true, ended: [held.id], missing: gone })
    const none = await holdAgent({ ...HOLD, agent: lost.agent }, holdingParts(leases))
    expect(none).toMatchObject({ isPlaced: false, ended: [], missing: gone })
    await set.command(port, 'CONFIG', 'SET', 'maxmemory-policy', 'noeviction')
    await until('it to be there', async () => (await missing()).length === 0)
    const again = await holdAgent({ ...HOLD, agent: lost.agent }, holdingParts(leases))
    expect([again.isPlaced, again.ended, whatIsLeft(again)]).toEqual([true, [lost.id], null])
  }, 180_000)

  test('takes its part of the record along until it is back; all others are recorded meanwhile, each once', async () => {
    const leases = await Promise.all(NAMES.map(given))
    const lost = await set.ownerOf(partitionPrefix('01'))
    const owners = await Promise.all(leases.map(({ id }) => set.ownerOf(partitionPrefix(partitionOf(id)))))
    const [gone, rest] = [0, 1].map(at => leases.filter((_, one) => (owners[one] === lost) === (at === 0)))
    const [sink, lines] = [new MemorySink(), [] as string[]]
    const own = set.connect({ terms: { ...TERMS, eviction: 'whatever' }, deadlineMs: 2000 })
    const log = createLogger({ name: 'tap', level: 'info', destination: { write: line => void lines.push(line) } })
    const journal = new RedisJournalReader(own, { consumer: 'tap-0' })
    const tap = startTap({ journal, sink, log, limits: { maxAgeMs: 10, backoffMs: [1, 5] } })
    const recorded = () => sink.rows.map(row => JSON.stringify(row))
    const isRecorded = (id: string) => recorded().filter(row => row.includes(id)).length
    const first = await Promise.all(leases.map(decide))
    await until('all to be recorded', () => first.every(id => isRecorded(id) === 1))

    const waiting = await Promise.all((gone ?? []).map(decide))
    await lose('01')
    await until('it to be said', () => lines.some(line => line.includes('a part of the journal is not there')))
    for (let again = 0; again < 3; again++) {
      const more = await Promise.all((rest ?? []).map(decide))
      await until('the rest to be recorded', () => more.every(id => isRecorded(id) === 1))
    }
    const { journal: lag } = await tap.status()
    expect(lag.map(({ stream }) => stream).toSorted()).toEqual([...NAMES, 'refusals'])
    await until('it to be seen how long', async () => {
      const now = (await tap.status()).journal.find(({ stream }) => stream === '01')
      return (now?.lagSeconds ?? 0) >= 1
    })

    await set.revive()
    const last = await Promise.all(leases.map(decide))
    await until('all to be recorded', () => [...waiting, ...last].every(id => isRecorded(id) >= 1), 60_000)
    await until('nothing to be left', async () => (await journal.lag()).every(({ length }) => length === 0), 60_000)
    for (const id of [...first, ...waiting, ...last]) expect(isRecorded(id)).toBe(1)
    expect(lines.some(line => line.includes('all of the journal is read again'))).toBe(true)
    await tap.stop()
    journal.close()
    own.close()
  }, 180_000)
})
