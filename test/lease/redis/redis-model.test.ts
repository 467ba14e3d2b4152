import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Answer } from '../../../src/approval/approval.ts'
import { RedisApprovalStore } from '../../../src/approval/redis-approval-store.ts'
import type { Lease } from '../../../src/lease/lease.ts'
import { newApprovalId } from '../../../src/lease/lease-id.ts'
import type { Commit } from '../../../src/lease/lease-store.ts'
import { RedisLeaseLedger } from '../../../src/lease/redis/redis-lease-ledger.ts'
import { RedisLeaseStore } from '../../../src/lease/redis/redis-lease-store.ts'
import { RedisJournalReader } from '../../../src/record/journal/redis/redis-journal-reader.ts'
import type { RedisLink } from '../../../src/redis/connect/connect-redis.ts'
import { MemoryStores, type Stores } from '../../support/stores/memory-stores.ts'
import { Valkey } from '../../support/stores/valkey.ts'
import { verifyPlain } from '../../support/wire/plain-answer.ts'
import { aLease, answering, asking, committing, creating, revoking } from '../a-lease.ts'

type Op =
  | { readonly kind: 'create'; readonly slot: number; readonly under: number | null; readonly limit: number }
  | {
      readonly kind: 'commit'
      readonly slot: number
      readonly take: boolean
      readonly object: string | null
      readonly deny: boolean
    }
  | { readonly kind: 'ask'; readonly slot: number; readonly digest: string; readonly take: boolean }
  | { readonly kind: 'answer'; readonly asked: number; readonly verdict: Answer['verdict']; readonly before: string }
  | { readonly kind: 'revoke'; readonly slot: number }
  | { readonly kind: 'again' }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'look' }

const slot = fc.nat({ max: 5 })
const anOp: fc.Arbitrary<Op> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('create'),
      slot,
      under: fc.option(slot),
      limit: fc.integer({ min: 1, max: 3 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('commit'),
      slot,
      take: fc.boolean(),
      object: fc.constantFrom(null, null, 'a', 'b', 'c', '*'),
      deny: fc.boolean(),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('ask'), slot, digest: fc.constantFrom('aa', 'bb'), take: fc.boolean() }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('answer'),
      asked: fc.nat({ max: 3 }),
      verdict: fc.constantFrom('approved', 'approved', 'rejected', 'pending'),
      before: fc.constantFrom('', '', 'one', 'one one'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('revoke'), slot }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'again' }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('wait'), ms: fc.constantFrom(1, 9_999, 10_000, 30_000, 60_000) }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: 'look' }) },
) as fc.Arbitrary<Op>

/** One run: the leases it tried, what it asked, and a clock that runs ahead of the store's, so that only ours counts. */
class Run {
  readonly agent = `agent-${crypto.randomUUID()}`
  readonly leases: (Lease | undefined)[] = []
  readonly asked: string[] = []
  now = Date.now() + 3_600_000
  last: Commit | undefined

