import type { Lease } from '../lease.ts'
import type { StopNews } from '../lease-store.ts'
import { subjectKey, subjectsOf } from './subject.ts'

/** People made each of these. Past that they are one: everything until then has ended. */
const MOST = 10_000
const ALL = subjectKey({ kind: 'all', name: '' })

/**
 * Which leases have ended by an act on many, by their signed contracts: whoever can write to the store must not be able to take that
 * back, neither there nor by what it says of a lease. A stop or a freeze that may be lifted is the store's to tell.
 */
export class RememberedStops {
  /** By subject, when leases of it were ended last. */
  readonly #endedAt = new Map<string, number>()

  add({ subject, act, at }: Pick<StopNews, 'subject' | 'act' | 'at'>): void {
    if (act === 'freeze' || act === 'thaw') return
    this.#endedAt.set(subject, Math.max(at, this.#endedAt.get(subject) ?? 0))
    if (this.#endedAt.size <= MOST) return
    const latest = Math.max(...this.#endedAt.values())
    this.#endedAt.clear()
    this.#endedAt.set(ALL, latest)
  }

  hasEnded(lease: Lease): boolean {
    if (this.#endedAt.size === 0) return false
    return [ALL, ...subjectsOf(lease)].some(subject => lease.issuedAt <= (this.#endedAt.get(subject) ?? 0))
  }
}
