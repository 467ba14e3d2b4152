import type { ApiRequest } from '../api-request.ts'
import { isSentAsMessages, isStreamTarget } from './connect.ts'
import { mayCreate } from './creates.ts'
import { mayDelete } from './deletes.ts'

type Asked = Pick<ApiRequest, 'info' | 'contentType' | 'upgrade' | 'object'>

/** Verbs that a lease must grant, all of them: what the request can do, not only what RequestInfo calls it. */
export function requiredVerbs(asked: Asked): readonly string[] {
  const { info, upgrade } = asked
  // RequestInfo says get for a WebSocket and create for SPDY.
  if (isStreamTarget(info)) return ['create']
  if (!info.isResourceRequest) return [info.verb]
  // A tunnel through proxy reaches, for one, the kubelet's exec: more than the get that it comes as.
  if (upgrade !== null && info.verb !== 'create' && !isSentAsMessages(info)) return [info.verb, 'create']
  return [info.verb, ...(mayCreate(asked) ? ['create'] : []), ...(mayDelete(asked) ? ['delete'] : [])]
}
