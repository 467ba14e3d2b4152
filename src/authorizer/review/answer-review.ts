import { denialMessage } from '../../denial/denial-message.ts'
import type { Budget } from '../../lease/lease.ts'
import { spentBy } from '../../policy/budgets.ts'
import { askBeyondOf } from '../../policy/judge/judge.ts'
import type { Verdict } from '../../policy/judge/verdict.ts'
import { narrowedAbove } from '../../policy/judge/which-above.ts'
import { type Answers, rulesIn } from '../../policy/review/lease-rules.ts'
import { type Review, readReview } from '../../policy/review/read-review.ts'
import { requestOfPath, requestsOf, toRequest } from '../../policy/review/reviewed-requests.ts'
import { scopeToday } from '../../policy/template/granted-today.ts'
import { waysIn } from '../../policy/template/ways-in.ts'
import type { ApiRequest } from '../../request/api-request.ts'
import type { ReviewAnswer } from '../decision.ts'
import { refused, waysAfterBudget } from '../settle.ts'
import { type Access, type Asking, accessTo, limitsOf } from './access.ts'
import { isRightsReview } from './standing.ts'

/**
 * Answers what a client asks about its own rights where RBAC alone would say more than the lease: null lets the API server answer, since
 * what the lease lets through RBAC may still refuse.
 */
export function answerReview(asking: Asking): ReviewAnswer | null {
  const { request, policy } = asking
  if (!isRightsReview(request)) return null
  const review = readReview(request)
  switch (review.kind) {
    case 'invalid':
      return null
    case 'unreadable':
      return denied(request, {}, `leasegate: the review cannot be read: ${review.why}`)
    case 'rules':
      return rules(asking, review.namespace)
    case 'path':
      return access(asking, review, accessTo(asking, [[requestOfPath(review.attributes)]]))
    case 'resource':
      return access(asking, review, accessTo(asking, requestsOf(review.attributes, policy.boundaryNamespace)))
  }
}

const BY_THE_LEASE =
  'leasegate: these are rules of the lease, without what is a no by itself: what is bound to commands, fields, metadata or selectors, is refused as dangerous, or has no ' +
  'budget left. A * stands for kinds of which some are; what waits for an approver is named: ask for one thing with kubectl auth can-i. RBAC decides ' +
  'behind the boundary'

function rules(asking: Asking, namespace: string): ReviewAnswer {
  const { request, lease, above, policy, standing, known } = asking
  const today = [lease, ...above].map(one => (one === null ? [] : scopeToday(policy, one)))
  const own = [lease, ...narrowedAbove(above)].map(({ scope }) => scope)
  const limits = limitsOf(asking)
  const more: readonly Budget[] = askBeyondOf(asking)
  const answers: Answers = {
    resource: attributes => accessTo(asking, requestsOf(attributes, policy.boundaryNamespace)).kind === 'yes',
    path: attributes => accessTo(asking, [[requestOfPath(attributes)]]).kind === 'yes',
    verb: verb =>
      spentBy(anyKind(verb, namespace), limits, standing.taken, known.auditId).every(budget => more.includes(budget)),
  }
  const lists = rulesIn(namespace, [...own, ...today], answers)
  return answer(request, { namespace }, { ...lists, incomplete: true, evaluationError: BY_THE_LEASE })
}

/** Of no kind that a budget is for. */
function anyKind(verb: string, namespace: string): ApiRequest {
  return toRequest({ verb, namespace, group: '*', resource: '*', subresource: '', name: '', fieldSelector: '' })
}

function access(asking: Asking, review: AccessReview, found: Access): ReviewAnswer | null {
  const spec = specOf(review)
  switch (found.kind) {
    case 'nothing':
      return denied(asking.request, spec, 'leasegate: no lease grants every kind; ask for one at a time')
    case 'no':
      return denied(asking.request, spec, whyNot(asking, found.request, found.verdict))
    case 'yes': {
      if (found.waits.length === 0) return null
      const reason = `leasegate: ${found.waits.join('; ')}`
      return {
        ...answer(asking.request, spec, { allowed: true, reason: `${reason}; RBAC decides behind the boundary` }),
        warning: reason,
      }
    }
  }
}

type AccessReview = Review & { readonly kind: 'path' | 'resource' }

/** As the request itself would be told. */
function whyNot(
  { known, lease, above, policy }: Asking,
  request: ApiRequest,
  verdict: Verdict & { readonly kind: 'deny' },
): string {
  const { reason, detail, instead = '' } = verdict
  const ways =
    reason === 'budget-spent' ? waysAfterBudget(policy, lease, detail) : waysIn({ request, lease, policy, above })
  return denialMessage({ ...refused({ ...known, request, ways }, reason, detail), instead })
}

function denied(request: ApiRequest, spec: object, reason: string): ReviewAnswer {
  return answer(request, spec, { allowed: false, denied: true, reason })
}

function specOf(review: AccessReview): object {
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
