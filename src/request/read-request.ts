import type { ApiRequest, ReadRequest, RequestInfo } from './api-request.ts'
import { refuseBody } from './body.ts'
import type { HttpRequest } from './http-request.ts'
import { type Lines, readLines } from './lines.ts'
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
import { withLate } from './reading/late.ts'
import type { Looks } from './reading/looks.ts'
import { type Refused, refuse } from './refuse.ts'
import { parseUpgrade } from './upgrade.ts'

/** OPTIONS is read as Kubernetes reads it (on resources the verb is ''); TRACE, CONNECT and any method in lower case are not. */
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/**
 * Reads a request as kube-apiserver will, and refuses what could be read in two ways or came on a route of another class. `lines`: what its headers say;
 * `looks`: by which is told what was looked at of it.
 */
export function readRequest(
  http: HttpRequest,
  lines = readLines(http.headers),
  looks: Looks | null = null,
): ReadRequest {
  const read = readWith(http, lines, looks)
  if (read.kind === 'refused') return read
  const { routes } = read.request
  if (http.route !== null && routes.includes(http.route)) return read
  return { ...refuse('wrong-route', `needs a route of class ${routes.join(' or ')}`), info: read.request.info }
}

/** The same without Envoy: for a request that came on no route. */
export function readAnywhere(http: HttpRequest): ReadRequest {
  return readWith(http, readLines(http.headers), null)
}

function readWith(http: HttpRequest, lines: Lines, looks: Looks | null): ReadRequest {
  const head = parseHead(http, lines)
  if (head.kind === 'refused') return head
  const { info, query, upgrade } = head
  const { contentType } = lines
  const body =
    refuseBody(http, lines, upgrade !== null) ?? refuseOptionsTwice({ info, query, contentType, body: http.body })
  if (body !== null) return { ...body, info }
  if (looks === null) return { kind: 'read', request: toApiRequest(http, lines, head) }
  const request = toApiRequest(http, lines, { ...head, info: looks.ofInfo(info) })
  return { kind: 'read', request: looks.ofRequest(request) }
}

/** As much as the head says, while its body is still to come. */
export function readHead(http: HttpRequest): ReadRequest {
  const lines = readLines(http.headers)
  const head = parseHead(http, lines)
  return head.kind === 'refused' ? head : { kind: 'read', request: toApiRequest(http, lines, head) }
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

function parseHead(http: HttpRequest, lines: Lines): Head | Refused {
  if (!METHODS.has(http.method)) return refuse('odd-method', 'method not known to Kubernetes')
  if (lines.refused !== null) return lines.refused

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

  const upgraded = parseUpgrade(lines, http.method, info)
  if (upgraded.kind === 'refused') return { ...upgraded, info }
  const { upgrade } = upgraded
  const ports = refusePorts({ info, query: asked.query, upgrade, headers: lines.headers })
  if (ports !== null) return { ...ports, info }
  return { kind: 'head', info, inNamespace, path, rawQuery, query: asked.query, upgrade }
}

function toApiRequest(http: HttpRequest, { headers, contentType }: Lines, head: Head): ApiRequest {
  const { info, inNamespace, path, rawQuery, query, upgrade } = head
  // What is made late holds these, and not all that was sent: a reading may be kept (src/authorizer/head).
  const { method } = http
  const body = http.body.length === 0 ? NOTHING : http.body
  const request: ApiRequest = withLate<Omit<ApiRequest, keyof LateOfRequest>, LateOfRequest>(
    {
      info,
      inNamespace,
      path,
      query: rawQuery,
      method,
      contentType,
      upgrade,
      stream: streamTarget(info, query),
      ports: portsOf(info, query),
      routes: routesFor(info, method, upgrade),
      longRunning: isLongRunning(info, query, upgrade),
    },
    {
      answer: () => answerOf({ info, query, headers, upgrade }),
      object: () => readObject({ info, contentType, upgrade }, body),
      options: () => readOptions({ info, contentType }, query, body),
      verbs: () => requiredVerbs({ info, contentType, upgrade, object: request.object }),
    },
  )
  return request
}

const NOTHING = new Uint8Array()

type LateOfRequest = Pick<ApiRequest, 'answer' | 'object' | 'options' | 'verbs'>

function splitTarget(target: string): { readonly path: string; readonly rawQuery: string } {
  const cut = target.indexOf('?')
  return cut === -1 ? { path: target, rawQuery: '' } : { path: target.slice(0, cut), rawQuery: target.slice(cut + 1) }
}
