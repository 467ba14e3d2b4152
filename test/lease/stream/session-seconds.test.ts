import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Lease } from '../../../src/lease/lease.ts'
import { newLeaseId, partitionOf } from '../../../src/lease/lease-id.ts'
import { RedisLeaseLedger } from '../../../src/lease/redis/redis-lease-ledger.ts'
import { RedisLeaseStore } from '../../../src/lease/redis/redis-lease-store.ts'
import { RedisSessionSeconds } from '../../../src/lease/stream/redis-session-seconds.ts'
import { SLICE_SECONDS, type Timed } from '../../../src/lease/stream/session-seconds.ts'
import { STORE_RIGHTS, userOfPart } from '../../../src/redis/acl.ts'
import type { RedisLink } from '../../../src/redis/connect/connect-redis.ts'
import { partitionPrefix } from '../../../src/redis/keys.ts'
import { Valkey } from '../../support/stores/valkey.ts'
import { verifyPlain } from '../../support/wire/plain-answer.ts'
import { aLease, committing, creating } from '../a-lease.ts'

interface Authorizer {
  readonly ledger: RedisLeaseLedger
  readonly seconds: RedisSessionSeconds
}

let valkey: Valkey
let admin: RedisLink
let store: RedisLeaseStore
/** Two, with the rights that they have in a cluster. */
let authorizers: readonly [Authorizer, Authorizer]

beforeAll(async () => {
  valkey = await Valkey.start({ appendfsync: 'everysec' })
  admin = await valkey.connected()
  store = new RedisLeaseStore(admin)
  const user = userOfPart('authorizer')
  await admin.ask('acl', redis => redis.acl('SETUSER', user, 'on', '>s3', ...STORE_RIGHTS.authorizer.split(' ')))
  authorizers = [await anAuthorizer(user), await anAuthorizer(user)]
})
afterAll(() => valkey.stop())

async function anAuthorizer(user: string): Promise<Authorizer> {
  const url = valkey.url.replace('unix://', `unix://${user}:s3@`)
  const link = await valkey.connected({ url, durability: 'everysec' })
  return { ledger: new RedisLeaseLedger(link, { verifyAnswer: verifyPlain }), seconds: new RedisSessionSeconds(link) }
}

async function live(given: Partial<Lease>): Promise<Lease> {
  const lease = aLease({ agent: `agent-${crypto.randomUUID()}`, ...given })
  await store.create(creating(lease))
  return lease
}

const usedOf = async ({ id }: Lease) => (await store.find(id, Date.now()))?.taken.execSeconds ?? 0

/** Null where it is refused. */
async function begin(lease: Lease, at = 0): Promise<{ readonly timed: Timed; readonly seconds: number } | null> {
  const commit = committing(lease, { intent: { kind: 'allow', take: ['requests', 'mutations', 'execSeconds'] } })
  const committed = await authorizers[at % 2]?.ledger.commit(commit)
  if (committed?.kind !== 'allowed' || committed.seconds === undefined) return null
  return { timed: { auditId: commit.id, lease, limits: commit.limits }, seconds: committed.seconds }
}

