import type { ApiRequest, RequestInfo } from '../api-request.ts'
import { headerItems } from '../headers.ts'
import type { HeaderLine } from '../http-request.ts'
import type { Query } from '../query.ts'
import { type Refused, refuse } from '../refuse.ts'

/** kubectl's subprotocol: SPDY inside a WebSocket. As in SPDY itself, every stream in it says which port it is for. */
const TUNNEL = 'SPDY/3.1+portforward.k8s.io'

interface Upgraded {
  readonly info: RequestInfo
  readonly query: Query
  readonly upgrade: ApiRequest['upgrade']
  readonly headers: readonly HeaderLine[]
}

/**
 * Refuses a port-forward whose query names ports that do not bind it: whoever said yes to one port would open all. Only v4.channel.k8s.io
 * goes by the query (k8s.io/kubelet, portforward/websocket.go), and so by another digest than a port-forward without ports.
 */
export function refusePorts({ info, query, upgrade, headers }: Upgraded): Refused | null {
  const ports = portsOf(info, query) ?? []
  if (ports.length === 0) return null
  const inside = upgrade === 'spdy' || headerItems(headers, 'sec-websocket-protocol').includes(TUNNEL)
  return inside
    ? refuse('odd-upgrade', 'ports in the query do not bind this protocol, which opens any: leave them out')
    : null
}

/** The ports that a port-forward is bound to; empty when it may open any. Null for everything else. */
export function portsOf(info: RequestInfo, query: Query): readonly string[] | null {
  return info.apiGroup === '' && info.resource === 'pods' && info.subresource === 'portforward'
    ? (query.get('ports') ?? [])
    : null
}
