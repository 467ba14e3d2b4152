import type { Page, PageOf } from '../lease/lease-store.ts'
import type { Again } from '../lease/questions/again.ts'
import type { Question } from './question/question.ts'

export type ApprovalState = 'pending' | 'approved' | 'rejected' | 'used' | 'expired' | 'withdrawn'

/** A human's yes or no to one exact request. Times are epoch milliseconds. */
export interface Approval {
  readonly id: string
  readonly lease: string
  readonly agent: string
  readonly digest: string
  /** SHA-256 of the question as it was asked, hex: a yes is to what was shown. */
  readonly questionSha256: string
  /** The request in words and bytes as the approver must see it, made by us and never by the agent. */
  readonly question: Question
  readonly state: ApprovalState
  readonly askedAt: number
  /** End of the question while pending, end of the yes once approved. */
  readonly endsAt: number
  /** How long a yes can be used, milliseconds. */
  readonly useMs: number
  /** Who said no, or all that the yes is of; the agent that took it back. */
  readonly decidedBy: string
  /** Yeses that the broker signed, with blanks between, '' for none: all that a yes rests on. */
  readonly signed: string
  /** In the approver's words, '' for none. */
  readonly why: string
  /** Why what was said to an earlier question about the same does not hold; null where there is nothing to say. */
  readonly again: Again | null
  /** Of a question about several requests: the approvals of each, in their order. */
  readonly members?: readonly string[]
  /** Of one of several requests: the question about all of them, with which it is answered. */
  readonly batch?: string
  /** Of a yes that lasts as long as the lease: it is not used up. */
  readonly lasting?: string
}

export interface Answer {
  readonly id: string
  /** Who said no; of a yes all that it is of. */
  readonly by: string
  /** `pending`: one more yes of which there are not enough. */
  readonly verdict: 'approved' | 'rejected' | 'pending'
  readonly why: string
  /** The answer signed by the broker, a yes with those before it: nothing else lets the request pass. */
  readonly proof: string
  /** What was signed before, of a yes: one that somebody else said meanwhile must not get lost. */
  readonly before: string
  /** End of a yes, epoch milliseconds. */
  readonly endsAt: number
  readonly now: number
  readonly event: string
  /** Of a yes that lasts as long as the lease, what it is to; not there of one that is used once. */
  readonly lasting?: string
  /** Of a question about several requests what is said to each, in their order. */
  readonly members?: readonly MemberAnswer[]
}

export interface MemberAnswer {
  readonly id: string
  readonly proof: string
  readonly event: string
}

export type Answered =
  | { readonly kind: 'answered'; readonly approval: Approval }
  | { readonly kind: 'unknown' }
  /** Somebody answered before, or it ended. */
  | { readonly kind: 'closed'; readonly state: ApprovalState }
  /** Somebody said yes meanwhile: look again. */
  | { readonly kind: 'moved' }

/** Taken back by the agent that asked. */
export interface Withdrawal {
  readonly id: string
  readonly agent: string
  readonly why: string
  readonly now: number
  readonly event: string
  /** Of a question about several requests each of them. */
  readonly members: readonly { readonly id: string; readonly event: string }[]
}

/** What the broker needs of approvals; the authorizer asks and uses them inside the commit. */
export interface ApprovalStore {
  find(id: string, now: number): Promise<Approval | null>
  /** Open questions, oldest first. */
  pending(page: PageOf, now: number): Promise<Page<Approval>>
  answer(answer: Answer): Promise<Answered>
  /** `unknown` also where another agent asked it. */
  withdraw(withdrawal: Withdrawal): Promise<Answered>
}
