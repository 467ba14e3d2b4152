import type { ApiRequest, RequestInfo } from './api-request.ts'
import type { Lines } from './lines.ts'
import { isProxy, isSentAsMessages, isStreamTarget } from './needs/connect.ts'
import { type Refused, refuse } from './refuse.ts'

export interface ParsedUpgrade {
  readonly kind: 'upgrade'
  readonly upgrade: ApiRequest['upgrade']
}

const PROTOCOLS: ReadonlyMap<string, 'websocket' | 'spdy'> = new Map([
  ['websocket', 'websocket'],
  ['spdy/3.1', 'spdy'],
])

/**
 * kube-apiserver tunnels any upgrade on its connect subresources; here only the two protocols that Kubernetes speaks pass, each with
 * the method that its clients use, and exec, attach and portforward pass in no other way. Watches and logs may come as a WebSocket.
 */
export function parseUpgrade(
  { upgrades, isUpgradeAnnounced }: Pick<Lines, 'upgrades' | 'isUpgradeAnnounced'>,
  method: string,
  info: RequestInfo,
): ParsedUpgrade | Refused {
  const [token] = upgrades
  if (token === undefined) return withoutUpgrade(isUpgradeAnnounced, info)
  if (!isUpgradeAnnounced) return refuse('odd-upgrade', 'a protocol is named, but connection does not say upgrade')
  const upgrade = PROTOCOLS.get(token.toLowerCase())
  if (upgrade === undefined || upgrades.length > 1) return refuse('odd-upgrade', 'only websocket or SPDY/3.1')
  const tunnels = isStreamTarget(info) || isProxy(info)
  if (!tunnels && !(upgrade === 'websocket' && isSentAsMessages(info))) {
    return refuse('odd-upgrade', 'nothing to upgrade here')
  }
  const wanted = upgrade === 'websocket' ? 'GET' : 'POST'
  if (method !== wanted) return refuse('odd-upgrade', `${upgrade} comes with ${wanted}`)
  return { kind: 'upgrade', upgrade }
}

function withoutUpgrade(announced: boolean, info: RequestInfo): ParsedUpgrade | Refused {
  if (announced) return refuse('odd-upgrade', 'connection says upgrade, but no protocol is named')
  if (isStreamTarget(info)) return refuse('odd-upgrade', `${info.subresource} needs an upgrade`)
  return { kind: 'upgrade', upgrade: null }
}
