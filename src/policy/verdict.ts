import type { Quorum } from '../lease/quorum.ts'
import type { Refusal } from '../request/api-request.ts'

/** Kinds of request that want a human's yes by default, or always are out of reach; see the risk catalogue. */
export interface Risk {
  readonly id: string
  readonly tier: 'low' | 'medium' | 'high' | 'critical'
}

/** Why a request is denied. One table maps each to status, text and what the client can do. */
export type DenyReason =
  | Refusal
  | 'no-credential'
  | 'bad-token'
  | 'identity-token'
  | 'token-expired'
  | 'unknown-lease'
  | 'lease-expired'
  | 'lease-revoked'
  | 'not-in-policy'
  | 'out-of-scope'
  | 'dangerous'
  | 'approval-pending'
  | 'approval-rejected'
  | 'too-many-questions'
  | 'question-too-large'
  | 'cannot-be-asked'
  | 'budget-spent'
  | 'too-many-requests'
  | 'journal-full'
  | 'store-unfit'
  | 'unavailable'

export type Verdict =
  | { readonly kind: 'allow'; readonly rule: string; readonly risk: Risk | null }
  /** `detail` completes the sentence for the client: what is missing. */
  | {
      readonly kind: 'deny'
      readonly reason: DenyReason
      readonly detail: string
      readonly risk: Risk | null
      /** What would pass under the same lease, where something is near. */
      readonly instead?: string
    }
  | {
      readonly kind: 'approval'
      readonly rule: string
      readonly risk: Risk
      /** Who has to say yes, where that is more than any one approver. */
      readonly quorum?: Quorum
    }
