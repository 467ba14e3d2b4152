import type { ApiRequest, RequestInfo } from './api-request.ts'
import { headerItems } from './headers.ts'
import type { HeaderLine } from './http-request.ts'
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
  headers: readonly HeaderLine[],
  method: string,
  info: RequestInfo,
): ParsedUpgrade | Refused {
  const named = headerItems(headers, 'upgrade')
  const [token] = named
  const announced = isAnnounced(headers)
  if (token === undefined) return withoutUpgrade(announced, info)
  if (!announced) return refuse('odd-upgrade', 'a protocol is named, but connection does not say upgrade')
  const upgrade = PROTOCOLS.get(token.toLowerCase())
  if (upgrade === undefined || named.length > 1) return refuse('odd-upgrade', 'only websocket or SPDY/3.1')
  const tunnels = isStreamTarget(info) || isProxy(info)
  if (!tunnels && !(upgrade === 'websocket' && isSentAsMessages(info))) {
    return refuse('odd-upgrade', 'nothing to upgrade here')
  }
  const wanted = upgrade === 'websocket' ? 'GET' : 'POST'
  if (method !== wanted) return refuse('odd-upgrade', `${upgrade} comes with ${wanted}`)
  return { kind: 'upgrade', upgrade }
}

function withoutUpgrade(announced: boolean, info: RequestInfo): ParsedUpgrade | Refused {
  // The API server looks for this word alone when it decides whether to tunnel.
  if (announced) return refuse('odd-upgrade', 'connection says upgrade, but no protocol is named')
  if (isStreamTarget(info)) return refuse('odd-upgrade', `${info.subresource} needs an upgrade`)
  return { kind: 'upgrade', upgrade: null }
}

function isAnnounced(headers: readonly HeaderLine[]): boolean {
  return headerItems(headers, 'connection').some(token => token.toLowerCase() === 'upgrade')
}
