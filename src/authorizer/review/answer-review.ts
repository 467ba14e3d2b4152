import { denialMessage } from '../../denial/denial-message.ts'
import type { Lease } from '../../lease/lease.ts'
import { type Case, judge } from '../../policy/judge/judge.ts'
import type { Verdict } from '../../policy/judge/verdict.ts'
import { narrowedAbove } from '../../policy/judge/which-above.ts'
import { rulesIn } from '../../policy/review/lease-rules.ts'
import { type Review, readReview } from '../../policy/review/read-review.ts'
import { requestOfPath, requestsOf } from '../../policy/review/reviewed-requests.ts'
import { scopeToday } from '../../policy/template/granted-today.ts'
import { waysIn } from '../../policy/template/ways-in.ts'
import type { ApiRequest } from '../../request/api-request.ts'
import { isSelfReview } from '../../request/is-discovery.ts'
import type { ReviewAnswer } from '../decision.ts'
import { type Known, refused } from '../settle.ts'

interface Asking extends Case {
  readonly above: readonly (Lease | null)[]
  readonly known: Known
}

/**
 * Answers what a client asks about its own rights where RBAC alone would say more than the lease: null lets the API server answer, since
 * what the lease lets through RBAC may still refuse.
 */
export function answerReview(asking: Asking): ReviewAnswer | null {
  const { request, lease, above, policy } = asking
  if (!isSelfReview(request) || request.info.apiGroup !== 'authorization.k8s.io') return null
  const review = readReview(request)
  switch (review.kind) {
    case 'invalid':
      return null
    case 'unreadable':
      return denied(request, {}, `leasegate: the review cannot be read: ${review.why}`)
    case 'rules': {
      const today = [lease, ...above].map(one => (one === null ? [] : scopeToday(policy, one)))
      const own = [lease, ...narrowedAbove(above)].map(({ scope }) => scope)
      const lists = rulesIn(review.namespace, [...own, ...today])
      return answer(
        request,
        { namespace: review.namespace },
        { ...lists, incomplete: true, evaluationError: BY_THE_LEASE },
      )
    }
    case 'path':
      return access(asking, review, [[requestOfPath(review.attributes)]])
    case 'resource':
      return access(asking, review, requestsOf(review.attributes, policy.boundaryNamespace))
  }
}

const BY_THE_LEASE =
  'leasegate: these are rules of the lease; some of what they name may wait for an approver, be refused as dangerous, or be bound to ' +
  'commands, fields, metadata or selectors: ask for one thing with kubectl auth can-i. RBAC decides behind the boundary'

function access(
  asking: Asking,
  review: Review & { readonly kind: 'path' | 'resource' },
  alternatives: readonly (readonly ApiRequest[])[],
) {
  const spec = specOf(review)
  const { lease, above, policy } = asking
  const judged = alternatives.map(requests =>
    requests.map(request => ({ request, verdict: judge({ request, lease, above, policy }) })),
  )
  const [first] = judged
  if (first === undefined) {
    return denied(asking.request, spec, 'leasegate: no lease grants every kind; ask for one at a time')
  }
  const verdicts = judged.find(each => each.every(({ verdict }) => verdict.kind !== 'deny')) ?? first
  const no = verdicts.find(({ verdict }) => verdict.kind === 'deny')
  if (no?.verdict.kind === 'deny') return denied(asking.request, spec, whyNot(asking, no.request, no.verdict))
  const waits = verdicts.find(({ verdict }) => verdict.kind === 'approval')
  if (waits === undefined) return null
  const reason = `leasegate: waits for an approver: this ${whatFor(waits.verdict)}`
  return {
    ...answer(asking.request, spec, { allowed: true, reason: `${reason}; RBAC decides behind the boundary` }),
    warning: reason,
  }
}

/** As the request itself would be told. */
function whyNot(
  { known, lease, above, policy }: Asking,
  request: ApiRequest,
  verdict: Verdict & { readonly kind: 'deny' },
): string {
  const ways = waysIn({ request, lease, policy, above })
  const { reason, detail, instead = '' } = verdict
  return denialMessage({ ...refused({ ...known, request, ways }, reason, detail), instead })
}

function whatFor({ risk }: Verdict): string {
  return risk?.why ?? 'is risky'
}

function denied(request: ApiRequest, spec: object, reason: string): ReviewAnswer {
  return answer(request, spec, { allowed: false, denied: true, reason })
}

function specOf(review: Review & { readonly kind: 'path' | 'resource' }): object {
  if (review.kind === 'path') return { nonResourceAttributes: review.attributes }
  const { fieldSelector, ...attributes } = review.attributes
  const said = Object.entries(attributes).filter(([, value]) => value !== '')
  const selector = fieldSelector === '' ? {} : { fieldSelector: { rawSelector: fieldSelector } }
  return { resourceAttributes: { ...Object.fromEntries(said), ...selector } }
}

function answer({ info }: ApiRequest, spec: object, status: object): ReviewAnswer {
  const kind = info.resource === 'selfsubjectrulesreviews' ? 'SelfSubjectRulesReview' : 'SelfSubjectAccessReview'
  const body = { kind, apiVersion: `authorization.k8s.io/${info.apiVersion}`, metadata: {}, spec, status }
  return { body: JSON.stringify(body), warning: null }
}
