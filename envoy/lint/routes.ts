import { ROUTE_CLASSES, type RouteClass } from '../../src/request/http-request.ts'
import {
  type Bootstrap,
  boundaries,
  type Cluster,
  clustersOf,
  isRecorded,
  type Route,
  type VirtualHost,
} from './bootstrap.ts'
import { absent, between, holds, type Pattern, seconds } from './pattern.ts'

const CHECK = 'envoy.filters.http.ext_authz'
const PROTOCOL = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions'
const DAY = 86_400
const MEBIBYTE = 1024 * 1024

/** Anything else may have been done already: sent again it would be done twice, and decided once. */
const NEVER_BEGUN: Pattern = {
  retry_on:
    /^(connect-failure|refused-stream|reset-before-request)(,(connect-failure|refused-stream|reset-before-request))*$/,
}

const SHORT: Pattern = { idle_timeout: seconds(1, 300), retry_policy: NEVER_BEGUN }
const LONG: Pattern = {
  timeout: '0s',
  idle_timeout: '0s',
  flush_timeout: seconds(1, 3600),
  retry_policy: NEVER_BEGUN,
  max_stream_duration: { max_stream_duration: seconds(1, DAY) },
}

const ACTION = { read: SHORT, write: SHORT, stream: LONG, upgrade: LONG, session: LONG } as const satisfies Record<
  RouteClass,
  Pattern
>

/** No more than a head may have: whoever has no lease may make Envoy keep so much. */
const UNASKED = 1024

/** Most that a route of the class buffers. */
const BODY = {
  read: UNASKED,
  stream: 512 * 1024,
  write: 3 * MEBIBYTE,
  // An SPDY upgrade never ends its body.
  upgrade: null,
  session: null,
} as const satisfies Record<RouteClass, number | null>

/** What Envoy speaks to an upstream of upgrades: plain HTTP/1.1, and nobody else's request on that connection. */
const ONE_REQUEST_EACH: Pattern = {
  explicit_http_config: { http_protocol_options: value => value !== undefined },
  common_http_protocol_options: { max_requests_per_connection: 1 },
}

/** Whatever it does not see, the authorizer refuses: it is not of this class. */
const SESSION = '/api/v1/namespaces/[^/]+/pods/[^/]+/(exec|attach)/?'
const UPGRADE: Pattern = { name: 'upgrade', present_match: true }

/** Which class a request comes on, and what that class is given. */
export function routes(bootstrap: Bootstrap): readonly string[] {
  return boundaries(bootstrap).flatMap(({ name, manager }) => [
    ...(manager.route_config?.typed_per_filter_config === undefined ? [] : [`${name}: filters are set for all routes`]),
    ...(manager.route_config?.virtual_hosts ?? []).flatMap(host => virtualHost(name, host, bootstrap)),
  ])
}

function virtualHost(
  name: string,
  { domains = [], routes: all = [], typed_per_filter_config }: VirtualHost,
  bootstrap: Bootstrap,
): readonly string[] {
  const [first, second] = all
  return [
    // A second virtual host is a second set of routes: easy to forget.
    ...holds(`${name}: domains`, domains, ['*']),
    ...(typed_per_filter_config === undefined ? [] : [`${name}: filters are set for a virtual host`]),
    ...(isCatchAll(all.at(-1)) ? [] : [`${name}: the last route must match everything`]),
    ...holds(`${name}: the first route`, first?.match, { safe_regex: { regex: SESSION }, headers: [UPGRADE] }),
    ...(classOf(first) === 'session' ? [] : [`${name}: the first route must be of class session`]),
    // Whatever else it says: a request to upgrade is nothing else.
    ...holds(`${name}: the second route`, second?.match, { prefix: '/', headers: [UPGRADE] }),
    ...(classOf(second) === 'upgrade' ? [] : [`${name}: the second route must be of class upgrade`]),
    // Without a route it would pass the check.
    ...(all.some(isConnect) ? [] : [`${name}: there is no route for CONNECT`]),
    ...all.flatMap((route, index) => oneRoute(`${name}: route ${index}`, route, bootstrap)),
  ]
}

