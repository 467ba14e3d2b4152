import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newApprovalId, partitionName, partitionOf } from '../../src/lease/lease-id.ts'
import { LIMITS } from '../../src/lease/limits.ts'
import { RedisLeaseLedger } from '../../src/lease/redis/redis-lease-ledger.ts'
import { RedisLeaseStore } from '../../src/lease/redis/redis-lease-store.ts'
import type { RedisLink } from '../../src/redis/connect/connect-redis.ts'
import { PARTITIONS, partitionPrefix } from '../../src/redis/keys.ts'
import { Valkey } from '../support/stores/valkey.ts'
import { stretched } from '../support/until.ts'
import { aLease, asking, committing, creating, revoking } from './a-lease.ts'
import { commandsRun, flood, floodsOf, othersMeanwhile } from './floods.ts'

const MEGABYTE = 1_048_576
/** 50 000 of each in `npm run test:long`. */
const TIMES = 2000

let valkey: Valkey
let link: RedisLink
beforeAll(async () => {
  valkey = await Valkey.start({ appendfsync: 'everysec', maxmemory: String(128 * MEGABYTE) })
  link = await valkey.connected({ deadlineMs: 5000 })
})
afterAll(() => valkey.stop())

const used = async () =>
  Number(/^used_memory:(\d+)/m.exec(await link.ask('memory', redis => redis.info('memory')))?.[1])

/** Keys of a kind, over all partitions. */
async function keysLike(pattern: string): Promise<number> {
  const partitions = Array.from({ length: PARTITIONS }, (_, index) => partitionPrefix(partitionName(index)))
  const found = await Promise.all(
    partitions.map(prefix => link.ask('keys', redis => redis.keys(`${prefix}${pattern}`))),
  )
  return found.flat().length
}

describe('an agent that makes as much as it can', () => {
  test('leaves little behind, and others are served as before', async () => {
    const floods = await floodsOf(link)
    const stop = new AbortController()
    const others = othersMeanwhile(await valkey.connected({ deadlineMs: 5000 }), stop.signal)
    const before = await used()
    const outcomes = new Map<string, ReadonlyMap<string, number>>()
    for (const one of floods) outcomes.set(one.name, await flood(one, TIMES))
    stop.abort()
    const { request, approvals } = await others
    const of = (name: string, kind: string) => outcomes.get(name)?.get(kind) ?? 0
    // Twice where the minute turns meanwhile.
    expect(of('questions, each another', 'pending')).toBeLessThanOrEqual(LIMITS.questionsOfLease)
    expect(of('questions, each another', 'too-many-questions')).toBeGreaterThanOrEqual(TIMES - LIMITS.questionsOfLease)
    expect(of('children of one lease', 'created')).toBeLessThanOrEqual(LIMITS.children)
    expect(of('leases made and revoked', 'revoked true')).toBeLessThanOrEqual(2 * LIMITS.leasesPerMinute)
    expect(await keysLike('approval:*')).toBeLessThanOrEqual(LIMITS.questionsOfLease)
    expect(await keysLike('lease:*')).toBeLessThanOrEqual(
      LIMITS.children + 2 * LIMITS.leasesPerMinute + floods.length + 1,
    )
    // The journal has an entry for each request, and the store remembers its id for three minutes.
    expect((await used()) - before).toBeLessThan(2 * TIMES * 1500 + 4 * MEGABYTE)
    expect(Math.max(request, approvals)).toBeLessThan(stretched(1000))
  })
})

