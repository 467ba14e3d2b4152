import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Lease } from '../../src/lease/lease.ts'
import { agentPartition, partitionOf } from '../../src/lease/lease-id.ts'
import { RedisLeaseLedger } from '../../src/lease/redis/redis-lease-ledger.ts'
import { RedisLeaseStore } from '../../src/lease/redis/redis-lease-store.ts'
import { RedisStopStore } from '../../src/lease/stop/redis-stop-store.ts'
import { RedisStreamEnds } from '../../src/lease/stream/redis-stream-ends.ts'
import { judgeAnyStore } from '../../src/proof/doctor/store/any-store.ts'
import type { JournalItem, PoisonItem } from '../../src/record/journal/journal-entry.ts'
import { RedisJournalReader } from '../../src/record/journal/redis-journal-reader.ts'
import { CLUSTER_RIGHTS, STORE_RIGHTS, type StorePart, userOfPart } from '../../src/redis/acl.ts'
import { slotOf } from '../../src/redis/cluster/slot.ts'
import type { RedisLink } from '../../src/redis/connect/connect-redis.ts'
import { PARTITIONS, partitionPrefix, partitionPrefixes } from '../../src/redis/keys.ts'
import { ACKNOWLEDGE } from '../../src/redis/scripts.ts'
import { DEADLINE_MS } from '../../src/redis/server-link.ts'
import { readStore } from '../../src/redis/store/read-store.ts'
import { leasegate } from '../cli/leasegate.ts'
import { aLease, committing, creating, revoking } from '../lease/a-lease.ts'
import { ClusteredValkeys } from '../support/stores/clustered-valkeys.ts'
import { stretched, until } from '../support/until.ts'

const TERMS = { partitions: PARTITIONS, eviction: 'asked' } as const
const PREFIXES = partitionPrefixes(PARTITIONS)
const ACT = { subject: { kind: 'agent', name: 'nobody' }, act: 'end', by: 'root', reason: 'r', event: '{}' } as const
/** From the moment that another node has the slot. */
const BACK_MS = 5000

/** What is told of a request that nobody decided. */
const PUT_OFF: readonly string[] = ['unavailable', 'timeout']

let set: ClusteredValkeys
let authorizers: readonly RedisLink[]
let broker: RedisLink
let store: RedisLeaseStore

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
async function given(partition = '00'): Promise<Lease> {
  let agent = ''
  do agent = `agent-${crypto.randomUUID()}`
  while (agentPartition(agent, PARTITIONS) !== partition)
  const lease = aLease({ agent, expiresAt: Date.now() + 600_000 })
  const create = () => store.create(creating(lease)).catch(() => null)
  await until('a lease to be given', async () => (await create())?.kind === 'created', 60_000)
  return lease
}

async function givenEverywhere(): Promise<readonly Lease[]> {
  return Promise.all(['00', '01', '02', '03'].map(given))
}

interface Told {
  slowest: number
  asked: number
  allowed: number
  readonly refused: Set<string>
}

