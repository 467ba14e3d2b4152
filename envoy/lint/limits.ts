import { type Bootstrap, boundaries, clustersOf, type Entrance, entrances } from './bootstrap.ts'
import { between, holds, type Pattern, seconds } from './pattern.ts'

const MEBIBYTE = 1024 * 1024
const DAY = 86_400

/** Where strangers knock. */
const MANAGER: Pattern = {
  use_remote_address: true,
  path_with_escaped_slashes_action: 'REJECT_REQUEST',
  max_request_headers_kb: between(1, 60),
  request_headers_timeout: seconds(1, 30),
  request_timeout: seconds(10, 120),
  delayed_close_timeout: seconds(0, 0.5),
  stream_idle_timeout: seconds(0, 300),
  common_http_protocol_options: {
    headers_with_underscores_action: 'REJECT_REQUEST',
    idle_timeout: seconds(1, 3600),
    max_headers_count: between(1, 100),
  },
  http_protocol_options: { allow_absolute_url: false },
  http2_protocol_options: {
    max_concurrent_streams: between(1, 250),
    initial_stream_window_size: between(65_535, MEBIBYTE),
    initial_connection_window_size: between(65_535, 16 * MEBIBYTE),
  },
  preserve_external_request_id: false,
}

const TLS: Pattern = { common_tls_context: { tls_params: { tls_minimum_protocol_version: /^TLSv1_[23]$/ } } }

/** Streams that are opened and reset at once would keep the authorizers busy with nobody's requests. */
const RESETS: Pattern = {
  'http.max_requests_per_io_cycle': 1,
  'overload.premature_reset_total_stream_count': between(1, 500),
}

/** Envoy 1.40 dies of it when it ends, or when a stream ends that was open for a minute. */
const GRACEFUL = 'envoy.reloadable_features.ext_proc_graceful_grpc_close'

const MONITORS = ['envoy.resource_monitors.fixed_heap', 'envoy.resource_monitors.global_downstream_max_connections']
const ACTIONS = ['envoy.overload_actions.shrink_heap', 'envoy.overload_actions.stop_accepting_requests']

/** What one client, or many, can take from the others. */
export function limits(bootstrap: Bootstrap): readonly string[] {
  const { resource_monitors = [], actions = [] } = bootstrap.overload_manager ?? {}
  const runtime = Object.assign({}, ...(bootstrap.layered_runtime?.layers ?? []).map(layer => layer.static_layer))
  return [
    ...holds('runtime', runtime, RESETS),
    ...holds('runtime', runtime, { [GRACEFUL]: value => value === undefined || value === false }),
    ...holds('gRPC clients', bootstrap.grpc_async_client_manager_config, {
      max_cached_entry_idle_duration: seconds(DAY, Number.MAX_SAFE_INTEGER),
    }),
    ...entrances(bootstrap).flatMap(entrance),
    ...boundaries(bootstrap).flatMap(recorded),
    ...absent(MONITORS, resource_monitors),
    ...absent(
      ACTIONS,
      actions.filter(({ triggers = [] }) => triggers.length > 0),
    ),
    ...clustersOf(bootstrap).flatMap(({ name = '', circuit_breakers, connect_timeout }) => [
      ...(circuit_breakers === undefined ? [`cluster ${name} has no circuit breakers`] : []),
      ...holds(`cluster ${name}: connect_timeout`, connect_timeout, seconds(0.1, 5)),
    ]),
  ]
}

function entrance({ name, listener, tls, manager }: Entrance): readonly string[] {
  return [
    ...holds(name, manager, MANAGER),
    ...holds(`${name}: TLS`, tls, TLS),
    ...holds(name, listener, { per_connection_buffer_limit_bytes: between(1, MEBIBYTE) }),
  ]
}

/** Kept while the tap is away, by each worker; the tap takes messages of 8 MiB. */
const KEPT: Pattern = { common_config: { buffer_size_bytes: between(MEBIBYTE, 4 * MEBIBYTE) } }

/** Every request is recorded: refused ones too, and streams while they run. */
function recorded({ name, manager }: Entrance): readonly string[] {
  const whole = (manager.access_log ?? []).filter(({ filter }) => filter === undefined)
  return [
    ...(whole.length === 0 ? [`${name} has no access log of all requests`] : []),
    ...whole.flatMap(({ typed_config }) => holds(`${name}: access log`, typed_config, KEPT)),
    ...holds(name, manager, {
      access_log_options: {
        flush_log_on_tunnel_successfully_established: true,
        access_log_flush_interval: seconds(1, 60),
      },
      local_reply_config: value => value !== undefined,
    }),
  ]
}

function absent(wanted: readonly string[], found: readonly { readonly name?: string }[]): readonly string[] {
  return wanted.filter(each => !found.some(({ name }) => name === each)).map(each => `there is no ${each}`)
}
