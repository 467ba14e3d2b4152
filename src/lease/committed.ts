import type { AskableBudget, Budget, LeaseState } from './lease.ts'
import type { Again } from './questions/again.ts'

/** What became of one judged request. */
export type Committed =
  /**
   * `bound`: of a yes to an object in the state that the approver saw. `nearly`: the budget of which least is left, where little is.
   * `seconds`: of a session where a budget counts them, so many are taken for it. `lasting`: the yes was not to this request alone.
   */
  | {
      readonly kind: 'allowed'
      readonly approval: string | null
      readonly bound?: string | undefined
      readonly nearly?: Nearly | undefined
      readonly seconds?: number | undefined
      readonly lasting?: true
    }
  /** The intent was a denial and is in the journal. */
  | { readonly kind: 'denied' }
  /** `again`: where an earlier question about the same was answered, or asked of another policy or lease. */
  | {
      readonly kind: 'pending'
      readonly approval: string
      readonly again?: Again | undefined
      /** How many said yes already, as the store counts them; nothing rests on it. */
      readonly said?: number | undefined
    }
  /** `why`: in the words of who said no, '' for none. */
  | { readonly kind: 'rejected'; readonly approval: string; readonly why: string }
  /** The store says yes, and no broker does. */
  | { readonly kind: 'unproven'; readonly approval: string }
  /** There is a yes, which stays unused: nobody watches. */
  | { readonly kind: 'unwatched'; readonly approval: string }
  /** Nobody is asked: so many wait, or came within a minute. */
  | { readonly kind: 'too-many-questions'; readonly limit: 'lease' | 'agent' | 'minute' }
  | { readonly kind: 'question-too-large' }
  | { readonly kind: 'ended'; readonly state: Exclude<LeaseState, { readonly kind: 'active' }> }
  /** One of its leases is narrower than what it was judged by: nothing is settled, and it has to be judged anew. */
  | { readonly kind: 'outdated' }
  | { readonly kind: 'budget-spent'; readonly budget: Budget }
  /** Nothing is left of these, and somebody may be asked for more: nothing is settled. */
  | { readonly kind: 'beyond'; readonly budgets: readonly AskableBudget[] }
  /** As many requests as may be within this second were let through. */
  | { readonly kind: 'too-fast' }
  | { readonly kind: 'journal-full' }

export interface Nearly {
  readonly budget: Budget
  /** So much is left once this request is through. */
  readonly count: number
}
