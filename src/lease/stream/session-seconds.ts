import type { Budgets, Lease } from '../lease.ts'

/** So many seconds are taken at once for a session, or what is left: before they are used, so nobody overspends them. */
export const SLICE_SECONDS = 10

/** A session whose seconds a budget counts, and on what it draws. */
export interface Timed {
  /** Of the request that began it. */
  readonly auditId: string
  readonly lease: Pick<Lease, 'id' | 'ancestors'>
  /** As they are today: of the lease, then of each in `lease.ancestors`. */
  readonly limits: readonly Budgets[]
}

/** What an authorizer needs for the sessions that are open at it. Each rejects when the store cannot answer. */
export interface SessionSeconds {
  /** Further ones, the `part`-th time, the first being those that its beginning took; asked for again, the same. 0: none are left. */
  take(timed: Timed, part: number): Promise<number>
  /** Those that it did not use, once. False where it had given some back. */
  giveBack(timed: Omit<Timed, 'limits'>, seconds: number): Promise<boolean>
}
