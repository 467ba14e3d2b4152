import type { AskableBudget, Lease, Scope, Terms } from '../../lease/lease.ts'
import { covers } from '../../lease/scope/scope.ts'
import { stricterTerms } from '../../lease/scope/terms.ts'
import type { ApiRequest } from '../../request/api-request.ts'
import { isDiscovery, isSelfReview } from '../../request/is-discovery.ts'
import { isStreamTarget } from '../../request/needs/connect.ts'
import { disagreement } from '../../request/object/disagreement.ts'
import { APPROVED, agreesToCode, grantedWith } from '../admission/granted.ts'
import { unfitImage } from '../pods/images.ts'
import type { Policy, TaskTemplate } from '../policy.ts'
import type { Asked, RiskEntry } from '../risk/entry.ts'
import { risksOf, unnamedDanger } from '../risk/risks.ts'
import { listsBoundaryNamespace } from '../risk/where.ts'
import { grantOf, handedTooFar } from '../template/delegation.ts'
import { grantedToday } from '../template/granted-today.ts'
import { mayLast } from './lasting.ts'
import { type Missing, missing, some, whatIs } from './missing.ts'
import type { DenyReason, Verdict } from './verdict.ts'
import { neverPasses, type Passing, plain, type WeighedRisk, weigh, weighed } from './weigh.ts'
import { narrowedAbove, whichAbove } from './which-above.ts'

/** A lease, or one that it was narrowed from, as the policy of today has it. */
interface Bound {
  readonly lease: Lease
  readonly template: TaskTemplate
  readonly today: Scope
}

export interface Case {
  readonly request: ApiRequest
  readonly lease: Lease
  /** Leases that it was narrowed from, root first; null for one that cannot be read. */
  readonly above?: readonly (Lease | null)[]
  readonly policy: Policy
  /** Epoch milliseconds. With it a lease past its end is denied here; the store looks at live state in any case. */
  readonly now?: number
}

/**
 * What the policy says to one request under one lease. Both the lease as it was issued and the policy of today must grant it, scope
 * and terms alike: a stricter policy binds running leases at once, a laxer one only new ones. What binds a lease binds those that were
 * narrowed from it.
 */
export function judge(asking: Case): Verdict {
  const { request, lease, now } = asking
  if (now !== undefined && lease.expiresAt <= now) return deny('lease-expired', 'ask for a new one')
  const bounds = boundToday(asking)
  if (bounds.kind === 'deny') return bounds
  if (isDiscovery(request)) return { kind: 'allow', rule: 'discovery', risk: null }
  if (isSelfReview(request)) return { kind: 'allow', rule: 'self review', risk: null }

  const asked = toAsked(asking, bounds)
  const risks = risksOf(asked)
  return withAll(risks, judgeRisky(asking, bounds, asked, risks))
}

/** No policy of ours has as many for one request: so an entry of the journal stays small. */
const MOST_RISKS = 32

/** Most requests have one risk or none. */
function withAll(risks: readonly RiskEntry[], verdict: Verdict): Verdict {
  return risks.length < 2 ? verdict : { ...verdict, risks: risks.slice(0, MOST_RISKS).map(({ id }) => id) }
}

function judgeRisky(asking: Case, { line, terms }: Bounds, asked: Asked, risks: readonly RiskEntry[]): Verdict {
  const { request, lease, policy } = asking
  const covered = covers(lease.scope, request)
  if (covered === null) return outOfScope('the lease does not grant', missing(lease.scope, request), risks[0])
  const above = narrowedAbove(asking.above ?? []).find(({ scope }) => covers(scope, request) === null)
  if (above !== undefined)
    return outOfScope(`${whichAbove(above, lease)}it does not grant`, missing(above.scope, request), risks[0])
  const narrower = line.find(({ today }) => covers(today, request) === null)
  if (narrower !== undefined) {
    const who = `${whichAbove(narrower.lease, lease)}template "${narrower.template.name}" no longer grants`
    return outOfScope(who, missing(narrower.today, request), risks[0])
  }
  const other = disagreement(request)
  if (other !== null) return deny('body-mismatch', other, risks[0])
  const image = unfitImage(request, terms.images ?? [])
  if (image !== null) return deny('out-of-scope', beyondImages(image, asking, terms), risks[0])
  const danger = unnamedDanger(risks, terms)
  if (danger !== null) {
    const way =
      danger.id === 'boundary-namespace' && listsBoundaryNamespace(asked)
        ? `; leave it out: --field-selector metadata.namespace!=${policy.boundaryNamespace}`
        : ''
    return deny('dangerous', `${unnamed(danger, asked, line)}${way}`, danger)
  }
  const barred = neverPasses(risks, terms)
  if (barred !== null) return deny('too-risky', `${whyRisky(barred, asked)} (${barred.tier}, ${barred.id})`, barred)
  const weighed = withSpending(weigh(risks, terms, covered.rule, mayLast(request)), terms)
  const verdict = forAdmission(request, terms, weighed)
  return wantsWatcher(request, terms) ? { ...verdict, watched: true } : verdict
}

