import { isThere } from '../pods/host/host-fields.ts'
import { elementsOf, writtenBy } from '../pods/written.ts'
import type { Asked } from './entry.ts'

/** By these a cloud gives pods of a service account an identity of its own. */
const CLOUD_IDENTITIES = [
  'eks.amazonaws.com/',
  'iam.gke.io/',
  'azure.workload.identity/',
  'iam.amazonaws.com/',
  'pod-identity.alibabacloud.com/',
] as const

/** By these an Ingress has its controller run configuration of its own (CVE-2021-25742), or read a Secret of any namespace. */
const OF_CONTROLLER =
  /(?:-snippets?|\/config-[a-z-]+|\/(?:auth|auth-tls|basic-auth|proxy-ssl|secure-[a-z-]+)-secret|\/(?:server|client)-(?:ca|cert|crt)|\/jwt-key|\/auth-lua|^getambassador\.io\/config)$/
/** What is written into the configuration of nginx as it is: where one directive ends another begins (CVE-2021-25748, 2025-1097, 2025-1974). */
const INTO_NGINX = /^(?:nginx\.ingress\.kubernetes\.io|nginx\.(?:org|com)|ingress\.kubernetes\.io)\//
/** By these a controller copies a Secret from, or to, other namespaces. */
const COPIES = ['replicator.v1.mittwald.de/', 'reflector.v1.k8s.emberstack.com/', 'kubed.appscode.com/sync'] as const

/** Whether a Service may take what is sent to addresses that are not its own. Its status counts where that alone is written (CVE-2020-8554). */
export function mayTakeAddresses(asked: Asked): boolean {
  if (asked.request.info.subresource === 'status')
    return mayWrite(asked, object => hasAny(ofBalancer(object['status'])))
  return mayWrite(asked, object => hasAny(member(object['spec'], 'externalIPs')))
}

function ofBalancer(status: unknown): unknown {
  return member(member(status, 'loadBalancer'), 'ingress')
}

/** Whether addresses are written for a Service by hand (CVE-2021-25740). */
export function maySendElsewhere(asked: Asked): boolean {
  return mayWrite(asked, object => hasAny(object['subsets']) || hasAny(object['endpoints']))
}

/** Whether a Secret may be copied from or to other namespaces. */
export function mayCopySecret(asked: Asked): boolean {
  return mayAnnotate(asked, name => COPIES.some(beginning => name.startsWith(beginning)))
}

function hasAny(list: unknown): boolean {
  return elementsOf(list).some(isThere)
}

/** Whether a service account may get an identity in a cloud, with all that it is good for there. */
export function mayTakeCloudIdentity(asked: Asked): boolean {
  return mayAnnotate(asked, isOfCloud)
}

/** Whether an Ingress may tell its controller, which reads the Secrets of the whole cluster, more than where to send what. */
export function maySteerController(asked: Asked): boolean {
  return (
    mayAnnotate(asked, (name, value) => OF_CONTROLLER.test(name) || (INTO_NGINX.test(name) && endsDirective(value))) ||
    mayWrite(asked, object => hasText(object['spec'], endsDirective))
  )
}

function endsDirective(value: unknown): boolean {
  if (typeof value !== 'string') return false
  return /[\n\r]/.test(value.trim()) || (value.includes(';') && /[{}]/.test(value))
}

function hasText(node: unknown, isMeant: (text: unknown) => boolean): boolean {
  return typeof node === 'object' && node !== null
    ? Object.values(node).some(each => hasText(each, isMeant))
    : isMeant(node)
}

function mayAnnotate(asked: Asked, isMeant: (name: string, value: unknown) => boolean): boolean {
  return mayWrite(asked, object => {
    const annotations = member(object['metadata'], 'annotations')
    if (typeof annotations !== 'object' || annotations === null) return false
    return Object.entries(annotations).some(([name, value]) => isThere(value) && isMeant(name, value))
  })
}

function isOfCloud(name: string): boolean {
  return CLOUD_IDENTITIES.some(beginning => name.startsWith(beginning))
}

/** An object that cannot be read counts; a patch of nothing is none. */
function mayWrite({ request }: Asked, writes: (object: Readonly<Record<string, unknown>>) => boolean): boolean {
  if (request.object.kind === 'none' && request.info.verb === 'patch') return false
  const written = writtenBy(request)
  return written === null || written.some(writes)
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}
