/** So long a mark counts: who is not heard of for longer does not watch. */
export const MARK_MS = 15_000
/** So often whoever watches says so. */
export const RENEW_MS = 3000
/** Clocks of the broker and of an authorizer may differ by so much. */
export const CLOCKS_MS = 5000

/** One person's look at the sessions of one lease, from one place. */
export interface Watch {
  readonly lease: string
  /** Random, by whoever watches; beside their name it is nobody else's. */
  readonly id: string
  /** Name of the watcher in the policy. */
  readonly by: string
}

export interface Marking extends Watch {
  /** What the broker signed. */
  readonly mark: string
  /** For the journal, JSON: that the watch began, should it be one that is not known; and that it ended, should nothing be heard of it again. */
  readonly began: string
  readonly lapsed: string
}

/** What the broker needs. */
export interface WatchStore {
  /** Begins a watch or goes on with it. False where too many watch that lease. */
  mark(marking: Marking): Promise<boolean>
  /** Ends it now; `event` is for the journal, JSON. False where there is no such watch any more. */
  leave(watch: Watch & { readonly event: string }): Promise<boolean>
  /** Puts on record which watches of the lease ended because nothing was heard of them. */
  sweep(lease: string): Promise<void>
}

/** What an authorizer needs. */
export interface WatchMarks {
  /** As the broker signed them, also some that are over. Rejects when the store does not say, or has more than brokers make: then nobody watches. */
  marks(lease: string): Promise<readonly string[]>
}
