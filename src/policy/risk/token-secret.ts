import { objectName } from '../../request/object/object-name.ts'
import { writtenBy } from '../pods/written.ts'
import type { Asked } from './entry.ts'

/** The second is taken for a credential itself (kube-apiserver --enable-bootstrap-token-auth, as kubeadm sets it). */
export const TOKEN_TYPES = ['kubernetes.io/service-account-token', 'bootstrap.kubernetes.io/token'] as const
const TYPES: ReadonlySet<string> = new Set(TOKEN_TYPES)
/** Of those Secrets in kube-system; a PUT may leave out the type, which stays. */
const BOOTSTRAP = 'bootstrap-token-'
/** By its name and its uid a token's Secret says whose token it holds: service-account.name, service-account.uid. */
const ACCOUNT_ANNOTATION = 'kubernetes.io/service-account.'

/**
 * Whether the request may make a Secret into which Kubernetes writes a service account's token, or turn one to another account. An
 * object that cannot be read counts as that.
 */
export function mayMakeTokenSecret({ request }: Asked): boolean {
  // A patch of nothing is none.
  if (request.object.kind === 'none' && request.info.verb === 'patch') return false
  if (request.info.namespace === 'kube-system' && (objectName(request) ?? BOOTSTRAP).startsWith(BOOTSTRAP)) return true
  const written = writtenBy(request)
  return written === null || written.some(object => isTokenType(object['type']) || namesAccount(object['metadata']))
}

function isTokenType(type: unknown): boolean {
  return type !== undefined && type !== null && (typeof type !== 'string' || TYPES.has(type))
}

/** Also where the annotation is taken away: the controller then begins anew. */
function namesAccount(metadata: unknown): boolean {
  const annotations =
    typeof metadata === 'object' && metadata !== null ? Reflect.get(metadata, 'annotations') : undefined
  if (typeof annotations !== 'object' || annotations === null) return false
  return Object.keys(annotations).some(name => name.startsWith(ACCOUNT_ANNOTATION))
}
