import type { ApiRequest, ReadRequest, RequestInfo } from './api-request.ts'
import { mediaType, refuseBody } from './body.ts'
import { refuseHeaders } from './headers.ts'
import type { HttpRequest } from './http-request.ts'
import { answerOf } from './needs/answer.ts'
import { streamTarget } from './needs/connect.ts'
import { portsOf, refusePorts } from './needs/port-forward.ts'
import { isLongRunning, routesFor } from './needs/routes.ts'
import { requiredVerbs } from './needs/verbs.ts'
import { readObject } from './object/read-object.ts'
import { readOptions } from './options/options.ts'
import { refuseOptionsTwice } from './options/said-twice.ts'
import { parsePath } from './path/path.ts'
import { refuseLetters } from './path/plain-names.ts'
import { toRequestInfo } from './path/request-info.ts'
import { parseQuery, type Query } from './query.ts'
import { type Refused, refuse } from './refuse.ts'
import { parseUpgrade } from './upgrade.ts'

/** OPTIONS is read as Kubernetes reads it (on resources the verb is ''); TRACE, CONNECT and any method in lower case are not. */
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/** Reads a request as kube-apiserver will, and refuses what could be read in two ways or came on a route of another class. */
export function readRequest(http: HttpRequest): ReadRequest {
  const read = readAnywhere(http)
  if (read.kind === 'refused') return read
  const { routes } = read.request
  if (http.route !== null && routes.includes(http.route)) return read
  return { ...refuse('wrong-route', `needs a route of class ${routes.join(' or ')}`), info: read.request.info }
}

/** The same without Envoy: for a request that came on no route. */
export function readAnywhere(http: HttpRequest): ReadRequest {
  const head = parseHead(http)
  if (head.kind === 'refused') return head
  const { info, query, upgrade } = head
  const body =
    refuseBody(http, upgrade !== null) ??
    refuseOptionsTwice({ info, query, contentType: mediaType(http), body: http.body })
  if (body !== null) return { ...body, info }
  return { kind: 'read', request: toApiRequest(http, head) }
}

/** As much as the head says, while its body is still to come. */
export function readHead(http: HttpRequest): ReadRequest {
  const head = parseHead(http)
  return head.kind === 'refused' ? head : { kind: 'read', request: toApiRequest(http, head) }
}

interface Head {
  readonly kind: 'head'
  readonly info: RequestInfo
  readonly inNamespace: boolean
  readonly path: string
  readonly rawQuery: string
  readonly query: Query
  readonly upgrade: ApiRequest['upgrade']
}

function parseHead(http: HttpRequest): Head | Refused {
  if (!METHODS.has(http.method)) return refuse('odd-method', 'method not known to Kubernetes')
  const forbidden = refuseHeaders(http.headers)
  if (forbidden !== null) return forbidden

  const { path, rawQuery } = splitTarget(http.target)
  const parsed = parsePath(path)
  if (parsed.kind === 'refused') return parsed
  const asked = parseQuery(rawQuery)
  if (asked.kind === 'refused') return asked
  const read = toRequestInfo({ method: http.method, segments: parsed.segments, query: asked.query })
  if (read.kind === 'refused') return read
  const { info, inNamespace } = read
  // Rules for non-resource paths are compared with the path as it is written: there must be only one way to write it.
  if (!info.isResourceRequest && path.includes('%')) return refuse('odd-path', 'percent-escape outside of resources')

  const letters = refuseLetters(info)
  if (letters !== null) return letters

  const upgraded = parseUpgrade(http.headers, http.method, info)
  if (upgraded.kind === 'refused') return { ...upgraded, info }
  const { upgrade } = upgraded
  const ports = refusePorts({ info, query: asked.query, upgrade, headers: http.headers })
  if (ports !== null) return { ...ports, info }
  return { kind: 'head', info, inNamespace, path, rawQuery, query: asked.query, upgrade }
}

function toApiRequest(http: HttpRequest, { info, inNamespace, path, rawQuery, query, upgrade }: Head): ApiRequest {
  const contentType = mediaType(http)
  const object = once(() => readObject({ info, contentType, upgrade }, http.body))
  const answer = once(() => answerOf({ info, query, headers: http.headers, upgrade }))
  const options = once(() => readOptions({ info, contentType }, query, http.body))
  const verbs = once(() => requiredVerbs({ info, contentType, upgrade, object: object() }))
  return {
    info,
    inNamespace,
    path,
    query: rawQuery,
    method: http.method,
    contentType,
    upgrade,
    stream: streamTarget(info, query),
    ports: portsOf(info, query),
    routes: routesFor(info, http.method, upgrade),
    longRunning: isLongRunning(info, query, upgrade),
    get answer() {
      return answer()
    },
    get object() {
      return object()
    },
    get options() {
      return options()
    },
    get verbs() {
      return verbs()
    },
  }
}

function once<T extends object | string>(make: () => T): () => T {
  let made: T | null = null
  return () => {
    made ??= make()
    return made
  }
}

function splitTarget(target: string): { readonly path: string; readonly rawQuery: string } {
  const cut = target.indexOf('?')
  return cut === -1 ? { path: target, rawQuery: '' } : { path: target.slice(0, cut), rawQuery: target.slice(cut + 1) }
}