describe('seconds of sessions', () => {
  test('are taken before they are used: a slice, then what is left, then none', async () => {
    const lease = await live({ budgets: { execSeconds: SLICE_SECONDS + 3 } })
    const one = await begin(lease)
    expect(one?.seconds).toBe(SLICE_SECONDS)
    expect(await usedOf(lease)).toBe(SLICE_SECONDS)
    const { seconds } = authorizers[1]
    if (one === null) throw new Error('refused')
    expect(await seconds.take(one.timed, 1)).toBe(3)
    expect(await seconds.take(one.timed, 2)).toBe(0)
    expect(await usedOf(lease)).toBe(SLICE_SECONDS + 3)
    const again = committing(lease, { intent: { kind: 'allow', take: ['execSeconds'] } })
    expect(await authorizers[0].ledger.commit(again)).toEqual({ kind: 'budget-spent', budget: 'execSeconds' })
  })

  test('are the same however often they are asked for, from whichever authorizer', async () => {
    const lease = await live({ budgets: { execSeconds: 100 } })
    const one = await begin(lease)
    if (one === null) throw new Error('refused')
    const taken = await Promise.all(authorizers.map(({ seconds }) => seconds.take(one.timed, 1)))
    expect(taken).toEqual([SLICE_SECONDS, SLICE_SECONDS])
    expect(await usedOf(lease)).toBe(2 * SLICE_SECONDS)
  })

  test('that were not used come back once, to every lease that they were taken from', async () => {
    const root = await live({ budgets: { execSeconds: 50 } })
    const child = await live({ agent: root.agent, ancestors: [root.id], budgets: {} })
    const one = await begin(child)
    if (one === null) throw new Error('refused')
    expect([await usedOf(root), await usedOf(child)]).toEqual([10, 10])
    const { seconds } = authorizers[0]
    expect([await seconds.giveBack(one.timed, 7), await seconds.giveBack(one.timed, 7)]).toEqual([true, false])
    expect([await usedOf(root), await usedOf(child)]).toEqual([3, 3])
  })

  test('never come back beyond what was taken', async () => {
    const lease = await live({ budgets: { execSeconds: 50 } })
    const one = await begin(lease)
    if (one === null) throw new Error('refused')
    await authorizers[0].seconds.giveBack(one.timed, 1000)
    expect(await usedOf(lease)).toBe(0)
  })

  test('whatever sessions of a lease and its child do at once, no more are had than either has', async () => {
    const act = fc.record({ byChild: fc.boolean(), parts: fc.nat(4), used: fc.nat(9) })
    await fc.assert(
      fc.asyncProperty(
        fc.array(act, { minLength: 1, maxLength: 12 }),
        fc.nat(120),
        fc.nat(60),
        async (acts, ofRoot, ofChild) => {
          const root = await live({ budgets: { execSeconds: ofRoot } })
          const child = await live({ agent: root.agent, ancestors: [root.id], budgets: { execSeconds: ofChild } })
          // Of each session the seconds that it ran.
          const ran = await Promise.all(
            acts.map(async ({ byChild, parts, used }, at) => {
              const one = await begin(byChild ? child : root, at)
              if (one === null) return 0
              const { seconds } = authorizers[at % 2] as Authorizer
              let [had, last] = [one.seconds, one.seconds]
              for (let part = 1; part <= parts && last > 0; part++) {
                last = await seconds.take(one.timed, part)
                had += last
              }
              const back = Math.max(0, last - used)
              if (back > 0) await seconds.giveBack(one.timed, back)
              return had - back
            }),
          )
          const sum = (some: readonly number[]) => some.reduce((a, b) => a + b, 0)
          expect(sum(ran)).toBeLessThanOrEqual(ofRoot)
          expect(await usedOf(root)).toBe(sum(ran))
          const childs = sum(ran.filter((_, at) => acts[at]?.byChild))
          expect(childs).toBeLessThanOrEqual(ofChild)
          expect(await usedOf(child)).toBe(childs)
        },
      ),
      { numRuns: 60 },
    )
  })

  test('are forgotten with the lease, and none are taken of one that is gone', async () => {
    const lease = await live({ budgets: { execSeconds: 100 } })
    const one = await begin(lease)
    if (one === null) throw new Error('refused')
    const prefix = partitionPrefix(partitionOf(lease.id))
    const ttl = await admin.ask('ttl', redis => redis.pexpiretime(`${prefix}taken:${lease.id}`))
    expect(ttl).toBe(lease.expiresAt + 86_400_000)
    await admin.ask('loss', redis => redis.del(`${prefix}lease:${lease.id}`, `${prefix}taken:${lease.id}`))
    expect(await authorizers[0].seconds.take(one.timed, 1)).toBe(0)
    expect(await admin.ask('taken', redis => redis.exists(`${prefix}taken:${lease.id}`))).toBe(0)
  })

  test.each([
    { name: 'a counter that is no number', value: 'x' },
    { name: 'more than there can be', value: '1e308' },
  ])('of $name are none', async ({ value }) => {
    const lease = await live({ budgets: { execSeconds: 100 } })
    const one = await begin(lease)
    if (one === null) throw new Error('refused')
    const key = `${partitionPrefix(partitionOf(lease.id))}taken:${lease.id}`
    await admin.ask('odd', redis => redis.hset(key, 'execSeconds', value))
    expect(await authorizers[0].seconds.take(one.timed, 1)).toBe(0)
    expect(await begin(lease)).toBeNull()
  })

  test('say how many are left once that is little', async () => {
    const lease = await live({ budgets: { execSeconds: 12 } })
    const commit = committing(lease, { intent: { kind: 'allow', take: ['execSeconds'] } })
    expect(await authorizers[0].ledger.commit(commit)).toEqual({
      kind: 'allowed',
      approval: null,
      seconds: 10,
      nearly: { budget: 'execSeconds', count: 2 },
    })
  })

  test('of a lease of another store, or without its limits, are refused', async () => {
    const { seconds } = authorizers[0]
    const lease = aLease()
    const [auditId, limits] = ['a', [{}, {}]]
    const other = Array.from({ length: 64 }, (_, at) => newLeaseId(`agent-${at}`, 4)).find(
      id => partitionOf(id) !== partitionOf(lease.id),
    )
    const above = { ...lease, ancestors: [other ?? ''] }
    await expect(seconds.take({ auditId, lease: above, limits }, 1)).rejects.toThrow('not a lease of this store')
    await expect(seconds.take({ auditId, lease, limits }, 1)).rejects.toThrow('limits')
  })
})
