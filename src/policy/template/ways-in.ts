import type { Budget, Lease, Rule } from '../../lease/lease.ts'
import { covers, isNamespace as isNamespaceItself } from '../../lease/scope/scope.ts'
import type { ApiRequest } from '../../request/api-request.ts'
import { takenBy } from '../budgets.ts'
import { type Case, judge } from '../judge/judge.ts'
import { whatIs } from '../judge/missing.ts'
import type { Grant, Policy, TaskTemplate } from '../policy.ts'
import { compareBreadth, type Opened } from './breadth.ts'
import { issueScope } from './issue-scope.ts'
import { DEFAULT_TTL_MS, findGrant, isNamespace } from './may-request.ts'
import { BY_ITSELF, likelyParameters, type Parameters, valueIn } from './parameters.ts'
import { termsOf } from './terms-of.ts'

/** How a request would pass. */
export type WayIn =
  /** Under a lease that the agent has, and that the one it came with was narrowed from. */
  | { readonly kind: 'held'; readonly lease: string; readonly template: string; readonly namespaces: readonly string[] }
  | Asking

/** Under a lease that the agent may ask for. */
export interface Asking {
  readonly kind: 'ask'
  readonly template: string
  /** To be named in asking; empty where none may or need be. */
  readonly namespaces: readonly string[]
  /** Null where the usual time is allowed. */
  readonly ttlMs: number | null
  /** The lease that has to end first, since the template allows no second one beside it. */
  readonly instead: string | null
  /** What the client's command will ask for next and would be refused, as `list on pods in the whole cluster`; '' where it lacks nothing. */
  readonly lacks?: string
  readonly wantsTicket?: boolean
  /** Of the person that it is for. */
  readonly wantsConsent?: boolean
  /** To be given with it, by name; '' for what whoever asks has to think of. */
  readonly parameters?: Parameters
}

interface Refused extends Case {
  /** Leases that this one was narrowed from, root first; null for one that cannot be read. */
  readonly above: readonly (Lease | null)[]
  /** What the same command will ask for once this passes. */
  readonly next?: readonly ApiRequest[]
}

/** Each judging may walk the whole body once more. */
const MOST_JUDGED = 8
const MOST_NAMED = 3

/** Leases by which the request would pass, or wait for a human: those for the whole command, then the one that opens least. */
export function waysIn({ request, lease, policy, above, next = [] }: Refused): readonly WayIn[] {
  const passes = (one: ApiRequest, other: Lease, by = policy): boolean =>
    judge({ request: one, lease: other, policy: by }).kind !== 'deny'
  const refusedNext = (other: Lease, by = policy) => next.find(one => !passes(one, other, by)) ?? null
  const held = above.findLast(
    (one, at) =>
      one?.agent === lease.agent && judge({ request, lease: one, above: above.slice(0, at), policy }).kind !== 'deny',
  )
  if (held != null) {
    return [{ kind: 'held', lease: held.id, template: held.template, namespaces: held.namespaces }]
  }
  // What was handed to it comes under another agent's, which is none that it could end.
  const root = [lease, ...above].find(one => one?.agent === lease.agent && one.ancestors.length === 0) ?? null
  return policy.templates
    .flatMap(template => narrowestWish({ template, request, lease, next }) ?? [])
    .toSorted((one, other) => Number(other.isWhole) - Number(one.isWhole) || compareBreadth(one, other))
    .slice(0, MOST_JUDGED)
    .filter(({ template }) => canPay(template, request))
    .map(wish => ({ ...wish, lease: wished(wish, lease) }))
    .filter(wish => passes(request, wish.lease))
    .map(wish => ({ ...wish, isSure: refusedNext(wish.lease) === null }))
    .map(wish => ({ ...wish, lacking: wish.isSure ? null : refusedNext(...withoutBodies(wish.lease, policy)) }))
    .toSorted((one, other) => doubt(one) - doubt(other))
    .slice(0, MOST_NAMED)
    .map(({ template, grant, typed, parameters, lacking }) => ({
      ...toAsking({
        template,
        grant,
        typed,
        parameters,
        instead: root !== null && isFull(template, root) ? root : null,
      }),
      lacks: lacking === null ? '' : whatIs(lacking),
    }))
}

const lax = new WeakMap<Policy, Policy>()

/** What a next request will run or change is not known: its rule may well allow it. */
function withoutBodies(lease: Lease, policy: Policy): readonly [Lease, Policy] {
  const known = lax.get(policy)
  const templates = known?.templates ?? policy.templates.map(one => ({ ...one, rules: one.rules.map(forAny) }))
  const other = known ?? { ...policy, templates }
  lax.set(policy, other)
  return [{ ...lease, scope: lease.scope.map(forAny) }, other]
}

function forAny<R extends Pick<Rule, 'commands' | 'fields'>>(rule: R): R {
  return { ...rule, commands: [], fields: [] }
}

function doubt({ isSure, lacking }: { readonly isSure: boolean; readonly lacking: ApiRequest | null }): number {
  if (isSure) return 0
  return lacking === null ? 1 : 2
}