function isCatchAll(route: Route | undefined): boolean {
  return JSON.stringify(route?.match) === '{"prefix":"/"}'
}

function isConnect({ match }: Route): boolean {
  return match !== undefined && 'connect_matcher' in match
}

function classOf(route: Route | undefined): RouteClass | undefined {
  const { context_extensions } = settingsOf(route?.typed_per_filter_config?.[CHECK])
  return ROUTE_CLASSES.find(each => each === context_extensions?.['route'])
}

function oneRoute(at: string, route: Route, bootstrap: Bootstrap): readonly string[] {
  if (isConnect(route)) return connect(at, route)
  const name = classOf(route)
  if (name === undefined) return [`${at} names no class`]
  const {
    [CHECK]: check,
    head,
    cut,
    tunnel,
    recorder,
    'session-id': sessionId,
    ...others
  } = route.typed_per_filter_config ?? {}
  const isTunnel = name === 'upgrade' || name === 'session'
  const isKept = name === 'session' && isRecorded(bootstrap)
  return [
    ...holds(`${at}: route`, route.route, ACTION[name]),
    ...body(at, name, settingsOf(check), settingsOf(head)),
    ...(isTunnel || name === 'stream' ? holds(`${at}: cut`, cut, { disabled: false }) : []),
    ...holds(`${at}: tunnel`, tunnel, isTunnel ? { disabled: false } : absent),
    ...holds(`${at}: recorder`, recorder, isKept ? { disabled: false } : absent),
    ...holds(`${at}: session-id`, sessionId, isKept ? { disabled: false } : absent),
    ...(isKept ? holds(`${at}: cluster`, route.route?.cluster, 'tunnel') : []),
    ...Object.keys(others).map(filter => `${at} changes the filter ${filter}`),
    ...(isTunnel
      ? upgrades(
          at,
          clustersOf(bootstrap).find(each => each.name === route.route?.cluster),
        )
      : []),
  ]
}

/** Answered by Envoy itself: it leads nowhere. */
function connect(at: string, route: Route): readonly string[] {
  return holds(at, route, { direct_response: { status: 405 }, route: absent, typed_per_filter_config: absent })
}

function upgrades(at: string, cluster: Cluster | undefined): readonly string[] {
  return holds(`${at}: cluster`, cluster?.typed_extension_protocol_options?.[PROTOCOL], ONE_REQUEST_EACH)
}

interface CheckSettings {
  readonly context_extensions?: Readonly<Record<string, string>>
  readonly with_request_body?: { readonly max_request_bytes?: number }
}

function settingsOf(filter: Readonly<Record<string, unknown>> | undefined): CheckSettings {
  return filter?.['check_settings'] ?? {}
}

/** What is buffered is within bounds, and asked about before. */
function body(at: string, name: RouteClass, check: CheckSettings, head: CheckSettings): readonly string[] {
  const most = BODY[name]
  if (most === null) return holds(`${at}: ext_authz`, check, { disable_request_body_buffering: true })
  const bytes = check.with_request_body?.max_request_bytes ?? 0
  const counted = { route: name, body_limit: String(bytes) }
  return [
    ...holds(`${at}: ext_authz`, check, buffered(most)),
    ...(bytes > UNASKED ? holds(`${at}: ext_authz`, check, { context_extensions: counted }) : []),
    ...(bytes > UNASKED ? holds(`${at}: head`, head, { context_extensions: { ...counted, part: 'head' } }) : []),
    ...holds(`${at}: ext_authz`, check, { context_extensions: { part: absent } }),
  ]
}

function buffered(most: number): Pattern {
  return {
    with_request_body: { max_request_bytes: between(1, most), allow_partial_message: false, pack_as_bytes: true },
    disable_request_body_buffering: absent,
  }
}
