import type { Lease, Scope, Terms } from '../lease/lease.ts'
import { isOne, ONE, stricterQuorum } from '../lease/quorum.ts'
import { covers } from '../lease/scope.ts'
import { stricterTerms } from '../lease/terms.ts'
import type { ApiRequest } from '../request/api-request.ts'
import { isDiscovery, isSelfReview } from '../request/is-discovery.ts'
import { disagreement } from '../request/object/disagreement.ts'
import { type Missing, missing } from './missing.ts'
import type { Grant, Policy, TaskTemplate } from './policy.ts'
import type { Asked, RiskEntry } from './risk/entry.ts'
import { risksOf, unnamedDanger } from './risk/risks.ts'
import { listsBoundaryNamespace } from './risk/where.ts'
import { issueScope } from './template/issue-scope.ts'
import { findGrant } from './template/may-request.ts'
import type { DenyReason, Risk, Verdict } from './verdict.ts'

export interface Case {
  readonly request: ApiRequest
  readonly lease: Lease
  readonly policy: Policy
  /** Epoch milliseconds. With it a lease past its end is denied here; the store looks at live state in any case. */
  readonly now?: number
}

/**
 * What the policy says to one request under one lease. Both the lease as it was issued and the policy of today must grant it, scope
 * and terms alike: a stricter policy binds running leases at once, a laxer one only new ones.
 */
export function judge({ request, lease, policy, now }: Case): Verdict {
  if (now !== undefined && lease.expiresAt <= now) return deny('lease-expired', 'ask for a new one')
  const found = findGrant(policy, lease.agent, lease.template)
  if (found === null) return deny('not-in-policy', notInPolicy(policy, lease))
  if (isDiscovery(request)) return { kind: 'allow', rule: 'discovery', risk: null }
  if (isSelfReview(request)) return { kind: 'allow', rule: 'self review', risk: null }

  const terms = stricterTerms(lease.terms, found.template)
  const today = grantedToday(found.template, found.grant, lease)
  const asked: Asked = { request, policy, terms, scopes: [lease.scope, today] }
  const risks = risksOf(asked)
  const covered = covers(lease.scope, request)
  if (covered === null) return outOfScope('the lease does not grant', missing(lease.scope, request), risks[0])
  if (covers(today, request) === null) {
    return outOfScope(`template "${lease.template}" no longer grants`, missing(today, request), risks[0])
  }
  const other = disagreement(request)
  if (other !== null) return deny('body-mismatch', other, risks[0])
  const danger = unnamedDanger(risks, terms)
  if (danger !== null) {
    const way =
      danger.id === 'boundary-namespace' && listsBoundaryNamespace(asked)
        ? `; leave it out: --field-selector metadata.namespace!=${policy.boundaryNamespace}`
        : ''
    return deny('dangerous', `${unnamed(danger, asked, lease, found.template)}${way}`, danger)
  }
  return weigh(risks, terms, covered.rule)
}

function unnamed(danger: RiskEntry, asked: Asked, { template }: Lease, { dangerous }: TaskTemplate): string {
  const { id } = danger
  const lacks = dangerous.includes(id) ? `did not name "${id}" when the lease was issued` : `does not name "${id}"`
  return `${whyDangerous(danger, asked)}; template "${template}" ${lacks}`
}

/** A body that cannot be read counts as the worst, which tells the client nothing: what is wrong with it does. */
function whyDangerous({ why, where }: RiskEntry, asked: Asked): string {
  const { object } = asked.request
  if (object.kind !== 'unreadable') return why
  const empty: ApiRequest = { ...asked.request, object: { kind: 'plain', value: {} } }
  return where({ ...asked, request: empty })
    ? why
    : `the body cannot be read: ${object.why}; it might be one that ${why}`
}

function weigh(risks: readonly RiskEntry[], terms: Terms, rule: string): Verdict {
  const asking = risks.find(risk => wantsApproval(risk, terms))
  if (asking !== undefined) return { kind: 'approval', rule, risk: plain(asking), ...wantedPeople(risks, terms) }
  const [worst] = risks
  return { kind: 'allow', rule, risk: worst === undefined ? null : plain(worst) }
}

/** Of everything that the request is: the lesser risk may be the one that wants more people. */
function wantedPeople(
  risks: readonly RiskEntry[],
  { approval }: Terms,
): Pick<Verdict & { kind: 'approval' }, 'quorum'> {
  const named = risks.flatMap(({ id }) => approval.risks?.[id] ?? [])
  const quorum = named.reduce(stricterQuorum, approval.quorum ?? ONE)
  return isOne(quorum) ? {} : { quorum }
}

/** A danger that is named is no smaller for that: it wants a yes, unless its template skips it as well. */
function wantsApproval(risk: RiskEntry, { approval }: Terms): boolean {
  if (approval.require.includes(risk.id) || approval.risks?.[risk.id] !== undefined) return true
  return risk.disposition !== 'pass' && !approval.skip.includes(risk.id)
}

/** The widest that the lease may be by the policy of today. */
export function scopeToday(policy: Policy, lease: Lease): Scope {
  const found = findGrant(policy, lease.agent, lease.template)
  return found === null ? [] : grantedToday(found.template, found.grant, lease)
}

/** What the template would issue today for the lease's namespaces, as far as the agent is still granted them. */
function grantedToday(template: TaskTemplate, grant: Grant, lease: Lease): Scope {
  const granted = grant.namespaces.includes('*')
    ? lease.namespaces
    : lease.namespaces.includes('*')
      ? grant.namespaces
      : lease.namespaces.filter(one => grant.namespaces.includes(one))
  return issueScope(template, granted)
}

function notInPolicy(policy: Policy, lease: Lease): string {
  const known = policy.templates.some(template => template.name === lease.template)
  return known
    ? `template "${lease.template}" is no longer granted to agent "${lease.agent}"`
    : `there is no template "${lease.template}" any more`
}

function outOfScope(who: string, { what, instead }: Missing, risk?: RiskEntry): Verdict {
  return { ...deny('out-of-scope', `${who} ${what}`, risk), ...(instead === '' ? {} : { instead }) }
}

function deny(reason: DenyReason, detail: string, risk?: RiskEntry): Verdict & { readonly kind: 'deny' } {
  return { kind: 'deny', reason, detail, risk: risk === undefined ? null : plain(risk) }
}

function plain({ id, tier }: RiskEntry): Risk {
  return { id, tier }
}
