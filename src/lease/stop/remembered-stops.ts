import { CLOCK_LIMIT_MS, steadyClock, systemClock } from '../../support/time/clock.ts'
import type { Lease, Turn } from '../lease.ts'
import { partitionOf } from '../lease-id.ts'
import type { StopNews } from '../lease-store.ts'
import { subjectKey, subjectsOf } from './subject.ts'

/** People made each of these. Past that they are one: everything until then has ended. */
const MOST = 10_000
const ALL = subjectKey({ kind: 'all', name: '' })

/** Clocks, of which one may have stepped meanwhile. */
export interface Clocks {
  /** Epoch milliseconds. */
  readonly now: () => number
  /** Milliseconds that only go forward. */
  readonly steady: () => number
}

const SYSTEM: Clocks = { now: systemClock, steady: steadyClock }

/** What is known of one subject. */
interface Known {
  /** Leases of an earlier turn have ended, by partition. */
  readonly turns: ReadonlyMap<string, Turn>
  /** When leases of it were ended last, for those that say no turn. */
  readonly at: number
  /** The same by acts that told none, for all. */
  readonly untold: number
  /** When that was heard as it happened; null: it was heard of later. */
  readonly heard: Heard | null
}

/** On both clocks: one stands still while a machine sleeps, and the other may be set. */
interface Heard {
  readonly steady: number
  readonly now: number
}

const NOTHING: Known = { turns: new Map(), at: 0, untold: 0, heard: null }

/**
 * Which leases have ended by an act on many, by their signed contracts: whoever can write to the store must not be able to take that
 * back, neither there nor by what it says of a lease. A stop or a freeze that may be lifted is the store's to tell. Which came first is
 * counted; should the store have told a broker a turn that is still to come, age says so, of leases that are older than clocks may differ.
 */
export class RememberedStops {
  readonly #clocks: Clocks
  readonly #known = new Map<string, Known>()

  constructor(clocks: Clocks = SYSTEM) {
    this.#clocks = clocks
  }

  add({ subject, act, at, partition, turn }: Omit<StopNews, 'kind' | 'cursor'>): void {
    if (act === 'freeze' || act === 'thaw') return
    const before = this.#known.get(subject) ?? NOTHING
    const isNow = Math.abs(this.#clocks.now() - at) <= CLOCK_LIMIT_MS
    this.#known.set(subject, {
      turns:
        turn === null ? before.turns : new Map(before.turns).set(partition, later(turn, before.turns.get(partition))),
      at: Math.max(at, before.at),
      untold: turn === null ? Math.max(at, before.untold) : before.untold,
      heard: isNow ? { steady: this.#clocks.steady(), now: this.#clocks.now() } : before.heard,
    })
    if (this.#known.size <= MOST) return
    const all = [...this.#known.values()].reduce(both)
    this.#known.clear()
    this.#known.set(ALL, all)
  }

  hasEnded(lease: Lease): boolean {
    if (this.#known.size === 0) return false
    return [ALL, ...subjectsOf(lease)].some(subject => {
      const known = this.#known.get(subject)
      return known !== undefined && this.#isBefore(lease, known)
    })
  }

  #isBefore({ id, turn, issuedAt }: Lease, { turns, at, untold, heard }: Known): boolean {
    if (turn === undefined) return issuedAt <= at
    const ended = turns.get(partitionOf(id))
    if (issuedAt <= untold || (ended !== undefined && isEarlier(turn, ended))) return true
    if (heard === null) return false
    const now = this.#clocks.now()
    const since = Math.max(this.#clocks.steady() - heard.steady, now - heard.now)
    return now - issuedAt > since + 2 * CLOCK_LIMIT_MS
  }
}

function isEarlier(one: Turn, other: Turn): boolean {
  return one.epoch < other.epoch || (one.epoch === other.epoch && one.acts < other.acts)
}

function later(one: Turn, other: Turn | undefined): Turn {
  return other === undefined || isEarlier(other, one) ? one : other
}

function both(one: Known, other: Known): Known {
  const turns = new Map(one.turns)
  for (const [partition, turn] of other.turns) turns.set(partition, later(turn, turns.get(partition)))
  const heard = [one.heard, other.heard].filter(at => at !== null)
  return {
    turns,
    at: Math.max(one.at, other.at),
    untold: Math.max(one.untold, other.untold),
    heard: heard.toSorted((first, second) => second.steady - first.steady)[0] ?? null,
  }
}
