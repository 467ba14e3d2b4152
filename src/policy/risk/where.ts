import type { Rule, Scope } from '../../lease/lease.ts'
import { isNamespace } from '../../lease/scope/scope.ts'
import type { ApiRequest, RequestInfo } from '../../request/api-request.ts'
import { objectName } from '../../request/object/object-name.ts'
import { isTrue, parseQuery } from '../../request/query.ts'
import { parseFieldSelector } from '../../request/selectors/field-selector.ts'
import { knownResource } from '../known-resources.ts'
import { matchesPattern } from '../matches-pattern.ts'
import type { Asked } from './entry.ts'

const SYSTEM: ReadonlySet<string> = new Set(['kube-system', 'kube-public', 'kube-node-lease'])

export function isSystemNamespace(name: string): boolean {
  return SYSTEM.has(name)
}

export function inSystemNamespace({ request }: Asked): boolean {
  return isSystemNamespace(request.info.namespace)
}

/** Marked as production in the policy file; kube-system always is. */
export function inProduction({ request, policy }: Asked): boolean {
  const { namespace } = request.info
  if (namespace === 'kube-system') return true
  return policy.productionNamespaces.some(pattern => matchesPattern(namespace, pattern))
}

/** Metadata is more: kubectl apply keeps in an annotation what it applied. */
export function isMoreThanColumns({ request }: Asked): boolean {
  return request.answer !== 'columns'
}

export function showsAllNamespaces(asked: Asked): boolean {
  return acrossNamespaces(asked) && isMoreThanColumns(asked)
}

export function acrossNamespaces({ request }: Asked): boolean {
  return request.info.namespace === ''
}

/** Kubernetes gives the namespace object its own name as namespace, so that it is in here too. */
export function inBoundaryNamespace(asked: Asked): boolean {
  const { request, policy } = asked
  if (policy.boundaryNamespace === '') return false
  if (request.info.namespace === policy.boundaryNamespace) return true
  if (isNamespace(request.info) && createsOrNames(request, policy.boundaryNamespace)) return true
  return listsBoundaryNamespace(asked) && !isOfOneNode(request.info)
}

/**
 * Whether a list or a watch over all namespaces has the boundary's among them: unless its selector leaves that one out, which every kind
 * in a namespace knows how to do, and which the API server refuses for those it does not.
 */
export function listsBoundaryNamespace({ request: { info }, policy, scopes = [] }: Asked): boolean {
  if (policy.boundaryNamespace === '' || !LISTS.has(info.verb) || info.namespace !== '') return false
  if (!info.isResourceRequest || isNamespace(info) || isClusterScoped(info, scopes)) return false
  const terms = parseFieldSelector(info.fieldSelector) ?? []
  return !terms.some(({ field, equal, value }) => {
    if (field !== 'metadata.namespace') return false
    return equal ? value !== '' && value !== policy.boundaryNamespace : value === policy.boundaryNamespace
  })
}

/** What kubectl drain and describe node ask for, and have no option to ask otherwise. */
export function listsNodePods(asked: Asked): boolean {
  return listsBoundaryNamespace(asked) && isOfOneNode(asked.request.info)
}

function isOfOneNode({ verb, apiGroup, resource, subresource, fieldSelector }: RequestInfo): boolean {
  if (verb !== 'list' || apiGroup !== '' || resource !== 'pods' || subresource !== '') return false
  const terms = parseFieldSelector(fieldSelector) ?? []
  return terms.some(({ field, equal, value }) => field === 'spec.nodeName' && equal && value !== '')
}

const LISTS: ReadonlySet<string> = new Set(['list', 'watch'])

/** Of kinds that Kubernetes does not have itself, those count that a rule for the cluster names. */
function isClusterScoped({ apiGroup, resource }: RequestInfo, scopes: readonly Scope[]): boolean {
  const known = knownResource(resource)
  if (known !== null && (known.namespaced || known.groups.includes(apiGroup))) return !known.namespaced
  const names = (rule: Rule) =>
    rule.namespaces.length === 0 &&
    rule.resources.includes(resource) &&
    (rule.apiGroups.includes(apiGroup) || rule.apiGroups.includes('*'))
  return scopes.length > 0 && scopes.every(scope => scope.some(names))
}

/** Who makes the namespace before it is there owns it. */
function createsOrNames(request: ApiRequest, name: string): boolean {
  if (request.info.name !== '' || request.info.verb !== 'create') return request.info.name === name
  return [name, null].includes(objectName(request))
}

/** Server-side apply that takes fields away from whoever manages them. */
export function isForced({ request }: Asked): boolean {
  const asked = parseQuery(request.query)
  return asked.kind === 'query' && isTrue(asked.query, 'force')
}