/** Requests of two authorizers for each of these, one after the other, while something happens; what was told of each lease. */
async function during(leases: readonly Lease[], happens: () => Promise<void>): Promise<readonly Told[]> {
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
function servedOn(told: Told | undefined): void {
  const { asked, allowed, refused } = told ?? { asked: 0, allowed: 0, refused: new Set<string>() }
  expect(allowed).toBeGreaterThan(20)
  expect(asked - allowed).toBeLessThan(asked / 10)
  expect(PUT_OFF).toEqual(expect.arrayContaining([...refused]))
}

async function serves(leases: readonly Lease[]): Promise<void> {
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

async function nobodyAllows(leases: readonly Lease[]): Promise<void> {
  for (const link of authorizers) {
    for (const lease of leases) {
      const ledger = new RedisLeaseLedger(link)
      await until('an answer', async () => (await ledger.commit(committing(lease)).catch(() => null)) !== null)
      expect(await ledger.commit(committing(lease))).toMatchObject({ kind: 'ended' })
    }
  }
}

/** What a node has of the slot of this prefix, each key with all of it. */
async function dump(port: number, prefix: string): Promise<Readonly<Record<string, string>>> {
  const slot = String(slotOf(prefix))
  const keys = (await set.command(port, 'CLUSTER', 'GETKEYSINSLOT', slot, '100000')) as string[]
  const digests = keys.length === 0 ? [] : ((await set.command(port, 'DEBUG', 'DIGEST-VALUE', ...keys)) as string[])
  return Object.fromEntries(keys.map((key, at) => [key, digests[at] ?? '']))
}

describe('slotOf', () => {
  test('says what the server says', async () => {
    const keys = [...PREFIXES.map(prefix => `${prefix}journal`), 'a', '', '{}x', '{a}{b}', 'x{y', 'é{ü}', '}{z}']
    const said = keys.map(key => set.command(set.ports[0] ?? 0, 'CLUSTER', 'KEYSLOT', key))
    expect(keys.map(slotOf)).toEqual(await Promise.all(said))
  })
})

describe('a store in Cluster mode', () => {
  test('leases of every partition are served, from several nodes', async () => {
    const leases = await givenEverywhere()
    await serves(leases)
    const owners = await Promise.all(PREFIXES.map(prefix => set.ownerOf(prefix)))
    expect(new Set(owners).size).toBe(3)
    expect(
      broker
        .servers()
        .map(({ at }) => at)
        .toSorted(),
    ).toEqual([...new Set(owners)].map(port => `127.0.0.1:${port}`).toSorted())
    expect(authorizers.map(link => link.unreadyInFull)).toEqual([null, null])
    const { items } = await store.list({ agent: null, after: '', limit: 100 }, Date.now())
    expect(items.map(({ contract }) => contract)).toEqual(
      expect.arrayContaining(leases.map(({ id }) => `contract of ${id}`)),
    )
  })

  test('what happens to all leases happens in every partition, and is told once', async () => {
    const leases = await givenEverywhere()
    const stops = new RedisStopStore(broker)
    const subject = { kind: 'all', name: '' } as const
    const stopped = await stops.act({ subject, act: 'end', by: 'root', reason: 'drill', event: '{"kind":"stop"}' })
    expect(stopped?.ended).toMatchObject({ by: 'root' })
    await nobodyAllows(leases)
    expect((await stops.list()).filter(({ subject }) => subject.kind === 'all')).toHaveLength(1)
  })

  test('the journal is read from all nodes, and each entry once', async () => {
    const leases = await givenEverywhere()
    const reader = new RedisJournalReader(broker, { consumer: 'tap' })
    const read = async () => {
      const items = await reader.read(5000, new AbortController().signal)
      await reader.acknowledge(items)
      return items
    }
    const before: unknown[] = []
    for (let items = await read(); items.length > 0; items = await read()) before.push(...items)
    await Promise.all(leases.map(lease => new RedisLeaseLedger(authorizers[0] ?? broker).commit(committing(lease))))
    const items = await read()
    expect(items.map(({ stream }) => stream).toSorted()).toEqual(['00', '01', '02', '03'])
    expect(await read()).toEqual([])
    expect((await reader.lag()).map(({ length }) => length)).toEqual([0, 0, 0, 0, 0])
    await reader.leave()
    reader.close()
  })

  test('what one node does not give is not given twice, or never, by the others', async () => {
    const leases = await givenEverywhere()
    const reader = new RedisJournalReader(broker, { consumer: 'tap' })
    const read = () => reader.read(5000, new AbortController().signal)
    for (let items = await read(); items.length > 0; items = await read()) await reader.acknowledge(items)
    await Promise.all(leases.map(lease => new RedisLeaseLedger(authorizers[0] ?? broker).commit(committing(lease))))
    const { move, end } = await set.beginMove(partitionPrefix('00'))
    await move([`${partitionPrefix('00')}journal`])
    const others: (JournalItem | PoisonItem)[] = []
    await until('the others to be read', async () => {
      others.push(...(await read()))
      return new Set(others.map(({ stream }) => stream)).size === PARTITIONS - 1 && reader.unread.length > 0
    })
    expect(reader.unread).toEqual([{ stream: '00', problem: expect.stringMatching(/^journal: /) }])
    await reader.acknowledge(others)
    await end()
    const streams = others.map(({ stream }) => stream)
    await until('all to be read', async () => {
      const items = await read().catch(() => [])
      const done = () => reader.acknowledge(items).then(() => true)
      await until('the node to be back', () => done().catch(() => false))
      streams.push(...items.map(({ stream }) => stream))
      return new Set(streams).size === PARTITIONS
    })
    expect(streams.toSorted()).toEqual(['00', '01', '02', '03'])
    await reader.leave()
    reader.close()
  }, 120_000)

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

  test('a primary that is killed under requests: each is answered in time, other partitions are served on, and no end comes back', async () => {
    const elsewhere = '00'
    const partition = await partitionApart(await set.ownerOf(partitionPrefix(elsewhere)))
    const old = await set.ownerOf(partitionPrefix(partition))
    const [lease, ended, other] = [await given(partition), await given(partition), await given(elsewhere)]
    expect(await store.revoke(revoking(ended))).toBe(true)
    const [stops, streams] = [new RedisStopStore(broker), new RedisStreamEnds(broker)]
    await streams.end({ auditId: 'a-stream', event: '{"kind":"session"}' })
    const [lost, served] = await during([lease, other], async () => {
      await set.kill(old)
      await until('requests to be refused', async () => !(await allowsNow(lease)))
      await expect(stops.act(ACT)).rejects.toThrow(/done in [1-3] of 4 parts of the store: say it again$/)
      expect(authorizers.map(({ ready }) => ready)).toEqual([true, true])
      expect(await streams.ended([partition, elsewhere])).toEqual(new Set(['a-stream']))
      await expect(streams.ended([partition])).rejects.toMatchObject({ code: 'unavailable' })
      await until('a replica to take over', async () => (await set.ownerOf(partitionPrefix(partition))) !== old, 60_000)
      const began = performance.now()
      await serves([lease])
      expect(performance.now() - began).toBeLessThan(stretched(BACK_MS))
    })
    expect(lost?.slowest).toBeLessThan(stretched(DEADLINE_MS + 100))
    expect([...(lost?.refused ?? [])]).toContain('unavailable')
    servedOn(served)
    await nobodyAllows([ended])
    // Who took over has a replica again, whose disk is waited for.
    await set.revive()
    await until('it to be done everywhere', () => writes(() => stops.act(ACT)))
    expect(await stops.act(ACT)).toMatchObject({ ended: { by: 'root' } })
  }, 180_000)

  test('all leases end wherever there is a node, with one entry in the journal, also while the first partition is away', async () => {
    const leases = await givenEverywhere()
    const old = await set.ownerOf(partitionPrefix('00'))
    const owners = await Promise.all(leases.map(({ id }) => set.ownerOf(partitionPrefix(partitionOf(id)))))
    const others = leases.filter((_, at) => owners[at] !== old)
    const event = JSON.stringify({ kind: 'stop', drill: crypto.randomUUID() })
    await set.kill(old)
    const act = { subject: { kind: 'all', name: '' }, act: 'end', by: 'root', reason: 'drill', event } as const
    const stopping = new RedisStopStore(broker).act(act)
    await expect(stopping).rejects.toThrow(`done in ${others.length} of 4 parts of the store: say it again`)
    await nobodyAllows(others)
    const journals = others.map(({ id }) => `${partitionPrefix(partitionOf(id))}journal`)
    const entries = journals.map(key => broker.ask('journal', redis => redis.xrange(key, '-', '+')))
    const told = (await Promise.all(entries)).flat().filter(([, fields]) => fields.includes(event))
    expect(told).toHaveLength(1)
  }, 120_000)

  test('a replica that lacked an end takes over: every lease of its partition has ended, and of no other', async () => {
    const partition = '02'
    const old = await set.ownerOf(partitionPrefix(partition))
    const elsewhere = await partitionApart(old)
    const [lease, ended, other] = [await given(partition), await given(partition), await given(elsewhere)]
    // One that waits for no replica.
    const hasty = new RedisLeaseStore(set.connect({ terms: TERMS, durability: 'always', deadlineMs: 2000 }))
    await until('it to be connected', async () => (await hasty.find(ended.id, Date.now()).catch(() => null)) !== null)
    const replica = await set.deafen(old)
    expect(await hasty.revoke(revoking(ended))).toBe(true)
    await set.kill(old)
    set.thaw(replica)
    const isOver = async () => (await set.ownerOf(partitionPrefix(partition))) === replica
    await until('the replica to take over', isOver, 60_000)
    await nobodyAllows([ended, lease])
    await serves([other])
  }, 180_000)

  test('a primary that hangs is left once its replica has taken over, and is none when it wakes', async () => {
    const prefix = partitionPrefix('03')
    const old = await set.ownerOf(prefix)
    const lease = await given('03')
    const [told] = await during([lease], async () => {
      set.freeze(old)
      await until('another to have it', async () => (await set.ownerOf(prefix)) !== old, 60_000)
      await serves([lease])
    })
    expect(told?.slowest).toBeLessThan(stretched(DEADLINE_MS + 100))
  }, 180_000)

  test('with a user of its own each part can do its work there, and no more than elsewhere', async () => {
    for (const part of ['authorizer', 'broker', 'tap', 'operator'] as const) {
      const rights = `${STORE_RIGHTS[part]} ${CLUSTER_RIGHTS}`.split(' ')
      for (const port of set.ports) await set.command(port, 'ACL', 'SETUSER', userOfPart(part), 'on', '>s3', ...rights)
    }
    const as = (part: StorePart, more: object = {}) =>
      set.connect({ url: set.url.replace('//', `//${userOfPart(part)}:s3@`), terms: TERMS, ...more })
    const [its, ledger] = [new RedisLeaseStore(as('broker')), new RedisLeaseLedger(as('authorizer'))]
    const lease = aLease({ expiresAt: Date.now() + 600_000 })
    await until('it to be given', async () => (await its.create(creating(lease)).catch(() => null))?.kind === 'created')
    await until(
      'it to be taken',
      async () => (await ledger.commit(committing(lease)).catch(() => null))?.kind === 'allowed',
    )
    const reader = new RedisJournalReader(as('tap', { terms: { ...TERMS, eviction: 'whatever' } }), { consumer: 'its' })
    const read = async () => reader.read(1000, new AbortController().signal).catch(() => [])
    await until('something to be read', async () => {
      const items = await read()
      await reader.acknowledge(items)
      return items.length > 0
    })
    const operator = as('operator', { terms: null })
    await until('the operator to be there', () => operator.ready)
    expect(await new RedisLeaseStore(operator).revoke(revoking(lease))).toBe(true)
    const wrong = as('tap', { terms: null })
    await until('the tap to be there', () => wrong.ready)
    await expect(new RedisLeaseStore(wrong).revoke(revoking(lease))).rejects.toMatchObject({ code: 'refused' })
    reader.close()
  })

  test('whoever comes with another number of partitions is refused in all of them', async () => {
    const wrong = set.connect({ cluster: { partitions: 3 }, terms: { ...TERMS, partitions: 3 } })
    await until('it to be examined', () => wrong.unready?.includes('set up with 4 partitions') === true)
    await expect(new RedisLeaseStore(wrong).create(creating(aLease()))).rejects.toMatchObject({ code: 'unfit' })
    wrong.close()
  })

  test('the doctor looks at each node, and says what is wrong with which', async () => {
    const { findings, seen } = judgeAnyStore(await readStore(broker, Date.now), 'always', 1)
    expect(seen).toHaveLength(broker.servers().length)
    expect(findings.filter(({ severity }) => ['critical', 'error'].includes(severity))).toEqual([])
    const port = await set.ownerOf(partitionPrefix('02'))
    await set.command(port, 'CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru', 'cluster-allow-reads-when-down', 'yes')
    const { code, stdout } = await leasegate(['doctor'], { ...set.env, LEASEGATE_DURABILITY: 'always' })
    await set.command(port, 'CONFIG', 'SET', 'maxmemory-policy', 'noeviction', 'cluster-allow-reads-when-down', 'no')
    expect(stdout).toContain(`127.0.0.1:${port} answers what is only read also when it is cut off`)
    expect({ code, stdout }).toEqual({
      code: 1,
      stdout: expect.stringContaining(`127.0.0.1:${port}: the store's maxmemory-policy is allkeys-lru`),
    })
  })

  test('nobody is ready where the node that counts the partitions cannot be used', async () => {
    const port = await set.ownerOf('{lg:store}:')
    await set.command(port, 'CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru')
    const [link] = authorizers
    await until('it to be seen', () => link?.unreadyInFull?.includes('its maxmemory-policy is allkeys-lru') === true)
    expect(link?.ready).toBe(false)
    await set.command(port, 'CONFIG', 'SET', 'maxmemory-policy', 'noeviction')
    await until('it to be ready again', () => link?.ready === true)
  })

  test('by commands that go past the broker, leases of all partitions end', async () => {
    const leases = await givenEverywhere()
    const revoke = ['lease', 'revoke', '--all', '--direct', '--reason', 'drill']
    const { code, stderr } = await leasegate(revoke, {
      ...set.env,
      LEASEGATE_DURABILITY: 'always',
      LEASEGATE_PUBLIC_KEYS_FILE: '/nowhere/keys.json',
    })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    await nobodyAllows(leases)
  })
})

function writes(act: () => Promise<unknown>): Promise<boolean> {
  return act().then(
    () => true,
    () => false,
  )
}

async function allowsNow(lease: Lease): Promise<boolean> {
  const [link] = authorizers
  if (link === undefined) return false
  return (await new RedisLeaseLedger(link).commit(committing(lease)).catch(() => null))?.kind === 'allowed'
}

/** One that another node has. */
async function partitionApart(port: number): Promise<string> {
  for (const partition of ['00', '01', '02', '03']) {
    if ((await set.ownerOf(partitionPrefix(partition))) !== port) return partition
  }
  throw new Error('one node has all of it')
}
