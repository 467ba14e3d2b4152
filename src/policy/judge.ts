import type { Lease, Scope } from '../lease/lease.ts'
import { covers } from '../lease/scope.ts'
import { stricterTerms } from '../lease/terms.ts'
import type { ApiRequest } from '../request/api-request.ts'
import { isDiscovery, isSelfReview } from '../request/is-discovery.ts'
import { disagreement } from '../request/object/disagreement.ts'
import { mayLast } from './lasting.ts'
import { type Missing, missing } from './missing.ts'
import type { Grant, Policy, TaskTemplate } from './policy.ts'
import type { Asked, RiskEntry } from './risk/entry.ts'
import { risksOf, unnamedDanger } from './risk/risks.ts'
import { listsBoundaryNamespace } from './risk/where.ts'
import { issueScope } from './template/issue-scope.ts'
import { findGrant } from './template/may-request.ts'
import { type Parameters, valueIn } from './template/parameters.ts'
import type { DenyReason, Verdict } from './verdict.ts'
import { neverPasses, plain, type WeighedRisk, weigh, weighed } from './weigh.ts'

type Granted = NonNullable<ReturnType<typeof findGrant>>

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

  const asked = toAsked({ request, lease, policy }, found)
  const { terms, today } = asked
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
  const barred = neverPasses(risks, terms)
  if (barred !== null) return deny('too-risky', `${whyRisky(barred, asked)} (${barred.tier}, ${barred.id})`, barred)
  return weigh(risks, terms, covered.rule, mayLast(request))
}

/** What is granted today, beside all that risks are told by. */
function toAsked({ request, lease, policy }: Case, { template, grant }: Granted): Asked & { readonly today: Scope } {
  const today = grantedToday(template, grant, lease)
  return { request, policy, today, terms: stricterTerms(lease.terms, template), scopes: [lease.scope, today] }
}

/** The risks of a request whatever is said to it in the end, worst first, with what the terms make of each. */
export function weighedRisks(asking: Case): readonly WeighedRisk[] {
  const { request, lease, policy } = asking
  const found = findGrant(policy, lease.agent, lease.template)
  if (found === null || isDiscovery(request) || isSelfReview(request)) return []
  const asked = toAsked(asking, found)
  return risksOf(asked).map(risk => weighed(risk, asked.terms))
}

function unnamed(danger: RiskEntry, asked: Asked, { template }: Lease, { dangerous }: TaskTemplate): string {
  const { id } = danger
  const lacks = dangerous.includes(id) ? `did not name "${id}" when the lease was issued` : `does not name "${id}"`
  return `${whyRisky(danger, asked)} (${danger.tier}); template "${template}" ${lacks}`
}

/** A body that cannot be read counts as the worst, which tells the client nothing: what is wrong with it does. */
function whyRisky({ why, where }: RiskEntry, asked: Asked): string {
  const { object } = asked.request
  if (object.kind !== 'unreadable') return why
  const empty: ApiRequest = { ...asked.request, object: { kind: 'plain', value: {} } }
  return where({ ...asked, request: empty })
    ? why
    : `the body cannot be read: ${object.why}; it might be one that ${why}`
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
  return issueScope(template, granted, filledToday(lease, granted))
}

/** A namespace that is not granted any more fills no place either: rules for the cluster name it so. */
function filledToday({ parameters = {} }: Lease, granted: readonly string[]): Parameters {
  return granted.includes(valueIn(parameters, 'namespace')) ? parameters : { ...parameters, namespace: '' }
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
