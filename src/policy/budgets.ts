import { BUDGETS, type Budget, type Budgets, type Lease } from '../lease/lease.ts'
import type { ApiRequest } from '../request/api-request.ts'
import { isDiscovery, isSelfReview } from '../request/is-discovery.ts'
import { closesAt } from './conditions/hours.ts'
import { bringsSecret } from './pods/brings-secret.ts'
import type { Policy, TaskTemplate } from './policy.ts'
import { mayReadSecrets } from './secret-reads.ts'

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
  const template = policy.templates.find(({ name }) => name === lease.template)
  // Without its template nothing is allowed under it in any case.
  if (template === undefined) return lease
  const { budgets, endsAt } = limitsOf(lease, template)
  return { ...lease, budgets, expiresAt: endsAt }
}

/**
 * What the request takes from the lease, one of each. What every kubectl reads before it can work takes nothing:
 * one command may be dozens of those.
 */
export function budgetsOf(request: ApiRequest): readonly Budget[] {
  if (isDiscovery(request) || isSelfReview(request)) return []
  const taken: Budget[] = ['requests']
  if (mutates(request)) taken.push('mutations')
  if (deletes(request)) taken.push('deletes')
  // Whoever may read what pods say reads what they were given.
  if (mayReadSecrets(request.info) || bringsSecret(request)) taken.push('secretReads')
  return taken
}

/** exec, attach and port-forward come as reads and are not. */
export function mutates(request: ApiRequest): boolean {
  return request.verbs.some(verb => !READS.has(verb))
}

/** An eviction deletes the pod as well. */
function deletes({ info, verbs }: ApiRequest): boolean {
  if (verbs.includes('delete') || verbs.includes('deletecollection')) return true
  return info.verb === 'create' && info.apiGroup === '' && info.resource === 'pods' && info.subresource === 'eviction'
}
