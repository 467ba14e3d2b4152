import type { Nearly } from '../../../src/lease/committed.ts'
import {
  ASKABLE_BUDGETS,
  type AskableBudget,
  type Budget,
  type Budgets,
  type Lease,
  type LeaseState,
  timesNarrowed,
} from '../../../src/lease/lease.ts'
import type { Commit, Created, EndNews, LeaseStore, NewLease, Page, PageOf } from '../../../src/lease/lease-store.ts'
import { LIMITS } from '../../../src/lease/limits.ts'
import { SLICE_SECONDS } from '../../../src/lease/stream/session-seconds.ts'

export interface Held {
  readonly lease: Lease
  readonly contract: string
  readonly taken: Partial<Record<Budget, number>>
  /** Hashed, where they are counted. */
  readonly touched: Set<string>
  paced: { second: number; requests: number }
  revoked: Extract<LeaseState, { kind: 'revoked' }> | null
}

export type Ended = Exclude<LeaseState, { readonly kind: 'active' }>

export const ACTIVE = { kind: 'active' } as const

/** The leases of `MemoryStores`, and what was taken of them. */
export class MemoryLeases {
  readonly #leases = new Map<string, Held>()
  /** By what is counted, agent and minute. */
  readonly #counts = new Map<string, number>()
  readonly #followers = new Set<(end: EndNews) => void>()
  readonly #journal: string[]

  constructor(journal: string[]) {
    this.#journal = journal
  }

  held(id: string): Held | undefined {
    return this.#leases.get(id)
  }

  readonly store: LeaseStore = {
    turn: async () => ({ epoch: 0, acts: 0 }),
    create: async asked => this.#create(asked),
    find: async (id, now) => {
      const held = this.#leases.get(id)
      return held ? { id, contract: held.contract, state: this.state(id, now), taken: { ...held.taken } } : null
    },
    list: async ({ agent, ...page }, now) => {
      const listed = [...this.#leases.values()].filter(
        ({ lease }) =>
          (agent === null || lease.agent === agent || lease.delegated?.by === agent) &&
          this.own(lease.id, now).kind === 'active',
      )
      const { items, next } = pageOf(listed, ({ lease }) => lease.id, page)
      const live = items.filter(({ lease }) => this.state(lease.id, now).kind === 'active')
      return {
        items: live.map(({ lease: { id }, contract, taken }) => ({ id, contract, state: ACTIVE, taken: { ...taken } })),
        next,
      }
    },
    narrow: async ({ lease, contract, before, now, event }) => {
      const held = this.#leases.get(lease.id)
      if (held === undefined || this.state(lease.id, now).kind !== 'active') return 'ended'
      if (timesNarrowed(held.lease) !== timesNarrowed(before)) return 'moved'
      this.#leases.set(lease.id, { ...held, lease, contract })
      const { id } = lease
      const was = timesNarrowed(before)
      for (const follower of this.#followers)
        follower({ kind: 'narrowed', lease: id, was, until: before.expiresAt, cursor: String(now) })
      this.#journal.push(event)
      return 'narrowed'
    },
    revoke: async ({ id, by, reason, now, event }) => {
      const held = this.#leases.get(id)
      if (held === undefined || this.own(id, Math.min(now, Date.now())).kind !== 'active') return false
      held.revoked = { kind: 'revoked', by, reason, at: now }
      for (const follower of this.#followers) {
        follower({ kind: 'lease', lease: id, until: held.lease.expiresAt, cursor: String(now) })
      }
      this.#journal.push(event)
      return true
    },
  }

  async followEnds(onEnd: (end: EndNews) => void, signal: AbortSignal): Promise<void> {
    this.#followers.add(onEnd)
    await new Promise(resolve => signal.addEventListener('abort', resolve, { once: true }))
    this.#followers.delete(onEnd)
  }

  /** As those above it leave it. */
  state(id: string, now: number): LeaseState {
    const held = this.#leases.get(id)
    for (const one of [id, ...(held?.lease.ancestors ?? [])]) {
      const state = this.own(one, now)
      if (state.kind !== 'active') return state
    }
    return ACTIVE
  }

  /** Of itself, whatever became of those above it. */
  own(id: string, now: number): LeaseState {
    const held = this.#leases.get(id)
    if (held === undefined) return { kind: 'unknown' }
    return held.revoked ?? (now >= held.lease.expiresAt ? { kind: 'expired' } : ACTIVE)
  }

  #create({ lease, contract, limit, event }: NewLease): Created {
    const now = lease.issuedAt
    const above = lease.ancestors.map(id => this.own(id, now).kind)
    if (above.some(kind => kind !== 'active')) throw new Error('a lease above it is not live')
    if (this.#leases.has(lease.id)) return { kind: 'created' }
    if (contract.length > LIMITS.contractBytes) return { kind: 'limit', limit: 'bytes' }
    const live = [...this.#leases.values()]
      .map(held => held.lease)
      .filter(one => this.own(one.id, now).kind === 'active')
    const [root] = lease.ancestors
    const mine = live.filter(one => one.agent === lease.agent)
    if (root === undefined) {
      const alike = mine.filter(one => one.template === lease.template && one.ancestors.length === 0)
      if (alike.length >= limit) return { kind: 'too-many', held: alike.map(({ id }) => id) }
    } else {
      if (lease.ancestors.length > LIMITS.levels) return { kind: 'limit', limit: 'levels' }
      const under = live.filter(one => one.ancestors[0] === root)
      if (under.length >= LIMITS.children) return { kind: 'limit', limit: 'children' }
    }
    if (mine.length >= LIMITS.leases) return { kind: 'limit', limit: 'leases' }
    if (!this.counted(`made ${lease.agent}`, now, LIMITS.leasesPerMinute)) return { kind: 'limit', limit: 'minute' }
    this.#leases.set(lease.id, {
      lease,
      contract,
      taken: {},
      touched: new Set(),
      paced: { second: 0, requests: 0 },
      revoked: null,
    })
    this.#journal.push(event)
    return { kind: 'created' }
  }

