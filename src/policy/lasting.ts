import type { ApiRequest } from '../request/api-request.ts'

/**
 * Objects of which one yes may be for every change of them until a lease ends: what a task tries again and again. Whatever reaches
 * credentials, rights, nodes, whole namespaces or what others are admitted by is asked about each time.
 */
const LASTING: Readonly<Record<string, readonly string[]>> = {
  '': ['configmaps', 'services'],
  apps: ['deployments', 'statefulsets'],
  batch: ['jobs', 'cronjobs'],
  autoscaling: ['horizontalpodautoscalers'],
  'networking.k8s.io': ['ingresses'],
}
/** A delete or a create leaves another object behind than the one that was looked at; a session is compared with nothing. */
const VERBS: ReadonlySet<string> = new Set(['update', 'patch'])

export function mayLast({ info, inNamespace, upgrade }: ApiRequest): boolean {
  const { apiGroup, resource, subresource, name, verb } = info
  const isOne = info.isResourceRequest && inNamespace && name !== '' && upgrade === null
  return isOne && VERBS.has(verb) && ['', 'scale'].includes(subresource) && isKind(apiGroup, resource)
}

function isKind(group: string, resource: string): boolean {
  return Object.hasOwn(LASTING, group) && LASTING[group]?.includes(resource) === true
}
