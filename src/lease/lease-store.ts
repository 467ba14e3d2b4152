import type { Budget, Lease, LeaseState } from './lease.ts'

/** What one judged request asks of the store: check the live lease, take from budgets, use an approval, journal. All or nothing. */
export interface Commit {
  /** Audit id; committing the same id again changes nothing and returns the first result. */
  readonly id: string
  readonly lease: Lease
  readonly now: number
  /** What the policy said; the store may turn an allow or an approval into a denial, never the other way. */
  readonly intent:
    | { readonly kind: 'allow'; readonly take: readonly Budget[] }
    | { readonly kind: 'deny' }
    | {
        readonly kind: 'approval'
        readonly take: readonly Budget[]
        /** Digest of the exact request, hex. */
        readonly digest: string
        /** Id for the approval if none is open for this digest yet. */
        readonly proposedId: string
        /** What an approver is shown, JSON. */
        readonly question: string
        /** How long the question stays open, and how long a yes can be used, milliseconds. */
        readonly askMs: number
        readonly useMs: number
      }
  /** Refused when the journal is past its high mark (writes and exec). */
  readonly risky: boolean
  /** The decision as the journal keeps it, JSON. The store adds what it decided beside it. */
  readonly entry: string
}

export type Committed =
  | { readonly kind: 'allowed'; readonly approval: string | null }
  /** The intent was a denial and is in the journal. */
  | { readonly kind: 'denied' }
  | { readonly kind: 'pending'; readonly approval: string }
  | { readonly kind: 'rejected'; readonly approval: string }
  | { readonly kind: 'ended'; readonly state: Exclude<LeaseState, { readonly kind: 'active' }> }
  | { readonly kind: 'budget-spent'; readonly budget: Budget }
  | { readonly kind: 'journal-full' }

/** A refusal that no lease can be named for: rate-capped per source, the rest counted. */
export interface Refused {
  readonly id: string
  readonly source: string
  readonly now: number
  readonly entry: string
}

export interface LeaseEnd {
  readonly lease: string
  /** Position in its partition's stream, to resume after. */
  readonly cursor: string
}

/** What the authorizer needs of leases. Every method rejects when the store cannot answer; callers fail closed. */
export interface LeaseLedger {
  /** The signed contract as the broker wrote it (compact JWS), or null. */
  contract(id: string): Promise<string | null>
  commit(commit: Commit): Promise<Committed>
  refuse(refused: Refused): Promise<void>
  /** Live states, in the order asked. */
  states(ids: readonly string[], now: number): Promise<readonly LeaseState[]>
  /** Calls back for every lease that ends early, from now on and without gaps over reconnects, until aborted. */
  followEnds(onEnd: (end: LeaseEnd) => void, signal: AbortSignal): Promise<void>
}

export interface NewLease {
  readonly lease: Lease
  readonly contract: string
  /** Most leases of this template that the agent may hold at once. */
  readonly limit: number
  readonly event: string
}

export interface Revocation {
  readonly id: string
  readonly by: string
  readonly reason: string
  readonly now: number
  readonly event: string
}

export interface LeaseRecord {
  readonly contract: string
  readonly state: LeaseState
  /** Taken so far, by budget. */
  readonly taken: Readonly<Partial<Record<Budget, number>>>
}

/** What the broker needs of leases. */
export interface LeaseStore {
  create(
    lease: NewLease,
  ): Promise<{ readonly kind: 'created' } | { readonly kind: 'too-many'; readonly held: readonly string[] }>
  find(id: string, now: number): Promise<LeaseRecord | null>
  /** Leases that have not ended, oldest first; of one agent when named. */
  list(agent: string | null, now: number): Promise<readonly LeaseRecord[]>
  /** Resolves when the end is durable. False when the lease is unknown or had ended already. */
  revoke(revocation: Revocation): Promise<boolean>
}
