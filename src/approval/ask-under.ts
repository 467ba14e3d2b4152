import { ASKABLE_BUDGETS, type Lease } from '../lease/lease.ts'
import { ONE } from '../lease/questions/quorum.ts'
import { unmetByRequest } from '../policy/conditions/conditions.ts'
import { beyondBudget } from '../policy/judge/beyond-budget.ts'
import { judge } from '../policy/judge/judge.ts'
import type { Verdict } from '../policy/judge/verdict.ts'
import { revisionFor } from '../policy/load/revision-for.ts'
import type { Policy } from '../policy/policy.ts'
import type { ApiRequest } from '../request/api-request.ts'
import { type Ask, ask, type CannotBeAsked } from './ask.ts'
import { judgementOf, ownMask } from './judgement.ts'

interface Sent {
  readonly request: ApiRequest
  readonly body: Uint8Array
  readonly lease: Lease
  /** What it was narrowed from, root first; null: cannot be read. */
  readonly above: readonly (Lease | null)[]
}

interface Judged extends Sent {
  readonly verdict: Extract<Verdict, { readonly kind: 'approval' }>
}

interface Asked extends Sent {
  /** Budgets that had nothing left for it, by the question. */
  readonly beyond?: readonly string[] | undefined
}

/** What the policy says to what was asked about, wherever it comes from. */
export function verdictUnder(policy: Policy, { request, lease, above, beyond = [] }: Asked): Verdict {
  const spent = ASKABLE_BUDGETS.filter(budget => beyond.includes(budget))
  const unmet = unmetByRequest({ lease, above }, null, policy)
  return unmet ?? beyondBudget(judge({ request, lease, above, policy }), spent)
}

/** The question about what was sent, where the policy asks anybody. */
export function askedUnder(policy: Policy, sent: Asked, verdict: Verdict = verdictUnder(policy, sent)): Ask | null {
  const asked = verdict.kind === 'approval' ? askUnder(policy, { ...sent, verdict }) : null
  return asked?.kind === 'ask' ? asked : null
}

/** The question that this policy wants answered: the same for whoever asks beforehand and for whoever compares the answer with it. */
export function askUnder(policy: Policy, { request, body, lease, above, verdict }: Judged): Ask | CannotBeAsked {
  const { mask, used } = ownMask(policy.mask)
  return ask({
    request,
    body,
    lease,
    above,
    policyRevision: revisionFor(policy, lease),
    judgement: () => judgementOf(verdict, used()),
    risk: verdict.risk,
    ...(verdict.asks === undefined ? {} : { asks: verdict.asks }),
    quorum: verdict.quorum ?? ONE,
    beyond: verdict.beyond ?? [],
    ...(verdict.untilLeaseEnds === undefined ? {} : { untilLeaseEnds: verdict.untilLeaseEnds }),
    mask,
  })
}
