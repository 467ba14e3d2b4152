import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { BatchStore } from '../../src/approval/batch/batch-store.ts'
import { RedisBatchStore } from '../../src/approval/batch/redis-batch-store.ts'
import type { Committed } from '../../src/lease/committed.ts'
import type { Budget, Budgets, Lease } from '../../src/lease/lease.ts'
import { newApprovalId, partitionOf } from '../../src/lease/lease-id.ts'
import type { Commit, LeaseLedger } from '../../src/lease/lease-store.ts'
import { RedisLeaseLedger } from '../../src/lease/redis/redis-lease-ledger.ts'
import { RedisLeaseStore } from '../../src/lease/redis/redis-lease-store.ts'
import type { RedisLink } from '../../src/redis/connect/connect-redis.ts'
import { partitionPrefix } from '../../src/redis/keys.ts'
import { Valkey } from '../support/stores/valkey.ts'
import { until } from '../support/until.ts'
import { verifyPlain } from '../support/wire/plain-answer.ts'
import { aLease, aQuestion, asking, committing, creating } from './a-lease.ts'

let valkey: Valkey
let link: RedisLink
/** Two authorizers. */
let ledgers: readonly LeaseLedger[]
let store: RedisLeaseStore
let batches: BatchStore

beforeAll(async () => {
  valkey = await Valkey.start({ appendfsync: 'everysec' })
  link = await valkey.connected()
  ledgers = [link, await valkey.connected()].map(one => new RedisLeaseLedger(one, { verifyAnswer: verifyPlain }))
  store = new RedisLeaseStore(link)
  batches = new RedisBatchStore(link)
})
afterAll(() => valkey.stop())

async function live(given: Partial<Lease>): Promise<Lease> {
  const lease = aLease({ agent: `agent-${crypto.randomUUID()}`, ...given })
  await store.create(creating(lease))
  return lease
}

const ALLOW = (take: readonly Budget[], object?: string): Commit['intent'] => ({ kind: 'allow', take, object })

/** All at once, by both. */
function commitAll(commits: readonly Commit[]): Promise<readonly Committed[]> {
  return Promise.all(
    commits.map((commit, at) => {
      const ledger = ledgers[at % ledgers.length]
      if (ledger === undefined) throw new Error('no ledger')
      return ledger.commit(commit)
    }),
  )
}

const takenOf = async ({ id }: Lease) => (await store.find(id, Date.now()))?.taken ?? {}

