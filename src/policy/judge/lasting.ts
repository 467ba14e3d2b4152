import type { ApiRequest } from '../../request/api-request.ts'
import { isSystemNamespace } from '../risk/where.ts'

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

/**
 * Not where the request may create as well (server-side apply, an update of no certain version); not for a dry run, which shows nothing of
 * what the next one changes; nor in the cluster's own namespaces, where the same kinds say who is who and run what all depend on.
 */
export function mayLast({ info, inNamespace, upgrade, verbs, options }: ApiRequest): boolean {
  const { apiGroup, namespace, resource, subresource, verb } = info
  if (!VERBS.has(verb) || verbs.length !== 1 || options.dryRun) return false
  const isThere = ['', 'scale'].includes(subresource) && isKind(apiGroup, resource) && !isSystemNamespace(namespace)
  return isThere && info.isResourceRequest && inNamespace && info.name !== '' && upgrade === null
}

function isKind(group: string, resource: string): boolean {
  return Object.hasOwn(LASTING, group) && LASTING[group]?.includes(resource) === true
}
