import type { ApiRequest } from '../../request/api-request.ts'
import { objectName } from '../../request/object/object-name.ts'
import type { Rule, Scope } from '../lease.ts'

/** As many are looked at one by one as quickly. */
const FEW = 16
/** A scope that was made for a single question is not worth sorting. */
const OFTEN = 4

/** By place in the scope, in order. */
interface Sorted {
  /** By each word that a rule has among its resources. */
  readonly byResource: ReadonlyMap<string, OfResource>
  readonly withUrls: readonly number[]
}

interface OfResource {
  readonly forAnyName: number[]
  readonly byName: Map<string, number[]>
}

/** No scope is ever changed. Until it was asked of often: how often. */
const known = new WeakMap<Scope, number | Sorted>()

/**
 * Places of the rules that might cover the request, in order: all but such as are about other resources, or about other objects. Null where
 * that is not worth finding out, and any rule might. Which one covers is for `grants` to say.
 */
export function likelyRules(scope: Scope, request: ApiRequest): readonly number[] | null {
  if (scope.length <= FEW) return null
  const before = known.get(scope) ?? 0
  if (typeof before !== 'number') return among(before, request)
  if (before < OFTEN) {
    known.set(scope, before + 1)
    return null
  }
  const sorted = sort(scope)
  known.set(scope, sorted)
  return among(sorted, request)
}

function among({ byResource, withUrls }: Sorted, request: ApiRequest): readonly number[] {
  const { isResourceRequest, resource, subresource } = request.info
  if (!isResourceRequest) return withUrls
  const words = subresource === '' ? [resource, '*'] : [`${resource}/${subresource}`, '*', `*/${subresource}`]
  return words
    .flatMap(word => {
      const found = byResource.get(word)
      if (found === undefined) return []
      // What no rule names is not asked for: the same is said of all objects then.
      if (found.byName.size === 0) return found.forAnyName
      return [...found.forAnyName, ...(found.byName.get(objectName(request) ?? '') ?? [])]
    })
    .sort((one, other) => one - other)
}

function sort(scope: Scope): Sorted {
  const byResource = new Map<string, OfResource>()
  for (const [at, rule] of scope.entries()) {
    for (const word of rule.resources) {
      const found = byResource.get(word) ?? { forAnyName: [], byName: new Map() }
      byResource.set(word, found)
      for (const places of placesOf(rule, found)) places.push(at)
    }
  }
  return { byResource, withUrls: [...scope.keys()].filter(at => (scope[at]?.nonResourceURLs.length ?? 0) > 0) }
}

function placesOf({ resourceNames }: Rule, { forAnyName, byName }: OfResource): readonly number[][] {
  if (resourceNames.length === 0) return [forAnyName]
  return resourceNames.map(name => {
    const places = byName.get(name) ?? []
    byName.set(name, places)
    return places
  })
}