/** The same task once more, for a lease that is used up; null where the policy does not grant it any longer. */
export function sameAgain(policy: Policy, lease: Lease, state: 'live' | 'ended'): Asking | null {
  const found = findGrant(policy, lease.agent, lease.template)
  if (found === null) return null
  const { template, grant } = found
  const instead = state === 'live' && isFull(template, lease) ? lease : null
  const typed = lease.namespaces.filter(one => isGranted(one, grant))
  const parameters = likelyParameters(template, name => valueIn(lease.parameters ?? {}, name))
  return toAsking({ template, grant, typed, parameters, instead })
}

interface Wish extends Opened {
  readonly grant: Grant
  /** Namespaces to be named in asking. */
  readonly typed: readonly string[]
  readonly parameters: Parameters
  /** Whether it covers what the command asks for next. */
  readonly isWhole: boolean
}

interface Wishing {
  readonly template: TaskTemplate
  readonly request: ApiRequest
  readonly lease: Lease
  readonly next: readonly ApiRequest[]
}

/** With one namespace, those that the agent works in, all that are granted, or every one: whichever covers all of the command first, or the request. */
function narrowestWish({ template, request, lease, next }: Wishing): Wish | null {
  const grant = template.grants.find(({ agent }) => agent === lease.agent)
  if (grant === undefined) return null
  const wishes = wishedNamespaces(template, grant, request, lease)
    .map(typed => ({ typed, parameters: likely(template, request, lease, effective(typed, grant)) }))
    .filter(({ parameters }) => parameters['namespace'] !== '')
    .map(wish => ({ ...wish, scope: issueScope(template, effective(wish.typed, grant), wish.parameters) }))
    .filter(({ scope }) => covers(scope, request) !== null)
    .map(wish => ({ ...wish, template, grant, isWhole: next.every(one => covers(wish.scope, one) !== null) }))
  return wishes.find(({ isWhole }) => isWhole) ?? wishes[0] ?? null
}

function wishedNamespaces(
  { rules }: TaskTemplate,
  grant: Grant,
  { info }: ApiRequest,
  { namespaces }: Lease,
): readonly (readonly string[])[] {
  if (!rules.some(rule => rule.scope === 'namespaces')) return [[]]
  if (info.namespace !== '' && !isNamespaceItself(info)) {
    return isNamespace(info.namespace) && isGranted(info.namespace, grant) ? [[info.namespace]] : []
  }
  const here = namespaces.filter(one => isGranted(one, grant))
  return [...(here.length === 0 ? [] : [here]), grant.namespaces.includes('*') ? ['*'] : []]
}

function isGranted(namespace: string, { namespaces }: Grant): boolean {
  return namespaces.includes('*') || namespaces.includes(namespace)
}

/** Who names none gets all that are granted. */
function effective(typed: readonly string[], grant: Grant): readonly string[] {
  return typed.length === 0 ? grant.namespaces : typed
}

function canPay({ budgets, askBeyond = [] }: TaskTemplate, request: ApiRequest): boolean {
  const { take, object } = takenBy(request, [budgets], '')
  const mayBeMore = (budget: Budget) => askBeyond.some(one => one === budget)
  return (object !== '*' || mayBeMore('objects')) && take.every(one => (budgets[one] ?? 1) > 0 || mayBeMore(one))
}

/** The lease that would be given. */
function wished({ template, grant, scope, typed, parameters }: Wish, { delegated: _, ...lease }: Lease): Lease {
  const namespaces = effective(typed, grant)
  return { ...lease, template: template.name, scope, parameters, namespaces, terms: termsOf(template) }
}

/** As the request would have them filled: by the name of what it is for. */
function likely(
  template: TaskTemplate,
  { info }: ApiRequest,
  { task }: Lease,
  namespaces: readonly string[],
): Parameters {
  const [only = ''] = namespaces.length === 1 ? namespaces : []
  return likelyParameters(template, name => {
    if (name === 'namespace') return only
    return name === 'ticket' ? task.ticket : info.name
  })
}

/** Whether a lease is the only one of its template that may be. */
function isFull({ name, maxLeases }: TaskTemplate, lease: Lease): boolean {
  return lease.template === name && maxLeases === 1
}

interface ToAsk extends Pick<Wish, 'grant' | 'typed' | 'parameters'> {
  readonly template: TaskTemplate
  readonly instead: Lease | null
}

/** What takes another lease's place goes on with its namespaces as well. */
function toAsking({ template, grant, typed, parameters, instead }: ToAsk): Asking {
  const kept = typed.length === 0 ? [] : (instead?.namespaces ?? []).filter(one => isGranted(one, grant))
  const namespaces = [...new Set([...kept, ...typed])]
  return {
    kind: 'ask',
    template: template.name,
    namespaces: namespaces.includes('*') ? ['*'] : namespaces,
    ttlMs: template.maxTtlMs < DEFAULT_TTL_MS ? template.maxTtlMs : null,
    instead: instead?.id ?? null,
    ...(wantsTicket(template) ? { wantsTicket: true } : {}),
    ...(template.onBehalfOf === 'required' ? { wantsConsent: true } : {}),
    ...(template.parameters === undefined ? {} : { parameters: givenOf(parameters) }),
  }
}

function wantsTicket({ ticket, parameters = {} }: TaskTemplate): boolean {
  return ticket !== undefined || Object.hasOwn(parameters, 'ticket')
}

function givenOf(parameters: Parameters): Parameters {
  return Object.fromEntries(Object.entries(parameters).filter(([name]) => !BY_ITSELF.includes(name)))
}
