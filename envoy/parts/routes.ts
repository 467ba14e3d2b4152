import type { RouteClass } from '../../src/request/http-request.ts'
import { any } from '../any.ts'
import { STALLED_SECONDS } from '../settings.ts'
import { NO_BYTES, SMALL_BYTES, WRITE_BYTES } from '../sizes.ts'

const EXT_AUTHZ = 'envoy.filters.http.ext_authz'

/** No lease lives longer; the authorizer's own limit comes first. */
const LONGEST_STREAM = '86400s'

const GET = { name: ':method', string_match: { exact: 'GET' } }
const HEAD = { name: ':method', string_match: { exact: 'HEAD' } }
const DELETE = { name: ':method', string_match: { exact: 'DELETE' } }
/** However else it could be spelt, the authorizer refuses it here. */
const SESSION = '/api/v1/namespaces/[^/]+/pods/[^/]+/(exec|attach)/?'
const UPGRADE = { name: 'upgrade', present_match: true }
const PROXY = '/api/v1/(namespaces/[^/]+/(pods|services)|nodes)/[^/]+/proxy(/.*)?|/api/v1/proxy/.*'

/** `bytes`: how large a body is waited for; null where none is. */
function route(name: RouteClass, match: object, bytes: number | null) {
  return {
    name,
    match,
    route: { ...ACTIONS[name] },
    typed_per_filter_config: { ...checks(name, bytes), ...SWITCHED_ON[name] },
  }
}

/** What is waited for is asked about twice: its head alone, by which the authorizer counts it, and then the whole. */
function checks(route: RouteClass, bytes: number | null): object {
  if (bytes === null) return { [EXT_AUTHZ]: check({ route }, UNBUFFERED) }
  if (bytes === NO_BYTES) return { [EXT_AUTHZ]: check({ route }, buffered(bytes)) }
  const counted = { route, body_limit: String(bytes) }
  return { head: check({ ...counted, part: 'head' }, {}), [EXT_AUTHZ]: check(counted, buffered(bytes)) }
}

function check(context_extensions: object, body: object): object {
  return any('envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute', {
    check_settings: { context_extensions, ...body },
  })
}

/**
 * What the API server never began is sent again, and nothing else: the request was decided, recorded and counted once, and stays so. An
 * API server refuses streams whenever it wants its clients to connect anew (GOAWAY).
 */
const RETRY = {
  retry_on: 'connect-failure,refused-stream,reset-before-request',
  num_retries: 5,
  retry_back_off: { base_interval: '0.01s', max_interval: '0.2s' },
}

/** Quiet for a minute is broken for a request that ends by itself, and normal for a stream. */
const SHORT = { cluster: 'api_server', timeout: '0s', idle_timeout: '60s', retry_policy: RETRY }
const LONG = {
  timeout: '0s',
  idle_timeout: '0s',
  // Over HTTP/2: how long the end of an answer waits for a client that does not take it. Without it for ever, since nothing else ends it.
  flush_timeout: `${STALLED_SECONDS}s`,
  max_stream_duration: { max_stream_duration: LONGEST_STREAM },
  retry_policy: RETRY,
}

const ACTIONS = {
  read: SHORT,
  write: SHORT,
  stream: { cluster: 'api_server', ...LONG },
  // Upgrades over HTTP/2 would become extended CONNECT, which kube-apiserver does not speak.
  upgrade: { cluster: 'api_server_upgrades', ...LONG },
  session: { cluster: 'api_server_upgrades', ...LONG },
} as const satisfies Record<RouteClass, object>

/** An SPDY upgrade never ends its body: buffering it would wait for ever. */
const UNBUFFERED = { disable_request_body_buffering: true }

function buffered(bytes: number): object {
  return { with_request_body: { max_request_bytes: bytes, allow_partial_message: false, pack_as_bytes: true } }
}

const ON = any('envoy.config.route.v3.FilterConfig', { config: {}, disabled: false })

/** Turns on the side stream that the authorizer cuts by. */
const CUTTABLE = { cut: ON }

/** Turns on what reads how a tunnel ends. */
const WATCHED = { tunnel: ON }

const SWITCHED_ON = {
  read: {},
  write: {},
  stream: CUTTABLE,
  upgrade: { ...CUTTABLE, ...WATCHED },
  session: { ...CUTTABLE, ...WATCHED },
} as const satisfies Record<RouteClass, object>

/** Turns on what records; it is no filter of the chain where there is no recorder. */
const RECORDED = { recorder: ON, 'session-id': ON }

/**
 * Tunnels to anywhere are no part of this. With a route for them, Envoy refuses them before any filter; without one they would go
 * past the check as far as the guard.
 */
const CONNECT = { name: 'connect', match: { connect_matcher: {} }, direct_response: { status: 405 } }

/**
 * Which class a request is of, first match wins, the last matches all: no request is without a check. A watch is recognised by the
 * key alone, however its value is spelt; what is spelt otherwise the authorizer refuses, since it reads the request itself.
 */
export function routes(isRecorded: boolean): readonly object[] {
  return [session(isRecorded), ...OTHERS]
}

/** No port forward and no proxy is one: what goes through them is the business of programs. */
function session(isRecorded: boolean): object {
  const one = route('session', { safe_regex: { regex: SESSION }, headers: [UPGRADE] }, null)
  const { typed_per_filter_config } = one
  if (!isRecorded) return one
  return {
    ...one,
    route: { ...one.route, cluster: 'tunnel' },
    typed_per_filter_config: { ...typed_per_filter_config, ...RECORDED },
  }
}

const OTHERS: readonly object[] = [
  route('upgrade', { prefix: '/', headers: [UPGRADE] }, null),
  route(
    'stream',
    { prefix: '/', headers: [GET], query_parameters: [{ name: 'watch', present_match: true }] },
    NO_BYTES,
  ),
  route(
    'stream',
    { prefix: '/', headers: [GET], query_parameters: [{ name: 'follow', present_match: true }] },
    NO_BYTES,
  ),
  route(
    'stream',
    { safe_regex: { regex: '/apis?/.*/watch/.*|/api/[^/]+/watch/.*|.*/log/?' }, headers: [GET] },
    NO_BYTES,
  ),
  route('stream', { safe_regex: { regex: PROXY }, headers: [GET] }, NO_BYTES),
  route('stream', { safe_regex: { regex: PROXY } }, SMALL_BYTES),
  route('read', { prefix: '/', headers: [GET] }, NO_BYTES),
  route('read', { prefix: '/', headers: [HEAD] }, NO_BYTES),
  route('write', { prefix: '/', headers: [DELETE] }, SMALL_BYTES),
  CONNECT,
  route('write', { prefix: '/' }, WRITE_BYTES),
]
