import { isThere } from '../pods/host-fields.ts'
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
const OF_CONTROLLER = /(?:-snippets?|\/config-[a-z-]+|\/(?:auth|auth-tls|proxy-ssl|secure-[a-z-]+)-secret)$/

/** Whether a Service may take what is sent to addresses that are not its own. */
export function mayTakeAddresses(asked: Asked): boolean {
  return mayWrite(asked, object => elementsOf(member(object['spec'], 'externalIPs')).some(isThere))
}

/** Whether a service account may get an identity in a cloud, with all that it is good for there. */
export function mayTakeCloudIdentity(asked: Asked): boolean {
  return mayAnnotate(asked, isOfCloud)
}

/** Whether an Ingress may tell its controller, which reads the Secrets of the whole cluster, more than where to send what. */
export function maySteerController(asked: Asked): boolean {
  return mayAnnotate(asked, name => OF_CONTROLLER.test(name))
}

function mayAnnotate(asked: Asked, isMeant: (name: string) => boolean): boolean {
  return mayWrite(asked, object => {
    const annotations = member(object['metadata'], 'annotations')
    if (typeof annotations !== 'object' || annotations === null) return false
    return Object.entries(annotations).some(([name, value]) => isThere(value) && isMeant(name))
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
