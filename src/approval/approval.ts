import type { Again } from '../lease/again.ts'
import type { Page, PageOf } from '../lease/lease-store.ts'
import type { Question } from './question/question.ts'

export type ApprovalState = 'pending' | 'approved' | 'rejected' | 'used' | 'expired'

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
  readonly decidedBy: string
  /** In the approver's words, '' for none. */
  readonly why: string
  /** Why what was said to an earlier question about the same does not hold; null where there is nothing to say. */
  readonly again: Again | null
}

export interface Answer {
  readonly id: string
  readonly by: string
  readonly verdict: 'approved' | 'rejected'
  readonly why: string
  /** The answer signed by the broker: nothing else lets the request pass. */
  readonly proof: string
  /** End of a yes, epoch milliseconds. */
  readonly endsAt: number
  readonly now: number
  readonly event: string
}

export type Answered =
  | { readonly kind: 'answered'; readonly approval: Approval }
  | { readonly kind: 'unknown' }
  /** Somebody answered before, or it ended. */
  | { readonly kind: 'closed'; readonly state: ApprovalState }

/** What the broker needs of approvals; the authorizer asks and uses them inside the commit. */
export interface ApprovalStore {
  find(id: string, now: number): Promise<Approval | null>
  /** Open questions, oldest first. */
  pending(page: PageOf, now: number): Promise<Page<Approval>>
  answer(answer: Answer): Promise<Answered>
}
