import type { RequestInfo } from '../api-request.ts'

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

interface Write {
  readonly info: RequestInfo
  /** Media type without parameters, lower case. */
  readonly contentType: string
  readonly body: Uint8Array
}

/**
 * Whether a request that updates may create: the API server then asks for create with the name as well. Server-side apply always may.
 * A PUT may where the API server lets it, and elsewhere unless its body says which version it replaces, as `kubectl replace` does;
 * one that says which uid it replaces never creates.
 */
export function mayCreate({ info, contentType, body }: Write): boolean {
  if (info.verb === 'patch') return APPLY.has(contentType) && (info.subresource === '' || isCreatedByPut(info))
  if (info.verb !== 'update') return false
  if (!isCreatedByPut(info) && info.subresource !== '') return false
  const { uid, resourceVersion } = readIdentity(contentType, body)
  if (uid !== '') return false
  return isCreatedByPut(info) || !/[^0]/.test(resourceVersion)
}

function isCreatedByPut({ apiGroup, resource, subresource }: RequestInfo): boolean {
  return CREATED_BY_PUT.has([apiGroup, resource, ...(subresource === '' ? [] : [subresource])].join('/'))
}

interface Identity {
  readonly uid: string
  readonly resourceVersion: string
}

const UNSAID: Identity = { uid: '', resourceVersion: '' }

/** Read from JSON, which kubectl and client-go send on updates; of another format nothing is believed. */
function readIdentity(contentType: string, body: Uint8Array): Identity {
  if (contentType !== 'application/json') return UNSAID
  const metadata = fieldOf(parseJson(body), 'metadata')
  return { uid: textOf(fieldOf(metadata, 'uid')), resourceVersion: textOf(fieldOf(metadata, 'resourceVersion')) }
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'))
  } catch {
    return undefined
  }
}

function fieldOf(value: unknown, field: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, field) : undefined
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
