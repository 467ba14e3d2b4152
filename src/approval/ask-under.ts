import type { Lease } from '../lease/lease.ts'
import { ONE } from '../lease/questions/quorum.ts'
import type { Verdict } from '../policy/judge/verdict.ts'
import { revisionFor } from '../policy/load/revision-for.ts'
import type { Policy } from '../policy/policy.ts'
import { maskText } from '../record/mask/mask-text.ts'
import type { ApiRequest } from '../request/api-request.ts'
import { type Ask, ask, type CannotBeAsked } from './ask.ts'

interface Judged {
  readonly request: ApiRequest
  readonly body: Uint8Array
  readonly lease: Lease
  /** What it was narrowed from, root first; null: cannot be read. */
  readonly above: readonly (Lease | null)[]
  readonly verdict: Extract<Verdict, { readonly kind: 'approval' }>
}

/** The question that this policy wants answered: the same for whoever asks beforehand and for whoever compares the answer with it. */
export function askUnder(policy: Policy, { request, body, lease, above, verdict }: Judged): Ask | CannotBeAsked {
  return ask({
    request,
    body,
    lease,
    above,
    policyRevision: revisionFor(policy, lease),
    risk: verdict.risk,
    quorum: verdict.quorum ?? ONE,
    beyond: verdict.beyond ?? [],
    ...(verdict.untilLeaseEnds === undefined ? {} : { untilLeaseEnds: verdict.untilLeaseEnds }),
    mask: text => maskText(text, policy.mask),
  })
}
