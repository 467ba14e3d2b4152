import { setImmediate as nextTurn } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { LeaseState } from '../../src/lease/lease.ts'
import { partitionOf } from '../../src/lease/lease-id.ts'
import type { EndNews } from '../../src/lease/lease-store.ts'
import { type CutReason, type LiveStream, LiveStreams } from '../../src/session/live-streams.ts'
import { aLease, creating, revoking } from '../lease/a-lease.ts'
import { MemoryStores } from '../support/stores/memory-stores.ts'
import { until } from '../support/until.ts'

type Settings = ConstructorParameters<typeof LiveStreams>[0]
type Ledger = Settings['ledger']
type Ancestors = Settings['ancestorsOf']

/** As the contracts would say. */
const contractsIn =
  (stores: MemoryStores): Ancestors =>
  async id =>
    stores.lease(id)?.ancestors ?? null

function watching(
  ledger: Ledger,
  given: { now?: () => number; steady?: () => number; confirmEveryMs?: number; ancestorsOf?: Ancestors } = {},
) {
  const cuts: [string, CutReason][] = []
  const streams = new LiveStreams({
    ledger,
    ancestorsOf: given.ancestorsOf ?? (async () => []),
    now: given.now ?? Date.now,
    steady: given.steady ?? given.now ?? Date.now,
    confirmEveryMs: given.confirmEveryMs ?? 3_600_000,
    unconfirmedLimitMs: 10_000,
    onCut: ({ auditId }, reason) => void cuts.push([auditId, reason]),
  })
  const stop = new AbortController()
  const running = streams.run(stop.signal)
  const end = async () => {
    stop.abort()
    await running
  }
  return { streams, cuts, end }
}

function aStream(lease: string, auditId = 'a'): LiveStream & { readonly wasCut: CutReason[] } {
  const wasCut: CutReason[] = []
  return { auditId, lease, cut: reason => void wasCut.push(reason), wasCut }
}

async function aLiveLease() {
  const stores = new MemoryStores()
  const lease = aLease()
  await stores.store.create(creating(lease))
  return { stores, lease }
}