  /** One more of it; false where this minute has as many already. */
  counted(what: string, now: number, most: number): boolean {
    const key = `${what} ${Math.floor(now / 60_000)}`
    const count = this.#counts.get(key) ?? 0
    if (count < most) this.#counts.set(key, count + 1)
    return count < most
  }
}

export type Taking = Exclude<Commit['intent'], { readonly kind: 'deny' }>

/** By the clock of the machine, which the store goes by as well. */
const thisSecond = (): number => Math.floor(Date.now() / 1000)

/** Null where the request adds nothing to it. */
function takenSoFar({ taken, touched, paced }: Held, budget: Budget, object: string | undefined): number | null {
  if (budget === 'requestsPerSecond') return paced.second === thisSecond() ? paced.requests : 0
  if (budget !== 'objects' || object === undefined) return taken[budget] ?? 0
  if (object === '*') return Number.POSITIVE_INFINITY
  return touched.has(object) ? null : touched.size
}

/** As much as every one of them has left, a slice at most. */
export function sliceOf(holders: readonly Held[], limits: readonly Budgets[]): number {
  const left = holders.map(({ taken }, at) => (limits[at]?.execSeconds ?? Infinity) - (taken.execSeconds ?? 0))
  return Math.min(SLICE_SECONDS, ...left)
}

export function takeOf(held: Held, { take, object }: Taking, limits: Budgets, seconds: number): void {
  for (const budget of take) {
    if (budget === 'requestsPerSecond')
      held.paced = { second: thisSecond(), requests: (takenSoFar(held, budget, object) ?? 0) + 1 }
    else if (budget === 'execSeconds') held.taken.execSeconds = (held.taken.execSeconds ?? 0) + seconds
    else if (budget !== 'objects') held.taken[budget] = (held.taken[budget] ?? 0) + 1
    else if (object !== undefined && limits.objects !== undefined && !held.touched.has(object)) {
      held.touched.add(object)
      held.taken.objects = held.touched.size
    }
  }
}

/** What of this is spent for whoever holds one of them, or nearly. */
export function roomOf(
  holders: readonly Held[],
  { take, object, askBeyond = [], beyond = [] }: Taking,
  limits: Commit['limits'],
): { readonly spent: Budget | null; readonly beyond: readonly AskableBudget[]; readonly nearly: Nearly | null } {
  let nearly: Nearly | null = null
  const more = new Set<Budget>()
  for (const [index, held] of holders.entries()) {
    for (const budget of take) {
      const most = limits[index]?.[budget]
      const taken = takenSoFar(held, budget, object)
      if (most === undefined || taken === null) continue
      if (taken >= most) {
        if (beyond.some(one => one === budget)) continue
        if (!askBeyond.some(one => one === budget)) return { spent: budget, beyond: [], nearly: null }
        more.add(budget)
        continue
      }
      const count = most - taken - (budget === 'execSeconds' ? Math.min(SLICE_SECONDS, most - taken) : 1)
      if (count <= most / 5 && budget !== 'requestsPerSecond' && (nearly === null || count < nearly.count))
        nearly = { budget, count }
    }
  }
  return { spent: null, beyond: ASKABLE_BUDGETS.filter(one => more.has(one)), nearly }
}

export function pageOf<T>(
  all: readonly T[],
  idOf: (one: T) => string,
  { after, limit }: Omit<PageOf, 'agent'>,
): Page<T> {
  const sorted = all.toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : 1)).filter(one => idOf(one) > after)
  const items = sorted.slice(0, limit)
  const last = items.at(-1)
  return { items, next: sorted.length > limit && last !== undefined ? idOf(last) : null }
}
