import { REFUSALS } from '../../request/api-request.ts'
import type { DenyReason } from '../judge/verdict.ts'

/** What the record may not tell. */
export const TOLD = ['yes', 'no', 'unknown'] as const
export type Told = (typeof TOLD)[number]

/** A kind of request under a lease, as the record has it: what was asked, and what was decided. */
export interface Recorded {
  readonly agent: string
  readonly template: string
  /** Of the lease. */
  readonly ticket: string
  readonly namespaces: readonly string[]
  /** Null where the lease is of a time when the record did not have them. */
  readonly parameters: Readonly<Record<string, string>> | null
  /** Which agent handed the lease to this one, '' for none. */
  readonly delegatedBy: string
  readonly narrowed: boolean
  /** Whether it was bound to a certificate. */
  readonly bound: Told
  /** Whether it was for a person who said so. */
  readonly consented: Told
  readonly method: string
  /** As it was sent, without the query. */
  readonly path: string
  readonly isResource: boolean
  readonly verb: string
  readonly apiGroup: string
  readonly resource: string
  readonly subresource: string
  readonly namespace: string
  /** Of a create the one that its body gave; a `*` at the end stands for what the API server was to add. */
  readonly name: string
  readonly fieldSelector: string
  readonly labelSelector: string
  readonly command: readonly string[]
  readonly stdin: boolean
  /** With commas. */
  readonly ports: string
  readonly force: boolean
  readonly source: string
  readonly decision: 'allow' | 'deny' | 'pending'
  readonly reason: string
  /** Rules of the lease that covered it, as `covers` writes them. */
  readonly rule: string
  readonly risk: string
  /** A human was asked about it. */
  readonly asked: boolean
  /** Somebody watched, where that had to be. */
  readonly watched: boolean
  readonly requests: number
  /** A few audit ids. */
  readonly examples: readonly string[]
}

/** What a policy says to a request: `ask` is a human. */
export const SAYINGS = ['allow', 'ask', 'deny'] as const
export type Saying = (typeof SAYINGS)[number]

/** The policy asked, and what became of the question is something else. */
const WERE_ASKED: ReadonlySet<string> = new Set<DenyReason>([
  'approval-pending',
  'approval-rejected',
  'too-many-questions',
  'question-too-large',
  'cannot-be-asked',
])

/** By how things stood then, whatever the policy said. */
const OF_THE_HOUR: ReadonlySet<string> = new Set<DenyReason>([
  'unknown-lease',
  'other-certificate',
  'lease-expired',
  'lease-revoked',
  'lease-frozen',
  'budget-spent',
  'too-fast',
  'too-many-requests',
  'journal-full',
  'store-unfit',
  'unavailable',
])

export const NOBODY_WATCHES = 'nobody-watches' satisfies DenyReason

const UNREAD: ReadonlySet<string> = new Set(REFUSALS)

/** What the policy of then said, with nobody to watch where nobody did; null where something else decided. */
export function saidThen({ decision, reason, asked }: Recorded): Saying | null {
  if (decision === 'pending' || WERE_ASKED.has(reason)) return 'ask'
  if (decision === 'allow') return asked ? 'ask' : 'allow'
  if (reason === NOBODY_WATCHES) return asked ? 'ask' : 'deny'
  return OF_THE_HOUR.has(reason) ? null : 'deny'
}

/** Refused for how it was written: no policy has a say in that. */
export function wasRefusedUnread({ decision, reason }: Recorded): boolean {
  return decision === 'deny' && UNREAD.has(reason)
}
