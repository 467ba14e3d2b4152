import type { Committed } from './committed.ts'
import type { Hold } from './hold/hold.ts'
import type { AskableBudget, Budget, Budgets, Lease, LeaseState, Turn } from './lease.ts'
import type { Parts } from './questions/again.ts'
import type { Quorum } from './questions/quorum.ts'
import type { Series } from './questions/series.ts'
import type { StopAct, Stopped } from './stop/stop.ts'

/** What one judged request asks of the store: check the live lease, take from budgets, use an approval, journal. All or nothing. */
export interface Commit {
  /** Audit id; committing the same id again changes nothing and returns the first result. */
  readonly id: string
  readonly lease: Lease
  /** How often each of them was narrowed, in the same order, by the contracts that it was judged by; not there where none was. */
  readonly narrowed?: readonly number[]
  /** Budgets by the signed contracts, whatever the store holds: of the lease, then of each in `lease.ancestors`. */
  readonly limits: readonly Budgets[]
  readonly now: number
  /**
   * What the policy said. `take`: one of each; with objects among them, `object` is the one, hashed, or `*` for more than can be counted;
   * of execSeconds a slice, or what is left; requestsPerSecond comes last. The store may turn an allow or an approval into a denial, never the other way.
   */
  readonly intent:
    | ({ readonly kind: 'allow'; readonly take: readonly Budget[]; readonly object?: string | undefined } & Beyond)
    | { readonly kind: 'deny' }
    | ({
        readonly kind: 'approval'
        readonly take: readonly Budget[]
        readonly object?: string | undefined
        /** Digest of the exact request, hex. */
        readonly digest: string
        /** What a no is said to: the same for every way to write the request, and for every lease of the agent. */
        readonly subject: string
        /** Verb and object, hash: of an earlier question about the same it is told why its answer does not hold. */
        readonly about: string
        readonly parts: Parts
        /** Who has to say yes; the store only counts what it was given. */
        readonly quorum: Quorum
        /** Requests that the same yes is for. */
        readonly series: Series | null
        /** What a yes may be to that lasts as long as the lease, hash; null where none may. */
        readonly lasting?: string | null
        /** Id for the approval if none is open for this digest yet. */
        readonly proposedId: string
        /** Somebody would have to watch, and nobody does: a yes is neither used nor enough, and a question is asked as ever. */
        readonly unwatched?: true
        /** What an approver is shown, JSON; the same text whenever the digest is the same. */
        readonly question: string
        /** How long the question stays open, and how long a yes can be used, milliseconds. */
        readonly askMs: number
        readonly useMs: number
      } & Beyond)
  /** Refused when the journal is past its high mark (writes and exec). */
  readonly risky: boolean
  /** The decision as the journal keeps it, JSON. The store adds what it decided beside it. */
  readonly entry: string
}

/** What becomes of a request that a budget has nothing left for. */
export interface Beyond {
  /** Budgets for more of which somebody may be asked: nothing is settled then, and it says which. Of the others it is denied. */
  readonly askBeyond?: readonly AskableBudget[] | undefined
  /** Those for more of which somebody is asked by this: the yes gives it, to this request alone. */
  readonly beyond?: readonly AskableBudget[] | undefined
}

/** What a yes is to. */
export interface Asked {
  readonly approval: string
  readonly lease: string
  readonly agent: string
  readonly digest: string
  readonly question: string
  readonly quorum: Quorum
  readonly lasting?: string | null
}

/** A yes that the broker signed to exactly this. */
export interface Verified {
  /** Epoch milliseconds. */
  readonly until: number
  /** What has to be there, as an admission policy compares it; '' where that is anything. */
  readonly bound: string
  /** It is for more than this request, until the lease ends: using it does not use it up. */
  readonly isLasting?: true
}

/** Null when the broker did not let it pass, or that is over. */
export type VerifyAnswer = (answer: string, asked: Asked, now: number) => Promise<Verified | null>

/** A refusal that no lease can be named for: rate-capped per source, the rest counted. */
export interface Refused {
  readonly id: string
  readonly source: string
  readonly now: number
  readonly entry: string
}

/** A request that was let through by a yes. */
export interface Used {
  readonly approval: string
  /** Its audit id. */
  readonly request: string
  readonly now: number
}

/** What followers hear. */
export type EndNews = LeaseEnd | LeaseNarrowed | StopNews

export interface LeaseEnd {
  readonly kind: 'lease'
  readonly lease: string
  /** When it would have ended anyway, epoch milliseconds. */
  readonly until: number
  /** Position in its partition's stream, to resume after. */
  readonly cursor: string
}

/** A lease is narrower from now on: what it was before has ended. */
export interface LeaseNarrowed {
  readonly kind: 'narrowed'
  readonly lease: string
  /** How often it had been narrowed before. */
  readonly was: number
  /** When it would have ended as it was, epoch milliseconds. */
  readonly until: number
  readonly cursor: string
}

/** Something was done to all leases of a subject, in one partition: whoever has open streams there asks how their leases stand. */
export interface StopNews {
  readonly kind: 'stop'
  readonly partition: string
  /** As `subjectKey` writes it. */
  readonly subject: string
  readonly act: StopAct
  /** By the clock of the store, epoch milliseconds. */
  readonly at: number
  /** Leases of an earlier one have ended, where it ended any; null where a version before that counted did it. */
  readonly turn: Turn | null
  readonly cursor: string
}

