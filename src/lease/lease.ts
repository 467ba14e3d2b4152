import type { Quorum } from './questions/quorum.ts'
import type { RuleSet, Tiers } from './questions/risk-rule.ts'

/** One grant, matched with RBAC's semantics: every list must match, a rule without resources and URLs matches nothing. */
export interface Rule {
  readonly verbs: readonly string[]
  readonly apiGroups: readonly string[]
  // `pods`, `pods/log`, `*` for everything, a star before a slash for that subresource of every resource.
  // `namespaces` is never covered by `*`: it wants a rule of its own.
  readonly resources: readonly string[]
  /** Empty: every name. */
  readonly resourceNames: readonly string[]
  /** Empty: cluster-scoped objects and non-resource URLs only. `*`: every namespace (and cluster-wide lists). */
  readonly namespaces: readonly string[]
  readonly nonResourceURLs: readonly string[]
  /** For exec: allowed argument vectors; `*` stands for one argument, a last `**` for any rest. Empty: every command. */
  readonly commands: readonly (readonly string[])[]
  /** Whether a command that is named above may be given input as well; without commands any exec may. */
  readonly stdin: boolean
  /**
   * For patches: the only fields that they may change, each with all that is below it, or to what (`spec.replicas <= 5`). Empty: every field,
   * in any kind of write.
   */
  readonly fields: readonly string[]
  /** Nothing but reads, and of what is read no more than its metadata. */
  readonly metadataOnly?: true
  /** Nothing but lists, watches and deletes of collections whose selector asks for this at least. */
  readonly labelSelector?: string
  readonly fieldSelector?: string
}

export type Scope = readonly Rule[]

/** Somebody who acts for another, as the token says (RFC 8693). */
export interface Actor {
  readonly subject: string
  /** Not there where the token does not say. */
  readonly issuer?: string
}

/** Whose certificate a lease is bound to (RFC 8705). Who vouches for it is by name in the policy file. */
export interface Holder {
  readonly authority: string
  /** Of whom the certificate is, as its authority has it: a SPIFFE id, a DNS name, a subject. */
  readonly name: string
  /** Of the one over which the lease was asked for. */
  readonly thumbprint: string
  /** What has to be shown later: this very certificate, or any that the authority gave the same name. */
  readonly boundTo: 'certificate' | 'name'
}

/** That a lease was handed to its agent by another one, which holds the lease that it was narrowed from. */
export interface Delegated {
  readonly by: string
  /** Of the identity by which that agent asked for it, as the policy file names it. */
  readonly issuer: string
}

export interface Task {
  /** What the agent calls its work; the template's name when it says nothing. */
  readonly name: string
  readonly reason: string
  /** Ticket or incident, '' when none. */
  readonly ticket: string
}

/** What the template said at issue beside its scope. It binds as the scope does: a policy that says more later adds nothing to it. */
export interface Terms {
  /** Dangerous risks that the template names. */
  readonly dangerous: readonly string[]
  /** Risks that pass without a human, and those that want one in addition to the defaults. */
  readonly approval: {
    readonly skip: readonly string[]
    readonly require: readonly string[]
    /** Who has to say yes to anything that asks; where nothing is said, any one approver. */
    readonly quorum?: Quorum
    /** Who has to in addition, by risk. What is named here asks. */
    readonly risks?: Readonly<Record<string, Quorum>>
    /** What becomes of risks that nothing here names, by how much is at stake. */
    readonly tiers?: Tiers
    /** Whether an approver may say yes to one verb on one object for as long as the lease lives. */
    readonly untilLeaseEnds?: true
  }
  /** Risk rules of the policy as it was then, and, of a lease that was narrowed, of those before it: all of them count. */
  readonly riskRules?: readonly RuleSet[]
  /** Service accounts, beside `default`, that pods may run as. */
  readonly serviceAccounts: readonly string[]
  /** Secrets that pods may have when other code comes to run in them; not there where none may. */
  readonly podSecrets?: readonly string[]
  /** Networks that requests have to come from: one of each list. Not there where they may come from anywhere. */
  readonly networks?: readonly (readonly string[])[]
  /** What images of containers that are written have to be: in each list, one of it or what begins so. Not there where they may be any. */
  readonly images?: readonly (readonly string[])[]
  /** Sessions that run only while somebody watches them; not there where none wants that. */
  readonly watched?: readonly Watchable[]
  /** Budgets of which nothing more is given but with a yes to each request; of all others there is nothing more. */
  readonly askBeyond?: readonly AskableBudget[]
}

/** As subresources of pods. */
export const WATCHABLE = ['exec', 'attach', 'portforward'] as const
export type Watchable = (typeof WATCHABLE)[number]

