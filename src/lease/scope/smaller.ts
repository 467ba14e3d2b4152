import { type Budget, type Budgets, type Lease, type Narrowed, type Rule, timesNarrowed } from '../lease.ts'
import { isWithin } from './narrow.ts'

/** What is to be left of a lease: of each list that names something only that; an empty list leaves it as it is. */
export interface Less {
  readonly verbs: readonly string[]
  /** As rules name them: `pods`, `pods/log`. */
  readonly resources: readonly string[]
  readonly names: readonly string[]
  readonly namespaces: readonly string[]
  /** Epoch milliseconds; null: as it is. */
  readonly endsAt: number | null
  readonly budgets: Budgets
}

/**
 * The lease with no more than that in it; null where it has no more already. Every rule keeps its place, for the record counts them: one of
 * which nothing is left has no verbs.
 */
export function smaller(lease: Lease, less: Less, said: Omit<Narrowed, 'times'>): Lease | null {
  const made = {
    scope: lease.scope.map(rule => leftOf(rule, less)),
    namespaces: lease.namespaces.length === 0 ? [] : inBoth(lease.namespaces, less.namespaces),
    budgets: fewer(lease.budgets, less.budgets),
    expiresAt: Math.min(lease.expiresAt, less.endsAt ?? Number.POSITIVE_INFINITY),
  }
  const { scope, namespaces, budgets, expiresAt } = lease
  if (JSON.stringify(made) === JSON.stringify({ scope, namespaces, budgets, expiresAt })) return null
  return { ...lease, ...made, narrowed: { times: timesNarrowed(lease) + 1, ...said } }
}

/** Whether anything is left that it grants. */
export function grantsAnything({ scope }: Pick<Lease, 'scope'>): boolean {
  return scope.some(({ verbs }) => verbs.length > 0)
}

function leftOf(rule: Rule, less: Less): Rule {
  const isOfKinds = rule.resources.length > 0
  const left: Rule = {
    ...rule,
    verbs: inBoth(rule.verbs, less.verbs),
    resources: less.resources.length === 0 ? rule.resources : kindsInBoth(rule, less.resources),
    nonResourceURLs: less.resources.length === 0 ? rule.nonResourceURLs : [],
    resourceNames: isOfKinds ? namesInBoth(rule.resourceNames, less.names) : rule.resourceNames,
    namespaces: rule.namespaces.length === 0 ? [] : inBoth(rule.namespaces, less.namespaces),
  }
  const hasLost =
    (left.resources.length === 0 && left.nonResourceURLs.length === 0) ||
    (rule.namespaces.length > 0 && left.namespaces.length === 0) ||
    (rule.namespaces.length === 0 && isOfKinds && namesSome(less.namespaces)) ||
    (isOfKinds && less.names.length > 0 && left.resourceNames.length === 0)
  // Whatever was made of it, more than there was it is not.
  return hasLost || !isWithin(left, rule) ? { ...rule, verbs: [] } : left
}

/** `*` stands for all, and so does no name. */
function namesSome(wanted: readonly string[]): boolean {
  return wanted.length > 0 && !wanted.includes('*')
}

/** `*` stands for all, on both sides. */
function inBoth(granted: readonly string[], wanted: readonly string[]): readonly string[] {
  if (!namesSome(wanted)) return granted
  return granted.includes('*') ? wanted : granted.filter(one => wanted.includes(one))
}

/** No names stand for every name. */
function namesInBoth(granted: readonly string[], wanted: readonly string[]): readonly string[] {
  if (wanted.length === 0) return granted
  return granted.length === 0 ? wanted : granted.filter(one => wanted.includes(one))
}

/** Those of each that lie within the other: `*` is no `namespaces`, and a star before a slash is every subresource of that name. */
function kindsInBoth(rule: Rule, wanted: readonly string[]): readonly string[] {
  const one = (resource: string): Rule => ({ ...rule, nonResourceURLs: [], resources: [resource] })
  const asked = { ...rule, nonResourceURLs: [], resources: wanted }
  const both = [
    ...rule.resources.filter(resource => isWithin(one(resource), asked)),
    ...wanted.filter(resource => isWithin(one(resource), rule)),
  ]
  return [...new Set(both)]
}

function fewer(granted: Budgets, wanted: Budgets): Budgets {
  const least = (Object.entries(wanted) as [Budget, number][]).map(
    ([budget, most]) => [budget, Math.min(most, granted[budget] ?? most)] as const,
  )
  return { ...granted, ...Object.fromEntries(least) }
}
