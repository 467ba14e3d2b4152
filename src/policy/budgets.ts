import { createHash } from 'node:crypto'
import { BUDGETS, type Budget, type Budgets, type Lease } from '../lease/lease.ts'
import type { TakenSoFar } from '../lease/lease-store.ts'
import { isNamespace } from '../lease/scope/scope.ts'
import type { ApiRequest } from '../request/api-request.ts'
import { isDiscovery, isSelfReview } from '../request/is-discovery.ts'
import { isProxy, isStreamTarget } from '../request/needs/connect.ts'
import { costsObjects } from '../request/needs/counted-deletes.ts'
import { objectName } from '../request/object/object-name.ts'
import { mayShowSecret } from './admission/granted.ts'
import { closesAt } from './conditions/hours.ts'
import { bringsSecret } from './pods/brings-secret.ts'
import type { Policy, TaskTemplate } from './policy.ts'
import { objectsAtMost } from './risk-rules/match.ts'
import { mayReadSecrets } from './secret-reads.ts'
import { templateOf } from './template/template-of.ts'

const READS: ReadonlySet<string> = new Set(['get', 'list', 'watch', 'head', 'options'])

export interface Limits {
  readonly budgets: Budgets
  /** Epoch milliseconds. */
  readonly endsAt: number
}

/** What binds a running lease: the contract, or the template of today where that is stricter. */
export function limitsOf({ budgets, issuedAt, expiresAt }: Lease, template: TaskTemplate): Limits {
  const stricter = BUDGETS.flatMap(budget => {
    const most = Math.min(budgets[budget] ?? Infinity, template.budgets[budget] ?? Infinity)
    return most === Infinity ? [] : [[budget, most] as const]
  })
  const endsAt = Math.min(expiresAt, issuedAt + template.maxTtlMs)
  const { hours } = template
  return {
    budgets: Object.fromEntries(stricter),
    // Of the hours in which it was given: those that the policy has today are the only ones there are.
    endsAt: hours === undefined ? endsAt : closesAt(hours, issuedAt, endsAt),
  }
}

/** By lease, the policy that it was bound by last: both are the same for many requests. */
const known = new WeakMap<Lease, { readonly policy: Policy; readonly lease: Lease }>()

/** A running lease as the policy of today lets it be: a stricter one binds at once, a laxer one only new leases. */
export function boundToday(lease: Lease, policy: Policy): Lease {
  const before = known.get(lease)
  if (before?.policy === policy) return before.lease
  const bound = bind(lease, policy)
  known.set(lease, { policy, lease: bound })
  return bound
}

function bind(lease: Lease, policy: Policy): Lease {
  const template = templateOf(policy, lease.template)
  // Without its template nothing is allowed under it in any case.
  if (template === undefined) return lease
  const { budgets, endsAt } = limitsOf(lease, template)
  return { ...lease, budgets, expiresAt: endsAt }
}

/**
 * What the request takes from the lease, one of each. What every kubectl reads before it can work takes nothing:
 * one command may be dozens of those.
 */
export function budgetsOf(request: ApiRequest, granted = ''): readonly Budget[] {
  if (isDiscovery(request) || isSelfReview(request)) return []
  const taken: Budget[] = ['requests']
  if (mutates(request)) taken.push('mutations')
  if (deletes(request)) taken.push('deletes')
  // Whoever may read what pods say reads what they were given.
  const readsSecrets = mayReadSecrets(request.info) && request.answer !== 'columns'
  if (readsSecrets || bringsSecret(request) || mayShowSecret(request, granted)) taken.push('secretReads')
  return taken
}

/** What one request takes where some of the leases that it comes under have budgets of these kinds: most have none, and pay for none. */
export interface Taken {
  readonly take: readonly Budget[]
  /** What is changed, hashed; `*` for more than can be counted. Not there where nobody counts. */
  readonly object?: string
}

/** `limits` are those of the lease and of all above it; `id` is the request's own, for what has no name yet; `granted` is what admission is told. */
export function takenBy(request: ApiRequest, limits: readonly Budgets[], id: string, granted = ''): Taken {
  const take = budgetsOf(request, granted)
  if (take.length === 0) return { take }
  const object =
    mutates(request) && limits.some(({ objects }) => objects !== undefined) ? objectOf(request, id) : undefined
  const isTimed = isSession(request) && limits.some(({ execSeconds }) => execSeconds !== undefined)
  const isPaced = limits.some(({ requestsPerSecond }) => requestsPerSecond !== undefined)
  if (object === undefined && !isPaced && !isTimed) return { take }
  const counted = object === undefined ? take : [...take, 'objects' as const]
  const all = isTimed ? [...counted, 'execSeconds' as const] : counted
  const inOrder = isPaced ? ([...all, 'requestsPerSecond'] as const) : all
  return object === undefined ? { take: inOrder } : { take: inOrder, object }
}

/**
 * Budgets that have nothing left for this request, whenever it comes. As the store would say: both lists are of the lease and of all above it, in
 * the same order. Only the store takes.
 */
export function spentBy(
  request: ApiRequest,
  limits: readonly Budgets[],
  soFar: readonly TakenSoFar[],
  id: string,
): readonly Budget[] {
  const { take, object = '' } = takenBy(request, limits, id)
  const isSpent = (budget: Budget, at: number): boolean => {
    const { counts = {}, objects = new Set() } = soFar[at] ?? {}
    const most = limits[at]?.[budget] ?? Infinity
    if (budget === 'requestsPerSecond') return false
    if (budget !== 'objects') return (counts[budget] ?? 0) >= most
    return object === '*' ? most < Infinity : !objects.has(object) && objects.size >= most
  }
  return take.filter(budget => limits.some((_, at) => isSpent(budget, at)))
}

/** Nobody can be asked any more. */
export function hasNoQuestions(limits: readonly Budgets[], soFar: readonly TakenSoFar[]): boolean {
  return limits.some(({ questions = Infinity }, at) => (soFar[at]?.counts.questions ?? 0) >= questions)
}

/** A tunnel through a proxy is one as well. */
function isSession({ info, upgrade }: ApiRequest): boolean {
  return isStreamTarget(info) || (isProxy(info) && upgrade !== null)
}

/** The same for every way to write it, and for its subresources. What the API server is to name is another each time. */
function objectOf(request: ApiRequest, id: string): string {
  if (objectsAtMost(request) === Number.POSITIVE_INFINITY) return '*'
  const { info, path } = request
  const name = info.name || objectName(request) || `${id} `
  // One that exists is in itself, to Kubernetes, and one that is to be made is in none.
  const namespace = isNamespace(info) ? '' : info.namespace
  const named = info.isResourceRequest ? [info.apiGroup, info.resource, namespace, name] : [path]
  return createHash('sha256').update(JSON.stringify(named)).digest('base64url').slice(0, 22)
}

/** exec, attach and port-forward come as reads and are not. */
export function mutates(request: ApiRequest): boolean {
  return request.verbs.some(verb => !READS.has(verb))
}

/** An eviction deletes the pod as well. */
function deletes(request: ApiRequest): boolean {
  const { info, verbs } = request
  if (verbs.includes('delete') || verbs.includes('deletecollection') || costsObjects(request)) return true
  return info.verb === 'create' && info.apiGroup === '' && info.resource === 'pods' && info.subresource === 'eviction'
}