/**
 * `objects`: different ones that are changed. `execSeconds`: that sessions last. `requestsPerSecond` comes back each second; of all others
 * there is so much in all.
 */
export const BUDGETS = [
  'requests',
  'mutations',
  'deletes',
  'secretReads',
  'objects',
  'execSeconds',
  'questions',
  'requestsPerSecond',
] as const
export type Budget = (typeof BUDGETS)[number]
/** Of those: what is taken at once, by the request that asks. */
export const ASKABLE_BUDGETS = ['requests', 'mutations', 'deletes', 'secretReads', 'objects'] as const
export type AskableBudget = (typeof ASKABLE_BUDGETS)[number] & Budget
export type Budgets = Readonly<Partial<Record<Budget, number>>>

/** How often a lease may be made narrower: each time leaves a mark in the store until its end. */
export const MOST_NARROWINGS = 16

/** That a lease is narrower than it was issued, and who made it so last. */
export interface Narrowed {
  /** How often. */
  readonly times: number
  readonly by: string
  readonly reason: string
  /** Epoch milliseconds. */
  readonly at: number
}

/**
 * Where a lease stands among the acts on many leases of its partition, counted in the store: which came first, lease or act, is not for clocks to
 * say. A new epoch begins where the store had lost something, and with it what was counted.
 */
export interface Turn {
  readonly epoch: number
  readonly acts: number
}

/** When a person's consent was verified, and until when it was good by itself. Epoch milliseconds. */
export interface ConsentTimes {
  readonly at: number
  readonly until: number
}

/** The same with SHA-256 of its token, hex. */
export interface Consent extends ConsentTimes {
  readonly sha256: string
}

/** The contract of one task: issued by the broker, signed, and put in the place of by nothing but a narrower one. Times are epoch milliseconds. */
export interface Lease {
  readonly id: string
  readonly agent: string
  /** The human on whose behalf the agent acts, '' when none. */
  readonly sponsor: string
  /** On whose behalf its agent acts otherwise, '' for nobody; not there where that is the sponsor. Handed to an agent, a lease stays its giver's sponsor's. */
  readonly agentSponsor?: string
  /** Of the identity by which the agent asked, or by which it is known, as the policy file names it; a lease of before does not say. */
  readonly issuer?: string
  /** Everybody through whom the agent's token went, the last one first; not there where it is the agent's own. */
  readonly actors?: readonly Actor[]
  /**
   * By whose consent the sponsor is who it is: the issuer by which the policy file knows that person, the subject, and the issuer of the consent
   * itself. Not there where the agent's own identity says so.
   */
  readonly onBehalfOf?: { readonly issuer: string; readonly subject: string; readonly consent?: string }
  /** Not there where its agent asked for it itself. */
  readonly delegated?: Delegated
  /** Nobody else can use it; not there where whoever has its token can. */
  readonly holder?: Holder
  readonly task: Task
  readonly template: string
  readonly scope: Scope
  /** What stands in the places of the template's rules; not there where they have none. */
  readonly parameters?: Readonly<Record<string, string>>
  /** Namespaces granted, for people and messages; the scope is what binds. */
  readonly namespaces: readonly string[]
  readonly budgets: Budgets
  readonly terms: Terms
  readonly issuedAt: number
  readonly expiresAt: number
  readonly policyRevision: string
  /** Leases this one was narrowed from, root first; all of them must be live. */
  readonly ancestors: readonly string[]
  /** It opens nothing, and stands for one that its agent wants: the question about that one, and what the answer is to. */
  readonly waits?: { readonly approval: string; readonly digest: string; readonly consent?: Consent }
  /** By which yes it was given, and of whom; not there where nobody had to be asked. */
  readonly given?: { readonly approval: string; readonly by: readonly string[]; readonly consent?: ConsentTimes }
  /** Not there in one of before that was counted. */
  readonly turn?: Turn
  /** Not there where it is as it was issued. */
  readonly narrowed?: Narrowed
}

/** How often it was made narrower since it was issued. */
export function timesNarrowed({ narrowed }: Pick<Lease, 'narrowed'>): number {
  return narrowed?.times ?? 0
}

export type LeaseState =
  | { readonly kind: 'active' }
  | { readonly kind: 'expired' }
  | { readonly kind: 'revoked'; readonly by: string; readonly reason: string; readonly at: number }
  /** By an act on everything that it comes under; it may come back. */
  | { readonly kind: 'frozen'; readonly by: string; readonly reason: string; readonly at: number }
  | { readonly kind: 'unknown' }
