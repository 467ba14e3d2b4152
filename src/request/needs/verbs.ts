import type { ApiRequest, RequestInfo } from '../api-request.ts'
import { isStreamTarget } from './connect.ts'

const APPLY: ReadonlySet<string> = new Set(['application/apply-patch+yaml', 'application/apply-patch+cbor'])

/** Verbs that a lease must grant, all of them: what the request can do, not only what RequestInfo calls it. */
export function requiredVerbs(
  info: RequestInfo,
  contentType: string,
  upgrade: ApiRequest['upgrade'],
): readonly string[] {
  // RequestInfo says get for a WebSocket and create for SPDY.
  if (isStreamTarget(info)) return ['create']
  if (!info.isResourceRequest) return [info.verb]
  // A tunnel through proxy reaches, for one, the kubelet's exec: more than the get that it comes as.
  if (upgrade !== null && info.verb !== 'create') return [info.verb, 'create']
  return mayCreate(info, contentType) ? [info.verb, 'create'] : [info.verb]
}

/**
 * PUT and server-side apply create the object when it is not there, and the API server then asks for create with the name as well.
 * Its subresources never allow create on update.
 */
function mayCreate(info: RequestInfo, contentType: string): boolean {
  if (info.subresource !== '') return false
  return info.verb === 'update' || (info.verb === 'patch' && APPLY.has(contentType))
}
