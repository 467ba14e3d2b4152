import type { ApiRequest, RequestInfo } from '../api-request.ts'
import { metadataOf } from '../object/metadata.ts'

const APPLY: ReadonlySet<string> = new Set(['application/apply-patch+yaml', 'application/apply-patch+cbor'])

/**
 * What a PUT creates when it is not there (AllowCreateOnUpdate of the registries in Kubernetes 1.36). A resourceVersion in the body
 * does not stop that: it is compared only with an object that is there.
 */
const CREATED_BY_PUT: ReadonlySet<string> = new Set([
  ...['/services', '/endpoints', '/events', '/limitranges', 'events.k8s.io/events', 'node.k8s.io/runtimeclasses'],
  ...['coordination.k8s.io/leases', 'coordination.k8s.io/leasecandidates'],
  ...['rbac.authorization.k8s.io/roles', 'rbac.authorization.k8s.io/clusterroles'],
  ...['rbac.authorization.k8s.io/rolebindings', 'rbac.authorization.k8s.io/clusterrolebindings'],
  // The only subresource that is written as its whole object and inherits that it may be created.
  '/services/status',
])

type Write = Pick<ApiRequest, 'info' | 'contentType' | 'object'>

/** A patch that says what of an object there shall be, whoever made it. */
export function isApply(contentType: string): boolean {
  return APPLY.has(contentType)
}

const UNSAID = { uid: '', resourceVersion: '' }

/**
 * Whether a request that updates may create: the API server then asks for create with the name as well. Server-side apply always may.
 * A PUT may where the API server lets it, and elsewhere unless its body says which version it replaces, as `kubectl replace` does;
 * one that says which uid it replaces never creates. Of a body that cannot be read nothing is believed.
 */
export function mayCreate({ info, contentType, object }: Write): boolean {
  if (info.verb === 'patch') return isApply(contentType) && (info.subresource === '' || isCreatedByPut(info))
  if (info.verb !== 'update') return false
  if (!isCreatedByPut(info) && info.subresource !== '') return false
  const { uid, resourceVersion } = metadataOf(object) ?? UNSAID
  if (uid !== '') return false
  return isCreatedByPut(info) || !/[^0]/.test(resourceVersion)
}

function isCreatedByPut({ apiGroup, resource, subresource }: RequestInfo): boolean {
  return CREATED_BY_PUT.has([apiGroup, resource, ...(subresource === '' ? [] : [subresource])].join('/'))
}