describe('budgets over two authorizers', () => {
  const request = fc.record({
    mutates: fc.boolean(),
    object: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', '*'),
    byChild: fc.boolean(),
  })

  test('are never overspent, whatever comes at once, and refuse only what has none left', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(request, { minLength: 1, maxLength: 40 }),
        fc.record({ requests: fc.nat(30), mutations: fc.nat(10), objects: fc.nat(5) }),
        fc.record({ objects: fc.nat(5) }),
        async (asked, ofRoot, ofChild) => {
          const root = await live({ budgets: ofRoot })
          const child = await live({ agent: root.agent, ancestors: [root.id], budgets: ofChild })
          const commits = asked.map(({ mutates, object, byChild }) =>
            committing(byChild ? child : root, {
              intent: mutates ? ALLOW(['requests', 'mutations', 'objects'], object) : ALLOW(['requests']),
            }),
          )
          const results = await commitAll(commits)
          const allowed = asked.filter((_, at) => results[at]?.kind === 'allowed')
          const writes = allowed.filter(({ mutates }) => mutates)
          const objectsOf = (some: typeof writes) => new Set(some.map(({ object }) => object)).size
          const spent = {
            requests: allowed.length,
            mutations: writes.length,
            objects: objectsOf(writes),
          }
          const childs = objectsOf(writes.filter(({ byChild }) => byChild))
          for (const budget of ['requests', 'mutations', 'objects'] as const)
            expect(spent[budget]).toBeLessThanOrEqual(ofRoot[budget])
          expect(childs).toBeLessThanOrEqual(ofChild.objects)
          expect(writes.map(({ object }) => object)).not.toContain('*')
          expect(await takenOf(root)).toEqual(withoutNothing(spent))
          for (const [at, result] of results.entries()) {
            if (result.kind === 'allowed' || asked[at]?.object === '*') continue
            if (result.kind !== 'budget-spent') throw new Error(result.kind)
            const { budget } = result
            const isSpent = spent[budget as keyof typeof spent] === ofRoot[budget as keyof typeof spent]
            expect(isSpent || (budget === 'objects' && childs === ofChild.objects)).toBe(true)
          }
        },
      ),
      { numRuns: 60 },
    )
  })

  test('let an object that was changed before be changed again, and nothing new past the last one', async () => {
    const lease = await live({ budgets: { objects: 2 } })
    const change = (object: string) =>
      committing(lease, { intent: ALLOW(['requests', 'mutations', 'objects'], object) })
    const kinds: string[] = []
    for (const object of ['a', 'b', 'a', 'c', 'b', '*'])
      kinds.push(...(await commitAll([change(object)])).map(({ kind }) => kind))
    expect(kinds).toEqual(['allowed', 'allowed', 'allowed', 'budget-spent', 'allowed', 'budget-spent'])
    expect(await takenOf(lease)).toMatchObject({ objects: 2, mutations: 4 })
  })

  test('so many requests a second pass by the clock of the store, and the next second as many again', async () => {
    const most = 20
    const lease = await live({ budgets: { requestsPerSecond: most }, expiresAt: Date.now() + 600_000 })
    const flood = () =>
      commitAll(
        Array.from({ length: 100 }, () => committing(lease, { intent: ALLOW(['requests', 'requestsPerSecond']) })),
      )
    const from = Date.now()
    const results = [await flood(), await flood()].flat()
    const seconds = Math.floor(Date.now() / 1000) - Math.floor(from / 1000) + 1
    const allowed = results.filter(({ kind }) => kind === 'allowed').length
    expect(allowed).toBeGreaterThanOrEqual(most)
    expect(allowed).toBeLessThanOrEqual(most * seconds)
    expect(results.filter(({ kind }) => kind === 'too-fast')).toHaveLength(200 - allowed)
    await until('another second', async () => (await flood()).filter(({ kind }) => kind === 'allowed').length === most)
    expect(Object.keys(await takenOf(lease))).toEqual(['requests'])
  })

  test('so many questions are asked, a plan of several requests among them; the same is no other question', async () => {
    const root = await live({ budgets: { questions: 3 } })
    const lease = await live({ agent: root.agent, ancestors: [root.id], budgets: {} })
    const ask = (digest: string) => asking(lease, digest, newApprovalId(lease.id))
    const results = await commitAll(['aa', 'bb', 'aa', 'bb', 'aa'].map(ask))
    expect(results.map(({ kind }) => kind)).toEqual(Array(5).fill('pending'))
    expect(await takenOf(root)).toEqual({ questions: 2 })
    const plan = (digest: string) => aBatch(lease, digest, [{}, { questions: 3 }])
    expect(await batches.ask(plan('plan'))).toEqual({ kind: 'asked' })
    expect(await batches.ask(plan('another'))).toEqual({ kind: 'too-many-questions', limit: 'budget' })
    expect(await commitAll([ask('cc'), ask('aa')])).toMatchObject([
      { kind: 'budget-spent', budget: 'questions' },
      { kind: 'pending' },
    ])
    expect(await takenOf(root)).toEqual({ questions: 3 })
  })

  test('say how much is left once that is little', async () => {
    const lease = await live({ budgets: { requests: 10, objects: 5 } })
    const said: unknown[] = []
    for (const object of ['a', 'a', 'b', 'c', 'd', 'e']) {
      const [committed] = await commitAll([committing(lease, { intent: ALLOW(['requests', 'objects'], object) })])
      said.push(committed?.kind === 'allowed' ? committed.nearly : committed)
    }
    const nearly = (count: number) => ({ budget: 'objects', count })
    expect(said).toEqual([undefined, undefined, undefined, undefined, nearly(1), nearly(0)])
  })

  test('a lease without them leaves nothing of theirs in the store', async () => {
    const lease = await live({ budgets: { requests: 5 } })
    await commitAll([committing(lease, { intent: ALLOW(['requests', 'mutations']) })])
    const prefix = partitionPrefix(partitionOf(lease.id))
    const taken = await link.ask('taken', redis => redis.hgetall(`${prefix}taken:${lease.id}`))
    expect(taken).toEqual({ requests: '1', mutations: '1' })
    expect(await link.ask('objects', redis => redis.exists(`${prefix}taken:objects:${lease.id}`))).toBe(0)
  })

  test('a store that has something else than a number where it counts asks nobody', async () => {
    const lease = await live({ budgets: { questions: 5 } })
    const prefix = partitionPrefix(partitionOf(lease.id))
    await link.ask('odd', redis => redis.set(`${prefix}asks:${lease.id}`, 'x'))
    expect(await commitAll([asking(lease, 'aa', newApprovalId(lease.id))])).toEqual([
      { kind: 'budget-spent', budget: 'questions' },
    ])
  })
})

function withoutNothing(spent: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(spent).filter(([, count]) => count > 0))
}

function aBatch(lease: Lease, digest: string, limits: readonly Budgets[]) {
  const question = JSON.stringify(aQuestion(lease))
  const parts = { policy: 'p', lease: lease.id, line: digest, body: 'b' }
  const member = {
    id: newApprovalId(lease.id),
    digest: `of ${digest}`,
    subject: digest,
    about: digest,
    parts,
    question,
  }
  const times = { askMs: 30_000, useMs: 10_000 }
  const id = newApprovalId(lease.id)
  return {
    id,
    lease,
    limits,
    digest,
    question,
    members: [member],
    now: Date.now(),
    ...times,
    event: '{"kind":"approval"}',
  }
}