  /** The operation with every random choice made, to be done on any store. */
  prepare(op: Op): (stores: Stores) => Promise<unknown> {
    switch (op.kind) {
      case 'create':
        return this.#create(op)
      case 'commit': {
        const lease = this.#lease(op.slot)
        const plain = op.take ? (['requests', 'deletes'] as const) : (['requests'] as const)
        const taken = op.object === null ? { take: plain } : { take: [...plain, 'objects'] as const, object: op.object }
        return this.#commit(
          committing(lease, { now: this.now, intent: op.deny ? { kind: 'deny' } : { kind: 'allow', ...taken } }),
        )
      }
      case 'ask': {
        const lease = this.#lease(op.slot)
        const id = newApprovalId(lease.id)
        this.asked.push(id)
        const commit = asking(lease, op.digest, id, { now: this.now })
        return this.#commit(
          op.take ? { ...commit, intent: { ...commit.intent, take: ['deletes'] } as Commit['intent'] } : commit,
        )
      }
      case 'answer': {
        const id = this.asked.at(-1 - op.asked) ?? newApprovalId(aLease().id)
        const said = answering(id, op.verdict === 'rejected' ? 'rejected' : 'approved', this.now)
        const proof = op.verdict === 'pending' ? `${op.before} one`.trim() : said.proof
        const answer: Answer = { ...said, proof, verdict: op.verdict, before: op.before }
        return ({ approvals }) => approvals.answer(answer)
      }
      case 'revoke': {
        const revocation = revoking(this.#lease(op.slot), { now: this.now })
        return ({ store }) => store.revoke(revocation)
      }
      case 'again':
        return this.last === undefined ? async () => null : this.#commit(this.last)
      case 'wait':
        this.now += op.ms
        return async () => null
      case 'look':
        return this.look()
    }
  }

  look(): (stores: Stores) => Promise<unknown> {
    const { agent, now, asked } = this
    const ids = this.leases.flatMap(lease => lease?.id ?? [])
    return async ({ ledger, store, approvals }) => ({
      states: await ledger.states(ids, now),
      live: (await store.list({ agent, after: '', limit: 10_000 }, now)).items,
      records: await Promise.all(ids.map(id => store.find(id, now))),
      approvals: await Promise.all(asked.map(id => approvals.find(id, now))),
      pending: (await approvals.pending({ agent, after: '', limit: 10_000 }, now)).items,
    })
  }

  #create(op: Extract<Op, { kind: 'create' }>): (stores: Stores) => Promise<unknown> {
    const parent = op.under === null ? undefined : this.leases[op.under]
    const live = parent !== undefined && parent.expiresAt > this.now
    const lease = aLease({
      agent: this.agent,
      issuedAt: this.now,
      expiresAt: this.now + 45_000,
      budgets: { requests: 4, deletes: 2, objects: 2, questions: 2 },
      ancestors: live ? [...parent.ancestors, parent.id] : [],
    })
    this.leases[op.slot] = lease
    return async ({ store }) => {
      const created = await store.create(creating(lease, { limit: op.limit })).catch(() => null)
      return created?.kind === 'too-many' ? { ...created, held: created.held.toSorted() } : created
    }
  }

  #commit(commit: Commit): (stores: Stores) => Promise<unknown> {
    this.last = commit
    return ({ ledger }) => ledger.commit(commit)
  }

  #lease(slotOf: number): Lease {
    return this.leases[slotOf] ?? aLease({ agent: this.agent, issuedAt: this.now })
  }
}

describe('Redis and a model of the rules', () => {
  let valkey: Valkey
  let link: RedisLink
  let redis: Stores

  beforeAll(async () => {
    valkey = await Valkey.start({ appendfsync: 'everysec' })
    link = await valkey.connected()
    redis = {
      ledger: new RedisLeaseLedger(link, { verifyAnswer: verifyPlain }),
      store: new RedisLeaseStore(link),
      approvals: new RedisApprovalStore(link),
    }
  })
  afterAll(() => valkey.stop())

  test('agree after any sequence of operations, and on how much was journaled', async () => {
    const reader = new RedisJournalReader(link, { consumer: 'model' })
    const journaled = async () => (await reader.lag()).reduce((sum, { length }) => sum + length, 0)
    await fc.assert(
      fc.asyncProperty(fc.array(anOp, { minLength: 5, maxLength: 60 }), async ops => {
        const run = new Run()
        const memory = new MemoryStores()
        const before = await journaled()
        for (const op of ops) {
          const act = run.prepare(op)
          expect(await act(redis), JSON.stringify(op)).toEqual(await act(memory))
        }
        const look = run.look()
        expect(await look(redis)).toEqual(await look(memory))
        expect((await journaled()) - before).toBe(memory.journal.length)
      }),
      { numRuns: 150 },
    )
    reader.close()
  })
})
