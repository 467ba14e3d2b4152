import type { Series } from '../../lease/questions/series.ts'
import { isRead } from '../../lease/scope/scope.ts'
import type { ApiRequest, RequestInfo } from '../../request/api-request.ts'
import { isSentAsMessages, isStreamTarget } from '../../request/needs/connect.ts'
import { DELETE_OPTIONS } from '../../request/options/delete-options.ts'
import { isDelete } from '../../request/options/said-twice.ts'
import { decodeUtf8 } from '../../request/path/path.ts'
import { firstValue, isTrue, parseQuery, type Query } from '../../request/query.ts'
import { knownParameters, type ParameterKind } from './known-query.ts'
import { seriesOf } from './series.ts'

/** A request in the one way that all its spellings come down to. */
export interface Canonical {
  readonly kind: 'canonical'
  readonly method: string
  readonly path: string
  /** Sorted by name; a list keeps its order. */
  readonly parameters: readonly (readonly [name: string, value: string])[]
  readonly contentType: string
  /** Where one yes is for several requests; what tells its pages apart is in no parameter. */
  readonly series: Series | null
}

/** A parameter without a meaning, of what changes something: what it was meant to do nobody could be shown. */
export interface UnknownParameter {
  readonly kind: 'unknown-parameter'
  readonly name: string
  readonly known: readonly string[]
}

/** Nothing different happens: layout of the answer, how long the client waits, and what the boundary sets itself. */
const WITHOUT_EFFECT: ReadonlySet<string> = new Set(['pretty', 'timeout', 'timeoutSeconds'])

/**
 * Of lists and watches: from which version on, in how large pages, with which signs in between. Informers choose another with every
 * try, and whoever may see the objects may see them by each of these. `continue` is another page, and an exact version is the past.
 */
const HOW_IT_IS_TOLD: ReadonlySet<string> = new Set([
  ...['resourceVersion', 'resourceVersionMatch', 'sendInitialEvents', 'allowWatchBookmarks', 'limit'],
])
const MANY: ReadonlySet<string> = new Set(['list', 'watch'])

/** What a delete with a body says in its query the API server does not look at. */
const IN_BODY: ReadonlySet<string> = new Set(DELETE_OPTIONS)
const NOTHING: ReadonlySet<string> = new Set()

export function canonicalRequest(request: ApiRequest, bodyBytes: number): Canonical | UnknownParameter {
  const { info, path } = request
  const frame = {
    kind: 'canonical',
    method: methodOf(request),
    contentType: contentTypeOf(request, bodyBytes),
    series: seriesOf(request),
  } as const
  const known = knownParameters(info)
  // What is handed on, or read by who knows whom, is what it is written as.
  if (known === null) return { ...frame, path, parameters: request.query === '' ? [] : [['?', request.query]] }
  const parsed = parseQuery(request.query)
  if (parsed.kind === 'refused') return { kind: 'unknown-parameter', name: '?', known: [] }
  const unknown = isPlainRead(info) ? undefined : [...parsed.query.keys()].find(name => !known.has(name))
  if (unknown !== undefined) return { kind: 'unknown-parameter', name: unknown, known: [...known.keys()].toSorted() }
  const without = withoutMeaning(info, parsed.query, bodyBytes)
  const query = new Map([...parsed.query].filter(([name]) => !without.has(name)))
  const parameters = parametersOf(query, known)
  const ofAll = frame.series?.kind === 'pages' ? parameters.filter(([name]) => name !== 'continue') : parameters
  return { ...frame, path: decoded(path), parameters: ofAll }
}

/**
 * What the API server does not know it does not look at: a read with it is the same read. A newer one may know it, so that it is bound as
 * it stands; of a no nobody gets away by it, which is to the object.
 */
function isPlainRead(info: RequestInfo): boolean {
  return isRead(info.verb) && !isStreamTarget(info)
}

function withoutMeaning(info: RequestInfo, query: Query, bodyBytes: number): ReadonlySet<string> {
  if (MANY.has(info.verb)) return firstValue(query, 'resourceVersionMatch') === 'Exact' ? NOTHING : HOW_IT_IS_TOLD
  return isDelete(info) && bodyBytes > 0 ? IN_BODY : NOTHING
}

/**
 * exec, attach and port-forward are one capability whether they come as GET (WebSocket) or POST (SPDY): kubectl tries both for one
 * command, and one yes must serve whichever gets through. So with watches and logs, which clients ask for as messages first and
 * plainly then. Elsewhere a tunnel of one method or protocol is not that of another.
 */
function methodOf({ info, method, upgrade }: ApiRequest): string {
  if (upgrade === null || isSentAsMessages(info)) return method
  return isStreamTarget(info) ? 'UPGRADE' : `UPGRADE ${method} ${upgrade}`
}

/** What names no type is JSON to the API server. */
function contentTypeOf({ contentType }: ApiRequest, bodyBytes: number): string {
  if (bodyBytes === 0) return ''
  return contentType === '' ? 'application/json' : contentType
}

/** No segment holds a slash: an escaped one is refused long before. */
function decoded(path: string): string {
  const segments = path.split('/').map(segment => decodeUtf8(segment) ?? segment)
  if (segments.at(-1) === '') segments.pop()
  return segments.join('/')
}

function parametersOf(query: Query, known: ReadonlyMap<string, ParameterKind>): Canonical['parameters'] {
  return [...query]
    .filter(([name]) => !WITHOUT_EFFECT.has(name))
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([name, values]) =>
      values.map(value => [name, canonicalValue(query, name, value, known.get(name))] as const),
    )
}

/** `1`, `yes` and nothing at all are true to the API server, `+5` is 5. */
function canonicalValue(query: Query, name: string, value: string, kind: ParameterKind | undefined): string {
  if (kind === 'flag') return String(isTrue(query, name))
  if (kind === 'number' && /^[+-]?\d{1,19}$/.test(value)) return BigInt(value.replace('+', '')).toString()
  return value
}
