import type { ApiRequest, RequestInfo } from '../api-request.ts'
import type { RouteClass } from '../http-request.ts'
import { isTrue, type Query } from '../query.ts'
import { isSession } from './connect.ts'

/** Methods that have no body here. */
export function isRead(method: string): boolean {
  return method === 'GET' || method === 'HEAD'
}

/**
 * Classes of route that carry the request as it needs. Envoy's routes see keys where Kubernetes sees values: a list with
 * `watch=false` comes on the stream route, and may.
 */
export function routesFor(info: RequestInfo, method: string, upgrade: ApiRequest['upgrade']): readonly RouteClass[] {
  // Sessions are recorded, and their route alone leads past the recorder: one that is spelt so that Envoy does not see it is refused.
  if (upgrade !== null) return isSession(info) ? ['session'] : ['upgrade']
  if (info.verb === 'watch' || info.verb === 'proxy' || info.subresource === 'proxy') return ['stream']
  if (!isRead(method)) return ['write']
  return info.subresource === 'log' ? ['stream'] : ['read', 'stream']
}

/** kube-apiserver's long-running requests, but for a log without follow, which ends by itself. */
export function isLongRunning(info: RequestInfo, query: Query, upgrade: ApiRequest['upgrade']): boolean {
  if (upgrade !== null || info.verb === 'watch' || info.verb === 'proxy' || info.subresource === 'proxy') return true
  return info.subresource === 'log' && isTrue(query, 'follow')
}
