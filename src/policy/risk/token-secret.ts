import { writtenBy } from '../pods/written.ts'
import type { Asked } from './entry.ts'

const TOKEN_TYPE = 'kubernetes.io/service-account-token'
/** By its name and its uid a token's Secret says whose token it holds: service-account.name, service-account.uid. */
const ACCOUNT_ANNOTATION = 'kubernetes.io/service-account.'

/**
 * Whether the request may make a Secret into which Kubernetes writes a service account's token, or turn one to another account. An
 * object that cannot be read counts as that.
 */
export function mayMakeTokenSecret({ request }: Asked): boolean {
  // A patch of nothing is none.
  if (request.object.kind === 'none' && request.info.verb === 'patch') return false
  const written = writtenBy(request)
  return written === null || written.some(object => isTokenType(object['type']) || namesAccount(object['metadata']))
}

function isTokenType(type: unknown): boolean {
  return type !== undefined && type !== null && (typeof type !== 'string' || type === TOKEN_TYPE)
}

/** Also where the annotation is taken away: the controller then begins anew. */
function namesAccount(metadata: unknown): boolean {
  const annotations =
    typeof metadata === 'object' && metadata !== null ? Reflect.get(metadata, 'annotations') : undefined
  if (typeof annotations !== 'object' || annotations === null) return false
  return Object.keys(annotations).some(name => name.startsWith(ACCOUNT_ANNOTATION))
}
