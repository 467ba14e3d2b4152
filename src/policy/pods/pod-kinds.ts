import type { RequestInfo } from '../../request/api-request.ts'

type Kind = Pick<RequestInfo, 'verb' | 'apiGroup' | 'resource' | 'subresource' | 'isResourceRequest'>

/** Groups that the API server itself serves (1.36, with those of older ones): what is in them is known. */
export const BUILT_IN_GROUPS: ReadonlySet<string> = new Set([
  '',
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'apiregistration.k8s.io',
  'apps',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'autoscaling',
  'batch',
  'certificates.k8s.io',
  'coordination.k8s.io',
  'discovery.k8s.io',
  'events.k8s.io',
  'extensions',
  'flowcontrol.apiserver.k8s.io',
  'internal.apiserver.k8s.io',
  'networking.k8s.io',
  'node.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
  'resource.k8s.io',
  'scheduling.k8s.io',
  'storage.k8s.io',
  'storagemigration.k8s.io',
])

const WORKLOADS = ['deployments', 'daemonsets', 'statefulsets', 'replicasets']

/** Everything built in that is a pod or makes some, by group. */
const POD_KINDS: Readonly<Record<string, readonly string[]>> = {
  '': ['pods', 'pods/ephemeralcontainers', 'podtemplates', 'replicationcontrollers'],
  apps: [...WORKLOADS, 'controllerrevisions'],
  extensions: WORKLOADS,
  batch: ['jobs', 'cronjobs'],
}

const WRITES: ReadonlySet<string> = new Set(['create', 'update', 'patch'])
/** Of them the API server keeps nothing else than their name says. */
const HARMLESS_PARTS: ReadonlySet<string> = new Set(['status', 'scale'])

/**
 * Whether pods come of what is written: `yes` for kinds that are known for it, `perhaps` for kinds of others (custom resources, other
 * API servers), of which the object alone tells.
 */
export function bringsPods({
  isResourceRequest,
  verb,
  apiGroup,
  resource,
  subresource,
}: Kind): 'yes' | 'perhaps' | 'no' {
  if (!isResourceRequest || !WRITES.has(verb)) return 'no'
  if (!BUILT_IN_GROUPS.has(apiGroup)) return HARMLESS_PARTS.has(subresource) ? 'no' : 'perhaps'
  const kinds = Object.hasOwn(POD_KINDS, apiGroup) ? POD_KINDS[apiGroup] : undefined
  return kinds?.includes(subresource === '' ? resource : `${resource}/${subresource}`) === true ? 'yes' : 'no'
}
