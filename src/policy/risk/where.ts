import type { ApiRequest } from '../../request/api-request.ts'
import { objectName } from '../../request/object/object-name.ts'
import { isTrue, parseQuery } from '../../request/query.ts'
import type { Asked } from './entry.ts'

const SYSTEM: ReadonlySet<string> = new Set(['kube-system', 'kube-public', 'kube-node-lease'])

export function inSystemNamespace({ request }: Asked): boolean {
  return SYSTEM.has(request.info.namespace)
}

/** Marked as production in the policy file; kube-system always is. */
export function inProduction({ request, policy }: Asked): boolean {
  const { namespace } = request.info
  if (namespace === 'kube-system') return true
  return policy.productionNamespaces.some(pattern =>
    pattern.endsWith('*') ? namespace.startsWith(pattern.slice(0, -1)) : namespace === pattern,
  )
}

export function acrossNamespaces({ request }: Asked): boolean {
  return request.info.namespace === ''
}

/** Kubernetes gives the namespace object its own name as namespace, so that it is in here too. A list of every Secret has the boundary's. */
export function inBoundaryNamespace({ request, policy }: Asked): boolean {
  if (policy.boundaryNamespace === '') return false
  const { info } = request
  if (info.namespace === policy.boundaryNamespace) return true
  if (info.resource === 'namespaces' && createsOrNames(request, policy.boundaryNamespace)) return true
  return info.namespace === '' && info.apiGroup === '' && info.resource === 'secrets'
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
