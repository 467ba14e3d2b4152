import type { AskableBudget } from '../../lease/lease.ts'
import type { Quorum } from '../../lease/questions/quorum.ts'
import type { Tier } from '../../lease/questions/risk-rule.ts'
import type { Refusal } from '../../request/api-request.ts'

/** Kinds of request that want a human's yes by default, or always are out of reach; see the risk catalogue. */
export interface Risk {
  readonly id: string
  readonly tier: Tier
  /** Completes "this …". */
  readonly why: string
}

/** `changes what runs in pods (high, workload-code)`, to follow "this". */
export function describeRisk({ id, tier, why }: Risk): string {
  return `${why} (${tier}, ${id})`
}

/** Why a request is denied. One table maps each to status, text and what the client can do. */
export type DenyReason =
  | Refusal
  | 'no-credential'
  | 'bad-token'
  | 'identity-token'
  | 'token-expired'
  | 'other-certificate'
  | 'unknown-lease'
  | 'lease-expired'
  | 'lease-revoked'
  | 'lease-frozen'
  | 'not-in-policy'
  | 'outside-networks'
  | 'out-of-scope'
  | 'dangerous'
  | 'too-risky'
  | 'nobody-watches'
  | 'approval-pending'
  | 'approval-rejected'
  | 'too-many-questions'
  | 'question-too-large'
  | 'cannot-be-asked'
  | 'budget-spent'
  | 'too-fast'
  | 'too-many-requests'
  | 'journal-full'
  | 'store-unfit'
  | 'unavailable'

/** Of a request that may go on. */
interface Admitted {
  /** Words for the admission policies: what the lease may beside its scope; not there where there are none. */
  readonly granted?: string
}
/** The risk by which a request asks that a budget has nothing left for. */
export const BUDGET_RISK = 'budget'

/** What is said of its risks, whatever the verdict. */
interface Risky {
  /** All of them by id, worst first, where the one that it was decided by is not the only one. */
  readonly risks?: readonly string[] | undefined
}

/** Of what passes, or asks. */
interface Spending {
  /** Budgets that ask where nothing is left of them. */
  readonly askBeyond?: readonly AskableBudget[]
  /** Who has to say yes beyond a budget, where that is more than any one approver. */
  readonly quorumBeyond?: Quorum
}

export type Verdict = (
  | (Admitted &
      Spending & { readonly kind: 'allow'; readonly rule: string; readonly risk: Risk | null; readonly watched?: true })
  /** `detail` completes the sentence for the client: what is missing. */
  | {
      readonly kind: 'deny'
      readonly reason: DenyReason
      readonly detail: string
      readonly risk: Risk | null
      /** What would pass under the same lease, where something is near. */
      readonly instead?: string
    }
  | (Admitted &
      Spending & {
        readonly kind: 'approval'
        readonly rule: string
        readonly risk: Risk
        /** All risks of it that ask, each once as it weighs most, by id; not there where `risk` is alone. */
        readonly asks?: readonly Risk[]
        /** Who has to say yes, where that is more than any one approver. */
        readonly quorum?: Quorum
        /** Where the yes may be for the verb on the object until the lease ends: all risks of the request, of which it is said. */
        readonly untilLeaseEnds?: string
        /** Of a session that runs only while somebody watches it; the same of one that is allowed. */
        readonly watched?: true
        /** Budgets that have nothing left for it: the yes is for more of each. */
        readonly beyond?: readonly AskableBudget[]
      })
) &
  Risky
