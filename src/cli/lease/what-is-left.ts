import { BUDGETS, type Budget } from '../../lease/lease.ts'
import { describeRule } from '../../lease/scope/describe-rule.ts'
import { printable } from '../../support/text/printable.ts'
import { timeLeft } from '../../support/time/time-left.ts'
import type { ShownLease } from './shown-lease.ts'

/** What can still be done under a lease, in words; RBAC and what is risky have their say at each request. */
export function whatIsLeft(lease: ShownLease, now: number): readonly string[] {
  const { id, state, waits, expiresAt } = lease
  if (waits !== undefined)
    return [`${id} opens nothing: it stands for a lease that waits for approval (${waits.approval})`].map(printable)
  if (state.kind !== 'active') return [`nothing can be done under ${id}: ${howEnded(lease)}`].map(printable)
  return [
    `for ${timeLeft(expiresAt + 500, now)} more it`,
    ...lease.scope.map(rule => `  ${describeRule(rule)}`),
    ...conditionsOf(lease),
    ...left(lease),
    ...(lease.ancestors.length === 0
      ? []
      : ['what it takes is taken from the leases above it too, which may have less left']),
    'what is risky waits for an approver, and RBAC decides behind the boundary',
  ].map(printable)
}

function howEnded({ state, expiresAt }: ShownLease): string {
  switch (state.kind) {
    case 'revoked':
      return `it was revoked by ${state.by}${saidWhy(state.reason)}`
    case 'frozen':
      return `it is frozen by ${state.by}${saidWhy(state.reason)}, until an admin thaws it`
    case 'expired':
      return `it ended at ${new Date(expiresAt).toISOString()}`
    default:
      return 'the store does not know it any more'
  }
}

function saidWhy(reason: string): string {
  return reason === '' ? '' : `: ${reason}`
}

function conditionsOf({ terms: { networks = [], watched = [] }, holder, delegated, handedOn }: ShownLease) {
  return [
    ...networks.map(list => `only from ${list.join(', ')}`),
    ...(watched.length === 0 ? [] : [`${watched.join(', ')} only while an approver watches`]),
    ...(holder === undefined ? [] : [`only over a connection with the client certificate of ${holder.name}`]),
    ...(handedOn === true ? ['by its agent alone'] : []),
    ...(delegated === undefined ? [] : [`as long as ${delegated.by} may hand it on`]),
  ]
}

/** Of each budget; that of a second comes back by itself. */
function left({ budgets, taken, terms: { askBeyond = [] } }: ShownLease): readonly string[] {
  return BUDGETS.flatMap(budget => {
    const most = budgets[budget]
    if (most === undefined) return []
    if (budget === 'requestsPerSecond') return [`${most} requests within a second`]
    const more = Math.max(0, most - (taken[budget] ?? 0))
    const asks = askBeyond.some(one => one === budget)
    return [
      more === 0
        ? spent(budget, asks)
        : `${more} of ${most} ${budget} are left${asks ? ', then a person is asked' : ''}`,
    ]
  })
}

function spent(budget: Budget, asks: boolean): string {
  return `nothing is left of ${budget}: what takes of it ${asks ? 'waits for an approver' : 'is refused'}`
}