describe('limits', () => {
  const ledgerOf = (limits: Partial<typeof LIMITS>) => new RedisLeaseLedger(link, { limits: { ...LIMITS, ...limits } })
  const storeOf = (limits: Partial<typeof LIMITS>) => new RedisLeaseStore(link, { limits: { ...LIMITS, ...limits } })
  const anAgent = () => `agent-${crypto.randomUUID()}`
  const some = (limits: { readonly [name in keyof typeof LIMITS]?: number }) => limits as Partial<typeof LIMITS>

  test('questions: of a lease, of an agent, in a minute, and each of so many bytes; an answer makes room', async () => {
    const agent = anAgent()
    const [one, two] = [aLease({ agent }), aLease({ agent })]
    for (const lease of [one, two]) await storeOf({}).create(creating(lease))
    const ledger = ledgerOf(
      some({ questionsOfLease: 2, questionsOfAgent: 3, questionsPerMinute: 4, questionBytes: 1000 }),
    )
    const ask = (lease: typeof one, digest: string) => ledger.commit(asking(lease, digest, newApprovalId(lease.id)))
    for (const digest of ['a', 'b']) expect((await ask(one, digest)).kind).toBe('pending')
    expect(await ask(one, 'c')).toEqual({ kind: 'too-many-questions', limit: 'lease' })
    // The same question again is no other one.
    expect((await ask(one, 'a')).kind).toBe('pending')
    expect((await ask(two, 'c')).kind).toBe('pending')
    expect(await ask(two, 'd')).toEqual({ kind: 'too-many-questions', limit: 'agent' })
    const long = asking(one, 'e', newApprovalId(one.id))
    const question = JSON.stringify({ summary: 'x'.repeat(1000) })
    expect(await ledger.commit({ ...long, intent: { ...long.intent, question } as typeof long.intent })).toEqual({
      kind: 'question-too-large',
    })
    const later = ledgerOf(some({ questionsPerMinute: 3 }))
    const asked = await later.commit(asking(two, 'f', newApprovalId(two.id)))
    expect(asked).toEqual({ kind: 'too-many-questions', limit: 'minute' })
  })

  test('leases: of an agent, in a minute, under a root, in levels, and each of so many bytes', async () => {
    const created = async (limits: Parameters<typeof some>[0], lease = aLease(), contract = 'a contract') =>
      storeOf(some(limits)).create(creating(lease, { contract }))
    const agent = anAgent()
    const root = aLease({ agent })
    await storeOf({}).create(creating(root))
    const child = aLease({ agent, ancestors: [root.id] })
    expect(await created({ children: 1 }, child)).toEqual({ kind: 'created' })
    const grandchild = aLease({ agent, ancestors: [root.id, child.id] })
    expect(await created({ children: 1 }, grandchild)).toEqual({ kind: 'limit', limit: 'children' })
    expect(await created({ levels: 1 }, grandchild)).toEqual({ kind: 'limit', limit: 'levels' })
    expect(await created({ leases: 2 }, aLease({ agent }))).toEqual({ kind: 'limit', limit: 'leases' })
    expect(await created({ leasesPerMinute: 1 }, aLease({ agent }))).toEqual({ kind: 'limit', limit: 'minute' })
    expect(await created({ contractBytes: 5 }, aLease({ agent }), '123456')).toEqual({ kind: 'limit', limit: 'bytes' })
    await storeOf({}).revoke(revoking(child))
    expect(await created({ children: 1 }, aLease({ agent, ancestors: [root.id] }))).toEqual({ kind: 'created' })
  })

  test('ended leases of an agent that are still shown: the one that ended first goes', async () => {
    const agent = anAgent()
    const store = storeOf(some({ kept: 2 }))
    const leases = [aLease({ agent }), aLease({ agent }), aLease({ agent })]
    for (const lease of leases) {
      await store.create(creating(lease))
      await ledgerOf({}).commit(committing(lease, { intent: { kind: 'allow', take: ['requests'] } }))
      await store.revoke(revoking(lease))
    }
    const found = await Promise.all(leases.map(({ id }) => store.find(id, Date.now())))
    expect(found.map(record => record?.state.kind)).toEqual([undefined, 'revoked', 'revoked'])
    const gone = leases[0] ?? aLease()
    expect(await ledgerOf({}).states([gone.id], Date.now())).toMatchObject([{ kind: 'revoked' }])
    expect(await store.create(creating(gone)).catch(({ code }) => code)).toBe('not-creatable')
  })

  test('a lease that was revoked before anything ran under it is soon gone', async () => {
    const lease = aLease({ agent: anAgent(), expiresAt: Date.now() + 3_600_000 })
    await storeOf({}).create(creating(lease))
    await storeOf({}).revoke(revoking(lease))
    const key = `${partitionPrefix(partitionOf(lease.id))}lease:${lease.id}`
    expect(await link.ask('ttl', redis => redis.pttl(key))).toBeLessThanOrEqual(300_000)
  })
})

describe('what the store does for one call', () => {
  /** Commands that one call takes. */
  async function cost(work: () => Promise<unknown>): Promise<number> {
    const before = await commandsRun(link)
    await work()
    return (await commandsRun(link)) - before
  }

  test('is the same however many leases and questions there are', async () => {
    const store = new RedisLeaseStore(link, {
      limits: { ...LIMITS, leases: 1e6, leasesPerMinute: 1e6, children: 1e6 } as never,
    })
    const ledger = new RedisLeaseLedger(link, {
      limits: { ...LIMITS, questionsOfLease: 1e6, questionsOfAgent: 1e6, questionsPerMinute: 1e6 } as never,
    })
    const agent = `agent-${crypto.randomUUID()}`
    const make = async (ancestors: readonly string[] = []) => {
      const lease = aLease({ agent, ancestors, expiresAt: Date.now() + 3_600_000 })
      await store.create(creating(lease, { limit: 1e6 }))
      return lease
    }
    const measured = async () => {
      const root = await make()
      const child = await make([root.id])
      return {
        create: await cost(() => make()),
        child: await cost(() => make([root.id])),
        ask: await cost(() => ledger.commit(asking(child, crypto.randomUUID(), newApprovalId(child.id)))),
        commit: await cost(() => ledger.commit(committing(child))),
        list: await cost(() => store.list({ agent, after: '', limit: 1 }, Date.now())),
        revoke: await cost(() => store.revoke(revoking(root))),
      }
    }
    const root = await make()
    const few = await measured()
    for (let i = 0; i < 500; i++) {
      await make(i % 2 === 0 ? [root.id] : [])
      await ledger.commit(asking(root, `${i}`, newApprovalId(root.id)))
    }
    expect(await measured()).toEqual(few)
    expect(await cost(() => store.revoke(revoking(root)))).toBe(few.revoke)
  })

  test('a list comes in pages, each lease once', async () => {
    const agent = `agent-${crypto.randomUUID()}`
    const store = new RedisLeaseStore(link)
    const made: string[] = []
    for (let i = 0; i < 23; i++) {
      const lease = aLease({ agent })
      await store.create(creating(lease))
      made.push(`contract of ${lease.id}`)
    }
    for (const whose of [agent, null]) {
      const seen: string[] = []
      let after: string | null = ''
      while (after !== null) {
        const page: Awaited<ReturnType<typeof store.list>> = await store.list(
          { agent: whose, after, limit: 5 },
          Date.now(),
        )
        expect(page.items.length).toBeLessThanOrEqual(5)
        seen.push(...page.items.map(({ contract }) => contract))
        after = page.next
      }
      expect(seen.filter(contract => made.includes(contract))).toEqual(made)
      expect(new Set(seen).size).toBe(seen.length)
    }
  })
})
