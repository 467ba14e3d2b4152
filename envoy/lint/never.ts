import type { Bootstrap } from './bootstrap.ts'

/** Settings that may only be false. */
const FALSE = new Set([
  'accept_http_10',
  'allow_absolute_url',
  'allow_connect',
  'allow_mode_override',
  'allow_partial_message',
  'allow_request_without_credential',
  'clear_route_cache',
  'disable_immediate_response',
  'failure_mode_allow',
  'merge_slashes',
  'normalize_path',
  'observability_mode',
  'pack_trace_reason',
  'preserve_external_request_id',
  'shadow_mode',
])

/** Settings that may not be there: they skip the check, send a request elsewhere, or change it after it was judged. */
const ABSENT = new Set([
  'auto_host_rewrite',
  'cluster_header',
  'deny_at_disable',
  'direct_response',
  'failure_mode_allow_header_add',
  'filter_enabled',
  'filter_enabled_metadata',
  'hedge_policy',
  'host_rewrite_header',
  'host_rewrite_literal',
  'host_rewrite_path_regex',
  'http_service',
  'internal_redirect_policy',
  'path_rewrite_policy',
  'prefix_rewrite',
  'redirect',
  'regex_rewrite',
  'request_headers_to_add',
  'request_mirror_policies',
  'shadow_rules',
  'weighted_clusters',
])

/** Settings with which the boundary would not be one, wherever they stand. */
export function neverSet(bootstrap: Bootstrap): readonly string[] {
  return visit('', bootstrap)
}

function visit(at: string, value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => {
    const here = at === '' ? key : `${at}.${key}`
    return [...judge(here, key, inner, value), ...visit(here, inner)]
  })
}

function judge(here: string, key: string, value: unknown, holder: object): readonly string[] {
  if (key === 'direct_response' && refusesTunnels(holder)) return []
  if (ABSENT.has(key)) return [`${here} must not be set`]
  if (FALSE.has(key) && value !== false) return [`${here} must be false`]
  if (key === 'disabled' && value !== false && !isForSomeRoutes(holder)) return [`${here} must not be set`]
  // A chain of its own for an upgrade would replace ours, the check included.
  if (key === 'upgrade_configs' && JSON.stringify(value).includes('"filters"')) {
    return [`${here} must have no filters of its own`]
  }
  return []
}

/** The one answer that Envoy may have ready: no to every CONNECT. */
function refusesTunnels(holder: object): boolean {
  const { match, direct_response, route } = holder as { match?: object; direct_response?: object; route?: object }
  const isConnect = JSON.stringify(match) === '{"connect_matcher":{}}'
  return isConnect && JSON.stringify(direct_response) === '{"status":405}' && route === undefined
}

/** The filters that routes switch on. */
function isForSomeRoutes(holder: object): boolean {
  return 'name' in holder && ['head', 'cut', 'recorder', 'session-id', 'tunnel'].some(name => name === holder.name)
}