describe('LiveStreams', () => {
  test('a lease whose contract cannot be read any more ends: it might have been narrowed from one that has ended', async () => {
    const { stores, lease } = await aLiveLease()
    const { streams, cuts, end } = watching(stores.ledger, { ancestorsOf: async () => null })
    await streams.open(aStream(lease.id))
    expect(cuts).toEqual([['a', 'lease_unknown']])
    await end()
  })

  test('a revocation cuts at once, every stream of that lease and no other', async () => {
    const { stores, lease } = await aLiveLease()
    const other = aLease({ agent: 'other' })
    await stores.store.create(creating(other))
    const { streams, cuts, end } = watching(stores.ledger)
    const [one, two, unrelated] = [aStream(lease.id, '1'), aStream(lease.id, '2'), aStream(other.id, '3')]
    for (const stream of [one, two, unrelated]) await streams.open(stream)
    await stores.store.revoke(revoking(lease))
    expect(cuts).toEqual([
      ['1', 'lease_revoked'],
      ['2', 'lease_revoked'],
    ])
    expect(unrelated.wasCut).toEqual([])
    expect(streams.size).toBe(1)
    await end()
  })

  test('an end of a lease above cuts as well', async () => {
    const { stores, lease } = await aLiveLease()
    const child = aLease({ ancestors: [lease.id] })
    await stores.store.create(creating(child))
    const { streams, cuts, end } = watching(stores.ledger, { ancestorsOf: contractsIn(stores) })
    await streams.open(aStream(child.id))
    await stores.store.revoke(revoking(lease))
    await until('the cut', () => cuts.length > 0)
    await end()
  })

  test('a lease that ended before the stream was open cuts it', async () => {
    const { stores, lease } = await aLiveLease()
    await stores.store.revoke(revoking(lease))
    const { streams, end } = watching(stores.ledger)
    const stream = aStream(lease.id)
    await streams.open(stream)
    expect(stream.wasCut).toEqual(['lease_revoked'])
    await end()
  })

  test('an end that nobody told of is found by asking', async () => {
    const { stores, lease } = await aLiveLease()
    const deaf: Ledger = {
      states: stores.ledger.states,
      followEnds: (_, signal) => new Promise(resolve => signal.addEventListener('abort', () => resolve())),
    }
    const { streams, cuts, end } = watching(deaf, { confirmEveryMs: 20 })
    await streams.open(aStream(lease.id))
    await stores.store.revoke(revoking(lease))
    await until('the cut', () => cuts.length > 0)
    await end()
  })

  test('a stream whose lease nobody can confirm lives for the limit and no longer', async () => {
    const { stores, lease } = await aLiveLease()
    let [now, isAway] = [1000, false]
    const ledger: Ledger = {
      states: async (ids, at) => (isAway ? Promise.reject(new Error('away')) : stores.ledger.states(ids, at)),
      followEnds: (_, signal) => new Promise(resolve => signal.addEventListener('abort', () => resolve())),
    }
    const { streams, cuts, end } = watching(ledger, { now: () => now, confirmEveryMs: 10 })
    const stream = aStream(lease.id)
    await streams.open(stream)
    isAway = true
    now = 10_999
    const asked = aStream(aLease().id)
    await streams.open(asked)
    expect(cuts).toEqual([])
    now = 11_002
    await until('the cut', () => stream.wasCut.length > 0)
    expect(stream.wasCut).toEqual(['lease_unconfirmed'])
    await end()
  })

  test('a time that is set back keeps no stream open of which the store says nothing since', async () => {
    let [steady, setBy, isAway] = [1000, 0, false]
    const { stores, lease } = await aLiveLease()
    const away: Ledger = {
      ...stores.ledger,
      states: (ids, now) => (isAway ? Promise.reject(new Error('unfit')) : stores.ledger.states(ids, now)),
    }
    const now = () => Date.now() + setBy
    const { streams, end } = watching(away, { now, steady: () => steady, confirmEveryMs: 10 })
    const stream = aStream(lease.id)
    await streams.open(stream)
    isAway = true
    setBy = -7_200_000
    steady += 11_000
    await until('the cut', () => stream.wasCut.length > 0)
    expect(stream.wasCut).toEqual(['lease_unconfirmed'])
    await end()
  })

  test('a store that never answers at all keeps no stream open', async () => {
    let now = 1000
    const silent: Ledger = {
      states: () => new Promise(() => undefined),
      followEnds: (_, signal) => new Promise(resolve => signal.addEventListener('abort', () => resolve())),
    }
    const { streams, end } = watching(silent, { now: () => now, confirmEveryMs: 10 })
    const stream = aStream('lse_x')
    void streams.open(stream)
    now = 11_002
    await until('the cut', () => stream.wasCut.length > 0)
    expect(stream.wasCut).toEqual(['lease_unconfirmed'])
    await end()
  })

  test('a thousand ends at once are not a thousand questions to the store', async () => {
    const { stores, lease } = await aLiveLease()
    let asked = 0
    const counted: Ledger = {
      ...stores.ledger,
      states: (ids, now) => {
        asked++
        return stores.ledger.states(ids, now)
      },
    }
    const others = Array.from({ length: 1000 }, (_, index) => aLease({ agent: `agent-${index % 50}` }))
    for (const other of others) await stores.store.create(creating(other, { limit: 2000 }))
    const child = aLease({ ancestors: [others.at(-1)?.id ?? ''] })
    await stores.store.create(creating(child))
    const { streams, cuts, end } = watching(counted, { ancestorsOf: contractsIn(stores) })
    await streams.open(aStream(lease.id))
    await streams.open(aStream(child.id, 'child'))
    asked = 0
    for (const other of others) void stores.store.revoke(revoking(other))
    await until('the cut of the child', () => cuts.length > 0)
    expect(cuts).toEqual([['child', 'lease_revoked']])
    expect(asked).toBeLessThan(2)
    await end()
  })

  test('while hundreds are cut, told by every partition at once, others have their turn in between', async () => {
    let hasEnded = false
    let tell: (news: EndNews) => void = () => {}
    const ended: LeaseState = { kind: 'revoked', by: 'root', reason: 'x', at: 0 }
    const { streams, end } = watching({
      states: async ids => ids.map(() => (hasEnded ? ended : { kind: 'active' })),
      followEnds: async (onNews, signal) => {
        tell = onNews
        await new Promise(resolve => signal.addEventListener('abort', resolve))
      },
    })
    const ids = Array.from({ length: 100 }, (_, at) => aLease({ agent: `agent-${at}` }).id)
    const [perLease, costMs] = [5, 1]
    let cut = 0
    const cutSlowly = () => {
      cut++
      for (const until = performance.now() + costMs; performance.now() < until; );
    }
    for (const lease of ids) {
      for (let at = 0; at < perLease; at++) await streams.open({ auditId: `${lease} ${at}`, lease, cut: cutSlowly })
    }
    hasEnded = true
    for (const partition of new Set(ids.map(partitionOf))) {
      tell({ kind: 'stop', partition, subject: 'all:', act: 'end', at: 0, turn: null, cursor: '' })
    }
    const between: number[] = []
    for (let before = cut; cut < ids.length * perLease; before = cut) {
      await nextTurn()
      between.push(cut - before)
    }
    expect(Math.max(...between)).toBeLessThanOrEqual(perLease)
    await end()
  })

  test('whatever opens, closes and ends in whatever order: what a lease no longer allows is cut, and nothing else', async () => {
    const step = fc.record({
      what: fc.constantFrom('open' as const, 'open' as const, 'close' as const, 'revoke' as const),
      lease: fc.nat({ max: 5 }),
      waits: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async steps => {
        const stores = new MemoryStores()
        const roots = Array.from({ length: 3 }, () => aLease())
        const leases = [...roots, ...roots.map(root => aLease({ ancestors: [root.id] }))]
        for (const lease of leases) await stores.store.create(creating(lease))
        const slow: Ledger = {
          ...stores.ledger,
          states: async (ids, now) => {
            const states = await stores.ledger.states(ids, now)
            // What it says may be old by the time that it is heard.
            await new Promise(setImmediate)
            return states
          },
        }
        const { streams, end } = watching(slow, { ancestorsOf: contractsIn(stores) })
        const opened: ReturnType<typeof aStream>[] = []
        const closed = new Set<LiveStream>()
        for (const { what, lease: index, waits } of steps) {
          const lease = leases[index] ?? aLease()
          const stream = opened.find(each => each.lease === lease.id && !closed.has(each))
          if (what === 'open') {
            const another = aStream(lease.id)
            opened.push(another)
            void streams.open(another)
          } else if (what === 'revoke') {
            void stores.store.revoke(revoking(lease))
          } else if (stream !== undefined) {
            streams.close(stream)
            closed.add(stream)
          }
          if (waits) await new Promise(setImmediate)
        }
        const now = Date.now()
        const states = await stores.ledger.states(
          leases.map(({ id }) => id),
          now,
        )
        const isLive = (id: string) => states[leases.findIndex(lease => lease.id === id)]?.kind === 'active'
        const left = () => opened.filter(stream => !closed.has(stream) && !isLive(stream.lease))
        await until('all that ended to be cut', () => left().every(({ wasCut }) => wasCut.length > 0))
        expect(opened.filter(({ wasCut }) => wasCut.length > 1)).toEqual([])
        expect(opened.filter(({ lease, wasCut }) => isLive(lease) && wasCut.length > 0)).toEqual([])
        expect(streams.size).toBe(opened.filter(stream => !closed.has(stream) && isLive(stream.lease)).length)
        await end()
      }),
      { numRuns: 200 },
    )
  })

  test('what the store does not know ends', async () => {
    const unknown: LeaseState = { kind: 'unknown' }
    const ledger: Ledger = {
      states: async ids => ids.map(() => unknown),
      followEnds: (_, signal) => new Promise(resolve => signal.addEventListener('abort', () => resolve())),
    }
    const { streams, end } = watching(ledger)
    const stream = aStream('lse_x')
    await streams.open(stream)
    expect(stream.wasCut).toEqual(['lease_unknown'])
    await end()
  })

  test('a closed stream is forgotten', async () => {
    const { stores, lease } = await aLiveLease()
    const { streams, cuts, end } = watching(stores.ledger)
    const stream = aStream(lease.id)
    await streams.open(stream)
    streams.close(stream)
    expect(streams.size).toBe(0)
    await stores.store.revoke(revoking(lease))
    expect(cuts).toEqual([])
    await end()
  })

  test('a shutdown cuts all that is left', async () => {
    const { stores, lease } = await aLiveLease()
    const { streams, cuts, end } = watching(stores.ledger)
    await streams.open(aStream(lease.id))
    streams.cutAll('shutdown')
    expect(cuts).toEqual([['a', 'shutdown']])
    await end()
  })
})