/** With what the API server is told, where that judges what results of the request. */
function forAdmission(request: ApiRequest, terms: Terms, verdict: Passing): Passing {
  const granted = grantedWith(request, terms)
  const isAgreed = verdict.kind === 'approval' && agreesToCode(request, verdict)
  const words = isAgreed ? `${granted} ${APPROVED}`.trim() : granted
  return words === '' ? verdict : { ...verdict, granted: words }
}

/** An image may have words of the client in it: which one it is, it knows. */
function beyondImages(image: string, { request }: Case, { images = [] }: Terms): string {
  const allowed = images.map(list => some(list, ' or ')).join(', and ')
  return `the lease does not grant ${whatIs(request)} with ${image}: ${allowed}`
}

/** Nearly no template has any. */
function withSpending(verdict: Passing, { askBeyond, approval: { quorum } }: Terms): Passing {
  if (askBeyond === undefined) return verdict
  return { ...verdict, askBeyond, ...(quorum === undefined ? {} : { quorumBeyond: quorum }) }
}

function wantsWatcher({ info }: ApiRequest, { watched = [] }: Terms): boolean {
  return isStreamTarget(info) && watched.some(each => each === info.subresource)
}

/** The lease and those above it, each with what it is granted today, and what binds all of them. */
interface Bounds {
  readonly kind: 'bounds'
  readonly line: readonly Bound[]
  readonly terms: Terms
  readonly scopes: readonly Scope[]
}

type Denied = Verdict & { readonly kind: 'deny' }

/** By lease, the policy that it was bound by last: neither is ever changed, and both are the same for many requests. */
const known = new WeakMap<Lease, { readonly policy: Policy; readonly bounds: Bounds | Denied }>()

/** A denial where one of them is granted nothing any more. */
function boundToday({ lease, above = [], policy }: Case): Bounds | Denied {
  if (above.length > 0) return bind(lease, above, policy)
  const before = known.get(lease)
  if (before?.policy === policy) return before.bounds
  const bounds = bind(lease, above, policy)
  known.set(lease, { policy, bounds })
  return bounds
}

function bind(lease: Lease, above: readonly (Lease | null)[], policy: Policy): Bounds | Denied {
  const line: Bound[] = []
  for (const one of [lease, ...above]) {
    if (one === null) return deny('unknown-lease', 'one that it was narrowed from')
    const found = grantOf(policy, one)
    if (found === null) return deny('not-in-policy', `${whichAbove(one, lease)}${notInPolicy(policy, one)}`)
    line.push({ lease: one, template: found.template, today: grantedToday(found, one) })
  }
  const far = handedTooFar(
    policy,
    [...line.slice(1), ...line.slice(0, 1)].map(({ lease: one }) => one),
  )
  if (far !== null)
    return deny(
      'not-in-policy',
      `${whichAbove(far, lease)}it was handed on further than agent "${far.delegated?.by}" may let it`,
    )
  const terms = line.reduce<Terms>((strict, { template }) => stricterTerms(strict, template), lease.terms)
  const scopes = [lease, ...narrowedAbove(above)].map(({ scope }) => scope)
  return { kind: 'bounds', line, terms, scopes: [...scopes, ...line.map(({ today }) => today)] }
}

/** What is granted today, beside all that risks are told by. */
function toAsked({ request, policy }: Case, { terms, scopes }: Bounds): Asked {
  return { request, policy, terms, scopes }
}

/** The risks of a request whatever is said to it in the end, worst first, with what the terms make of each. */
export function weighedRisks(asking: Case): readonly WeighedRisk[] {
  const { request } = asking
  const bounds = boundToday(asking)
  if (bounds.kind === 'deny' || isDiscovery(request) || isSelfReview(request)) return []
  const asked = toAsked(asking, bounds)
  return risksOf(asked).map(risk => weighed(risk, asked.terms))
}

/** Budgets of which a yes gives more, whatever is asked for. */
export function askBeyondOf(asking: Case): readonly AskableBudget[] {
  const bounds = boundToday(asking)
  return bounds.kind === 'deny' ? [] : (bounds.terms.askBeyond ?? [])
}

function unnamed(danger: RiskEntry, asked: Asked, line: readonly Bound[]): string {
  const { id } = danger
  const without = line.find(({ template }) => !template.dangerous.includes(id))
  const lacks = without === undefined ? `did not name "${id}" when the lease was issued` : `does not name "${id}"`
  const { name } = (without ?? line[0])?.template ?? { name: '' }
  return `${whyRisky(danger, asked)} (${danger.tier}); template "${name}" ${lacks}`
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

function notInPolicy(policy: Policy, { agent, template, delegated }: Lease): string {
  if (!policy.templates.some(({ name }) => name === template)) return `there is no template "${template}" any more`
  return delegated === undefined
    ? `template "${template}" is no longer granted to agent "${agent}"`
    : `agent "${delegated.by}" may no longer hand template "${template}" to agent "${agent}"`
}

function outOfScope(who: string, { what, instead }: Missing, risk?: RiskEntry): Verdict {
  return { ...deny('out-of-scope', `${who} ${what}`, risk), ...(instead === '' ? {} : { instead }) }
}

function deny(reason: DenyReason, detail: string, risk?: RiskEntry): Denied {
  return { kind: 'deny', reason, detail, risk: risk === undefined ? null : plain(risk) }
}
