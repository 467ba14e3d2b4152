import { RedisApprovalStore } from '../../src/approval/redis-approval-store.ts'
import type { Lease } from '../../src/lease/lease.ts'
import { newApprovalId } from '../../src/lease/lease-id.ts'
import { RedisLeaseLedger } from '../../src/lease/redis/redis-lease-ledger.ts'
import { RedisLeaseStore } from '../../src/lease/redis/redis-lease-store.ts'
import type { RedisLink } from '../../src/redis/connect/connect-redis.ts'
import { aLease, asking, committing, creating, revoking } from './a-lease.ts'

/** What an agent can do at will, so often. Each kind counts what came of it. */
export interface Flood {
  readonly name: string
  /** The n-th attempt; says what came of it. */
  readonly attempt: (n: number) => Promise<string>
}

const LONG = 3_600_000

/** Of one agent with one lease, as each attempt comes to the store. */
export async function floodsOf(link: RedisLink): Promise<readonly Flood[]> {
  const store = new RedisLeaseStore(link)
  const ledger = new RedisLeaseLedger(link)
  const mine = async (name: string): Promise<Lease> => {
    const lease = aLease({ agent: `${name}-${crypto.randomUUID()}`, expiresAt: Date.now() + LONG })
    await store.create(creating(lease))
    return lease
  }
  const [asker, parent, looper, denied] = [
    await mine('asker'),
    await mine('parent'),
    await mine('looper'),
    await mine('denied'),
  ]
  const create = async (lease: Lease) => {
    const created = await store.create(creating(lease, { limit: 1_000_000 }))
    return created.kind === 'limit' ? created.limit : created.kind
  }
  return [
    {
      name: 'questions, each another',
      attempt: async n => (await ledger.commit(asking(asker, `${n}`, newApprovalId(asker.id)))).kind,
    },
    {
      name: 'children of one lease',
      attempt: () => create(aLease({ agent: parent.agent, ancestors: [parent.id], expiresAt: parent.expiresAt })),
    },
    {
      name: 'leases made and revoked',
      attempt: async () => {
        const lease = aLease({ agent: looper.agent, expiresAt: Date.now() + LONG })
        const made = await create(lease)
        return made === 'created' ? `revoked ${await store.revoke(revoking(lease))}` : made
      },
    },
    {
      name: 'denied requests',
      attempt: async () => (await ledger.commit(committing(denied, { intent: { kind: 'deny' } }))).kind,
    },
  ]
}

/** So many at once. */
export async function flood({ attempt }: Flood, times: number, atOnce = 20): Promise<ReadonlyMap<string, number>> {
  const outcomes = new Map<string, number>()
  let next = 0
  const run = async () => {
    while (next < times) {
      const outcome = await attempt(next++).catch(error => String(error.code))
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, run))
  return outcomes
}

/** What others do meanwhile: a request, and an approver who looks. Milliseconds of the slowest of each. */
export async function othersMeanwhile(
  link: RedisLink,
  signal: AbortSignal,
): Promise<{ request: number; approvals: number }> {
  const [store, ledger, approvals] = [
    new RedisLeaseStore(link),
    new RedisLeaseLedger(link),
    new RedisApprovalStore(link),
  ]
  const lease = aLease({ agent: `other-${crypto.randomUUID()}`, expiresAt: Date.now() + LONG })
  await store.create(creating(lease))
  const slowest = { request: 0, approvals: 0 }
  const timed = async (what: keyof typeof slowest, work: () => Promise<unknown>) => {
    const from = performance.now()
    await work()
    slowest[what] = Math.max(slowest[what], performance.now() - from)
  }
  while (!signal.aborted) {
    await timed('request', async () => {
      const { kind } = await ledger.commit(committing(lease))
      if (kind !== 'allowed') throw new Error(`the request of another agent is ${kind}`)
    })
    await timed('approvals', () => approvals.pending({ agent: null, after: '', limit: 100 }, Date.now()))
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  return slowest
}

/** Commands that Redis has run, inside of scripts too. */
export async function commandsRun(link: RedisLink): Promise<number> {
  const stats = await link.ask('stats', redis => redis.info('commandstats'))
  const calls = [...stats.matchAll(/^cmdstat_(?!info|config|waitaof)[^:]+:calls=(\d+)/gm)]
  return calls.reduce((sum, [, count]) => sum + Number(count), 0)
}
