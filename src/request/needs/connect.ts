import type { RequestInfo, StreamTarget } from '../api-request.ts'
import { firstValue, isTrue, type Query } from '../query.ts'

const STREAMS: ReadonlySet<string> = new Set(['exec', 'attach', 'portforward'])
const PROXIED: ReadonlySet<string> = new Set(['pods', 'services', 'nodes'])

/** exec, attach and portforward of pods: one capability each, whichever method and protocol they come with. */
export function isStreamTarget(info: RequestInfo): boolean {
  return info.apiGroup === '' && info.resource === 'pods' && STREAMS.has(info.subresource)
}

/** A command in a pod, and what is typed to it and what it says. */
export function isSession(info: RequestInfo): boolean {
  return isStreamTarget(info) && info.subresource !== 'portforward'
}

/** The API server as an HTTP client inside the cluster. */
export function isProxy(info: RequestInfo): boolean {
  return info.apiGroup === '' && PROXIED.has(info.resource) && info.subresource === 'proxy'
}

/**
 * What the API server also sends as messages of a WebSocket, in one direction alone: any watch, and logs of pods (HandleWS and
 * StreamObject of k8s.io/apiserver). Whatever the client says in it is thrown away, so it is the same read as without.
 */
export function isSentAsMessages(info: RequestInfo): boolean {
  const isLog = info.apiGroup === '' && info.resource === 'pods' && info.subresource === 'log'
  return info.verb === 'watch' || (isLog && info.verb === 'get')
}

/** PodExecOptions and PodAttachOptions; null for everything else. Attach has no command, whatever the query says. */
export function streamTarget(info: RequestInfo, query: Query): StreamTarget | null {
  if (!isSession(info)) return null
  return {
    command: info.subresource === 'exec' ? (query.get('command') ?? []) : [],
    container: firstValue(query, 'container') ?? '',
    stdin: isTrue(query, 'stdin'),
    tty: isTrue(query, 'tty'),
  }
}
