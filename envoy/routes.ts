import type { RouteClass } from '../src/request/http-request.ts'
import { any } from './any.ts'

const WRITE_BYTES = 3 * 1024 * 1024
/** Reads have no body: enough for the authorizer to see one and refuse it. */
const READ_BYTES = 64 * 1024
/** No lease lives longer; the authorizer's own limit comes first. */
const LONGEST_STREAM = '86400s'

const GET = { name: ':method', string_match: { exact: 'GET' } }
const HEAD = { name: ':method', string_match: { exact: 'HEAD' } }
const PROXY = '/api/v1/(namespaces/[^/]+/(pods|services)|nodes)/[^/]+/proxy(/.*)?|/api/v1/proxy/.*'

function route(name: RouteClass, match: object): object {
  return {
    name,
    match,
    route: { ...ACTIONS[name] },
    typed_per_filter_config: {
      'envoy.filters.http.ext_authz': any('envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute', {
        check_settings: { context_extensions: { route: name }, ...BODIES[name] },
      }),
      ...(name === 'stream' || name === 'upgrade' ? CUTTABLE : {}),
    },
  }
}

/** Quiet for a minute is broken for a request that ends by itself, and normal for a stream. */
const SHORT = { cluster: 'api_server', timeout: '0s', idle_timeout: '60s' }
const LONG = { timeout: '0s', idle_timeout: '0s', max_stream_duration: { max_stream_duration: LONGEST_STREAM } }

const ACTIONS = {
  read: SHORT,
  write: SHORT,
  stream: { cluster: 'api_server', ...LONG },
  // Upgrades over HTTP/2 would become extended CONNECT, which kube-apiserver does not speak.
  upgrade: { cluster: 'api_server_upgrades', ...LONG },
} as const satisfies Record<RouteClass, object>

const BODIES = {
  read: { with_request_body: buffer(READ_BYTES) },
  stream: { with_request_body: buffer(READ_BYTES) },
  write: { with_request_body: buffer(WRITE_BYTES) },
  // An SPDY upgrade never ends its body: buffering it would wait for ever.
  upgrade: { disable_request_body_buffering: true },
} as const satisfies Record<RouteClass, object>

/** Turns on the side stream that the authorizer cuts by. */
const CUTTABLE = {
  cut: any('envoy.config.route.v3.FilterConfig', { config: {}, disabled: false }),
}

function buffer(bytes: number): object {
  return { max_request_bytes: bytes, allow_partial_message: false, pack_as_bytes: true }
}

/**
 * Which class a request is of, first match wins, the last matches all: no request is without a check. A watch is recognised by the
 * key alone, however its value is spelt; what is spelt otherwise the authorizer refuses, since it reads the request itself.
 */
export const ROUTES: readonly object[] = [
  route('upgrade', { prefix: '/', headers: [{ name: 'upgrade', present_match: true }] }),
  route('stream', { prefix: '/', headers: [GET], query_parameters: [{ name: 'watch', present_match: true }] }),
  route('stream', { prefix: '/', headers: [GET], query_parameters: [{ name: 'follow', present_match: true }] }),
  route('stream', { safe_regex: { regex: '/apis?/.*/watch/.*|/api/[^/]+/watch/.*|.*/log' }, headers: [GET] }),
  route('stream', { safe_regex: { regex: PROXY } }),
  route('read', { prefix: '/', headers: [GET] }),
  route('read', { prefix: '/', headers: [HEAD] }),
  route('write', { prefix: '/' }),
]