/** What was taken under a lease until now. */
export interface TakenSoFar {
  readonly counts: Readonly<Partial<Record<Budget, number>>>
  /** Those that were changed, hashed, where a budget counts them. */
  readonly objects: ReadonlySet<string>
}

/** What the authorizer needs of leases. Every method rejects when the store cannot answer; callers fail closed. */
export interface LeaseLedger {
  /** The signed contract as the broker wrote it (compact JWS), or null. */
  contract(id: string): Promise<string | null>
  /** Whether this is known to be a contract that a narrower one has taken the place of. */
  isOutdated(lease: Pick<Lease, 'id' | 'narrowed'>): boolean
  commit(commit: Commit): Promise<Committed>
  refuse(refused: Refused): Promise<void>
  /** The API server did nothing for an eviction: the yes that it used can be used again, within its time. False where it cannot, and for all else. */
  giveBack(used: Used): Promise<boolean>
  /** For what a request would be told; only `commit` takes. In the order asked. */
  taken(ids: readonly string[]): Promise<readonly TakenSoFar[]>
  /** Live states, in the order asked. */
  states(ids: readonly string[], now: number): Promise<readonly LeaseState[]>
  /**
   * Calls back for every lease that ends early, and for what is done to many at once, without gaps over reconnects, until aborted; at
   * first, and after a reconnect, for what happened lately. What was narrowed from a lease has ended with it and is not named.
   */
  followEnds(onNews: (news: EndNews) => void, signal: AbortSignal): Promise<void>
}

export interface NewLease {
  readonly lease: Lease
  readonly contract: string
  /** Most leases of this template that the agent may hold at once. */
  readonly limit: number
  /** Most leases that may be handed on under the root of this one; of one that is handed to its agent. */
  readonly mostHanded?: number
  readonly event: string
}

export interface Revocation {
  readonly id: string
  readonly by: string
  readonly reason: string
  readonly now: number
  readonly event: string
}

/** A narrower contract, to stand in the place of the one that there is. */
export interface Narrowing {
  readonly lease: Lease
  readonly contract: string
  /** As it was. */
  readonly before: Lease
  readonly now: number
  readonly event: string
  /** Agents do it at will: not past the limits of the journal. */
  readonly isByHolder: boolean
}

/** `moved`: somebody else has narrowed it meanwhile. `too-long`: what is left has more words than may be signed. */
export const BECAME = ['narrowed', 'moved', 'ended', 'too-long'] as const
export type Became = (typeof BECAME)[number]

export interface LeaseRecord {
  readonly id: string
  readonly contract: string
  readonly state: LeaseState
  /** Taken so far, by budget. */
  readonly taken: Readonly<Partial<Record<Budget, number>>>
}

export type Created =
  | { readonly kind: 'created' }
  /** The agent holds so many of this template; some of them. */
  | { readonly kind: 'too-many'; readonly held: readonly string[] }
  | { readonly kind: 'limit'; readonly limit: LeaseLimit }
  /** Its agent gets none at the moment. */
  | { readonly kind: 'held'; readonly hold: Hold }
  /** Nothing that comes under this does. */
  | { readonly kind: 'stopped'; readonly stopped: Stopped }
  /** Something was done to many leases since its turn was asked for. */
  | { readonly kind: 'moved'; readonly turn: Turn }

/** Leases of an agent, those it makes in a minute, those under one root, levels below it, bytes of a contract, which no policy sets; leases handed on under one root. */
export const LEASE_LIMITS = ['leases', 'minute', 'children', 'levels', 'bytes', 'handed'] as const
export type LeaseLimit = (typeof LEASE_LIMITS)[number]

/** A part of a list that may be long. */
export interface PageOf {
  /** Of one agent: those that it has, and those that it handed to others. Null: everybody's. */
  readonly agent: string | null
  /** Id after which it begins, '' for the beginning. */
  readonly after: string
  readonly limit: number
  /** Rather a part of it than none, where a server of the store is away: for who only looks, and says what is missing. */
  readonly partial?: boolean
}

export interface Page<T> {
  readonly items: readonly T[]
  /** Where the next page begins; null: there is none. A page may be shorter than its limit, and not the last. */
  readonly next: string | null
  /** Partitions whose server does not answer: what they have is not in it. Only where a part was enough. */
  readonly missing?: readonly string[]
}

/** What the broker needs of leases. */
export interface LeaseStore {
  /** Of a lease with this id that is made now: for its contract, which is signed before it is in the store. */
  turn(id: string): Promise<Turn>
  create(lease: NewLease): Promise<Created>
  find(id: string, now: number): Promise<LeaseRecord | null>
  /** Leases that have not ended, oldest first. */
  list(page: PageOf, now: number): Promise<Page<LeaseRecord>>
  /** Resolves when the end is durable. False when the lease is unknown or had ended already. */
  revoke(revocation: Revocation): Promise<boolean>
  /** Resolves when it is durable. */
  narrow(narrowing: Narrowing): Promise<Became>
}
