import type { Match } from '../../lease/questions/risk-rule.ts'
import { isNamespace } from '../../lease/scope/scope.ts'
import type { ApiRequest } from '../../request/api-request.ts'
import { objectName } from '../../request/object/object-name.ts'
import { knownResource } from '../known-resources.ts'
import { matchesPattern } from '../matches-pattern.ts'
import type { Asked } from '../risk/entry.ts'
import { changesOnly, mayChange } from './what-changes.ts'

/** Whether a request may be what a rule means, verbs and resources aside. What cannot be told counts as that. */
export function mayBe(match: Match, { request }: Asked): boolean {
  const { namespaces, resourceNames, changes, minObjects } = match
  return (
    request.info.isResourceRequest &&
    (namespaces.length === 0 || mayBeIn(namespaces, request)) &&
    (resourceNames.length === 0 || mayBeNamed(resourceNames, request)) &&
    objectsAtMost(request) >= minObjects &&
    (changes.length === 0 || changes.some(change => mayChange(request).has(change))) &&
    (match.changesOnly.length === 0 || changesOnly(request, match.changesOnly, match.ownPrefixes))
  )
}

/** Whether nothing of a request that `mayBe` it could be something else: only then does a rule stand for others. */
export function surelyIs(
  { verbs, namespaces, resourceNames, changes, minObjects }: Match,
  { request }: Asked,
): boolean {
  const name = objectName(request) ?? ''
  return (
    changes.length === 0 &&
    minObjects === 0 &&
    (verbs.length === 0 || verbs.includes('*') || request.verbs.every(verb => verbs.includes(verb))) &&
    (namespaces.length === 0 || isLike(request.info.namespace, namespaces)) &&
    (resourceNames.length === 0 || isLike(name, resourceNames))
  )
}

/** A list over all namespaces has theirs among them; a namespace that is made is in none yet. */
function mayBeIn(namespaces: readonly string[], request: ApiRequest): boolean {
  const { info } = request
  if (info.namespace !== '') return isLike(info.namespace, namespaces)
  if (isNamespace(info)) return info.verb === 'create' && mayBeNamed(namespaces, request)
  const kind = knownResource(info.resource)
  return info.name === '' && !(kind?.namespaced === false && kind.groups.includes(info.apiGroup))
}

/** A request without a name is about any. */
function mayBeNamed(names: readonly string[], request: ApiRequest): boolean {
  const name = objectName(request) ?? ''
  return name === '' || isLike(name, names)
}

/** A last star stands for any rest. */
function isLike(name: string, patterns: readonly string[]): boolean {
  if (name === '') return false
  return patterns.some(pattern => matchesPattern(name, pattern))
}

const MANY: ReadonlySet<string> = new Set(['list', 'watch', 'deletecollection'])
/** With one of these goes all that is in it, or is one. */
const HOLD_MANY: ReadonlySet<string> = new Set(['namespaces', 'customresourcedefinitions'])

/** How many objects a request is about at most, by what it says: nobody counted what a selector finds. */
export function objectsAtMost({ info, object }: ApiRequest): number {
  if (MANY.has(info.verb)) return info.name === '' ? Number.POSITIVE_INFINITY : 1
  if (info.verb === 'delete') return HOLD_MANY.has(info.resource) ? Number.POSITIVE_INFINITY : 1
  if (object.kind === 'unreadable' && info.name === '') return Number.POSITIVE_INFINITY
  const items: unknown = object.kind === 'plain' ? object.value['items'] : undefined
  return Array.isArray(items) ? Math.max(items.length, 1) : 1
}
