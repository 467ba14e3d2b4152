import type { AskableBudget } from '../../lease/lease.ts'
import { isOne, ONE, type Quorum, stricterQuorum } from '../../lease/questions/quorum.ts'
import { BUDGET_RISK, type Verdict } from './verdict.ts'

/** The verdict on a request that these budgets have nothing left for: where each of them lets that be asked, it asks, as one that is for this request alone. */
export function beyondBudget(verdict: Verdict, beyond: readonly AskableBudget[]): Verdict {
  if (verdict.kind === 'deny' || beyond.length === 0) return verdict
  const { askBeyond = [], quorumBeyond = ONE } = verdict
  if (!beyond.every(budget => askBeyond.includes(budget))) return verdict
  if (verdict.kind === 'approval') {
    const { untilLeaseEnds: _, quorum = ONE, ...asks } = verdict
    return { ...asks, ...wanted(stricterQuorum(quorum, quorumBeyond)), beyond }
  }
  const why = `goes beyond what the lease has of its budget of ${beyond.join(' and of ')}`
  return {
    ...verdict,
    kind: 'approval',
    risk: { id: BUDGET_RISK, tier: 'medium', why },
    ...wanted(quorumBeyond),
    beyond,
  }
}

function wanted(quorum: Quorum): { readonly quorum?: Quorum } {
  return isOne(quorum) ? {} : { quorum }
}
