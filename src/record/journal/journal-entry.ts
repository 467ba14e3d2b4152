import type { Scope, Task } from '../../lease/lease.ts'
import type { StopAct } from '../../lease/stop/stop.ts'
import type { Subject } from '../../lease/stop/subject.ts'
import type { RequestInfo } from '../../request/api-request.ts'

/**
 * A decision as the journal keeps it. Times are epoch milliseconds. Nothing in it is a credential, a header value that may hold one, or a
 * body. Texts that were too long to keep end in a mark that says so.
 */
export interface DecisionEntry {
  readonly kind: 'decision'
  readonly auditId: string
  readonly decidedAt: number
  readonly agent: string
  readonly sponsor: string
  readonly task: Task
  readonly lease: string
  readonly template: string
  readonly policyRevision: string
  readonly method: string
  /** Undecoded, without the query. */
  readonly path: string
  /** Null when the request was refused unread. */
  readonly info: RequestInfo | null
  readonly command: readonly string[]
  /** What a write makes run in pods: name, image and command of each container that it says something of. */
  readonly runs: readonly string[]
  readonly container: string
  /** That a port-forward is bound to, with commas; empty where each stream inside says its own. */
  readonly ports: string
  /** Of exec and attach: what goes over them is not in the record. */
  readonly stdin: boolean
  readonly tty: boolean
  /** By the query, or by the body of a delete. */
  readonly dryRun: boolean
  readonly propagationPolicy: string
  readonly force: boolean
  readonly gracePeriodSeconds: number | null
  readonly fieldManager: string
  readonly intent: 'allow' | 'deny' | 'approval'
  /** DenyReason when the policy denied, else ''. */
  readonly reason: string
  readonly detail: string
  readonly rule: string
  readonly risk: string
  /** All of them, worst first; only where `risk` is not the only one. */
  readonly risks?: readonly string[] | undefined
  readonly source: string
  readonly userAgent: string
  /** Claimed by the client (Kubectl-Command, Kubectl-Session). */
  readonly kubectlCommand: string
  readonly kubectlSession: string
  /** Characters that were masked in all of this. */
  readonly masked: number
}

export interface LeaseEvent {
  readonly kind: 'lease'
  readonly event: 'issued' | 'narrowed' | 'revoked'
  readonly at: number
  readonly lease: string
  readonly agent: string
  readonly sponsor: string
  readonly task: Task
  readonly template: string
  readonly namespaces: readonly string[]
  /** Where it is narrowed: how often it is then. */
  readonly times?: number | undefined
  /** Where a lease is issued or narrowed: what it grants. */
  readonly scope?: Scope | undefined
  /** And what it was asked with, and the leases that it was narrowed from, root first. */
  readonly parameters?: Readonly<Record<string, string>> | undefined
  readonly ancestors?: readonly string[] | undefined
  /** Which agent handed it to the other, where it is issued so. */
  readonly delegatedBy?: string | undefined
  readonly expiresAt: number
  readonly by: string
  readonly reason: string
}

export interface ApprovalEvent {
  readonly kind: 'approval'
  /** `yes`: of somebody, where others have to say it too. The last of them is `approved`. `pending`: asked before any request came, about several. `withdrawn`: by the agent. */
  readonly event: 'pending' | 'approved' | 'rejected' | 'yes' | 'withdrawn'
  readonly at: number
  readonly approval: string
  readonly lease: string
  readonly agent: string
  readonly by: string
  readonly summary: string
  /** In words of the approver, '' when nothing was said. */
  readonly reason: string
  /** What the plan would make another, as whoever said it was shown; null where no plan says that. */
  readonly changes?: KeptChanges | null
}

/** A plan's changes as far as they are kept. Credentials are in none of them. */
export interface KeptChanges {
  readonly fields: readonly KeptChange[]
  /** How many more there were. */
  readonly more: number
}

export interface KeptChange {
  readonly path: string
  readonly kind: 'added' | 'removed' | 'changed'
  readonly before?: string | undefined
  readonly after?: string | undefined
  readonly hidden?: boolean | undefined
}

export interface HoldEvent {
  readonly kind: 'hold'
  readonly event: 'held' | 'released'
  readonly at: number
  readonly agent: string
  readonly by: string
  readonly reason: string
  /** When it ends by itself; null: it does not. */
  readonly until: number | null
}

/** Somebody begins to watch the sessions of a lease, or watches them no more. */
export const WATCH_ACTS = ['watch', 'unwatch'] as const
export type WatchAct = (typeof WATCH_ACTS)[number]

/** What was done to all leases of a subject, or to one session by its audit id. */
export interface StopEvent {
  readonly kind: 'stop'
  readonly event: StopAct | WatchAct
  readonly at: number
  readonly subject: Subject | { readonly kind: 'session'; readonly name: string }
  readonly by: string
  readonly reason: string
}

/** What the broker refused, with its reason; nothing of a credential. */
export interface BrokerRefusal {
  readonly kind: 'broker-refusal'
  readonly id: string
  readonly at: number
  /** Who asked, one of both; '' for whoever could not be named. */
  readonly agent: string
  readonly person: string
  /** Method and path. */
  readonly what: string
  /** HTTP. */
  readonly status: number
  readonly reason: string
  readonly source: string
}

/** Refusals past the per-source cap, counted. */
export interface RefusalSummary {
  readonly kind: 'refusals'
  readonly source: string
  readonly minute: number
  readonly count: number
}

export type JournalEntry =
  | DecisionEntry
  | LeaseEvent
  | ApprovalEvent
  | HoldEvent
  | StopEvent
  | BrokerRefusal
  | RefusalSummary

/** What the store settled beside a decision entry. */
export interface Settled {
  /** allow, deny or pending. */
  readonly decision: 'allow' | 'deny' | 'pending'
  /** DenyReason of the store (lease-revoked, budget-spent …), '' when the intent stood. */
  readonly reason: string
  readonly approval: string
}

/** One journal item as the tap reads it; `id` is unique within `stream`. */
export interface JournalItem {
  readonly stream: string
  readonly id: string
  readonly entry: JournalEntry
  readonly settled: Settled | null
}

/** One unparsable item: kept aside, never in the way of others. */
export interface PoisonItem {
  readonly stream: string
  readonly id: string
  readonly problem: string
}
