import { ASKABLE_BUDGETS, type Lease } from '../../lease/lease.ts'
import { hasNoQuestions, spentBy } from '../../policy/budgets.ts'
import { beyondBudget } from '../../policy/judge/beyond-budget.ts'
import { type Case, judge } from '../../policy/judge/judge.ts'
import type { Verdict } from '../../policy/judge/verdict.ts'
import type { ApiRequest } from '../../request/api-request.ts'
import type { Known } from '../settle.ts'
import type { Standing } from './standing.ts'

export interface Asking extends Case {
  readonly above: readonly (Lease | null)[]
  readonly known: Known
  readonly standing: Standing
}

type Denied = Verdict & { readonly kind: 'deny' }

/** What would become of one of several lists of requests. */
export type Access =
  | { readonly kind: 'no'; readonly request: ApiRequest; readonly verdict: Denied }
  /** `waits`: for a person, who approves or watches. */
  | { readonly kind: 'yes'; readonly waits: readonly string[] }
  /** Nothing stands for the question. */
  | { readonly kind: 'nothing' }

/** By the first list of which each request would pass at this moment, or would wait for a person. */
export function accessTo(asking: Asking, alternatives: readonly (readonly ApiRequest[])[]): Access {
  const judged = alternatives.map(requests =>
    requests.map(request => ({ request, verdict: judgeNow(asking, request) })),
  )
  const [first] = judged
  if (first === undefined) return { kind: 'nothing' }
  const all = judged.find(each => each.every(({ verdict }) => verdict.kind !== 'deny')) ?? first
  for (const { request, verdict } of all) if (verdict.kind === 'deny') return { kind: 'no', request, verdict }
  return { kind: 'yes', waits: [...new Set(all.flatMap(({ verdict }) => waitsFor(asking, verdict)))] }
}

/** By lease and policy, and by what its budgets have left. */
function judgeNow({ lease, above, policy, known, standing }: Asking, request: ApiRequest): Verdict {
  const verdict = judge({ request, lease, above, policy })
  if (verdict.kind === 'deny') return verdict
  const limits = limitsOf({ lease, above })
  const spent = spentBy(request, limits, standing.taken, known.auditId)
  const beyond = ASKABLE_BUDGETS.filter(budget => spent.includes(budget) && verdict.askBeyond?.includes(budget))
  const [none = null] = spent.filter(budget => !beyond.some(one => one === budget))
  const asks = beyondBudget(verdict, beyond)
  const noQuestion = asks.kind === 'approval' && hasNoQuestions(limits, standing.taken) ? 'questions' : null
  const why = none ?? noQuestion
  return why === null ? asks : { kind: 'deny', reason: 'budget-spent', detail: why, risk: verdict.risk }
}

export function limitsOf({ lease, above }: Pick<Asking, 'lease' | 'above'>) {
  return [lease, ...above].map(one => one?.budgets ?? {})
}

function waitsFor({ lease, standing }: Asking, verdict: Verdict): readonly string[] {
  const approver = verdict.kind === 'approval' ? [`waits for an approver: this ${verdict.risk.why}`] : []
  const isUnwatched = verdict.kind !== 'deny' && verdict.watched === true && standing.watchers.length === 0
  const watcher = `runs only while an approver watches, and nobody does: leasegate sessions watch ${lease.id}`
  return isUnwatched ? [...approver, watcher] : approver
}
