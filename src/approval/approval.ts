export type ApprovalState = 'pending' | 'approved' | 'rejected' | 'used' | 'expired'

/** A human's yes or no to one exact request. Times are epoch milliseconds. */
export interface Approval {
  readonly id: string
  readonly lease: string
  readonly agent: string
  readonly digest: string
  /** The request in words and bytes as the approver must see it, made by us and never by the agent. */
  readonly question: Question
  readonly state: ApprovalState
  readonly askedAt: number
  /** End of the question while pending, end of the yes once approved. */
  readonly endsAt: number
  readonly decidedBy: string
}

export interface Question {
  readonly summary: string
  readonly method: string
  readonly target: string
  readonly contentType: string
  readonly bodySha256: string
  readonly bodyBytes: number
  /** First kilobytes of a readable body that is not a Secret, else ''. */
  readonly bodyPreview: string
  readonly risk: string
  readonly agent: string
  readonly sponsor: string
  readonly task: string
  readonly lease: string
}

export interface Answer {
  readonly id: string
  readonly by: string
  readonly verdict: 'approved' | 'rejected'
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
  pending(now: number): Promise<readonly Approval[]>
  answer(answer: Answer): Promise<Answered>
}
