import { type Bootstrap, boundaries, clustersOf, type Entrance, entrances } from './bootstrap.ts'
import { between, holds, type Pattern, seconds } from './pattern.ts'

const MEBIBYTE = 1024 * 1024
const DAY = 86_400

/** Half of this fits into the smallest buffer of a route, or Envoy would wait for ever between the two checks. */
const BEFORE_ASKED = 128 * 1024

/** Where strangers knock. */
const MANAGER: Pattern = {
  use_remote_address: true,
  path_with_escaped_slashes_action: 'REJECT_REQUEST',
  max_request_headers_kb: between(1, 224),
  request_headers_timeout: seconds(1, 30),
  request_timeout: seconds(10, 120),
  // A connection is closed as soon as all is written, and never before: a timer would end slow readers.
  delayed_close_timeout: seconds(0, 0),
  stream_idle_timeout: seconds(0, 300),
  common_http_protocol_options: {
    headers_with_underscores_action: 'REJECT_REQUEST',
    idle_timeout: seconds(1, 300),
    max_headers_count: between(1, 100),
  },
  http_protocol_options: { allow_absolute_url: false },
  http2_protocol_options: {
    max_concurrent_streams: between(1, 100),
    // So much of a body may be here before anybody was asked about its head.
    initial_stream_window_size: between(65_535, BEFORE_ASKED),
    initial_connection_window_size: between(65_535, 4 * MEBIBYTE),
  },
  preserve_external_request_id: false,
}

/** Of a hundred requests on one connection Envoy keeps the heads until their answers are taken. */
const HTTP2: Pattern = { max_request_headers_kb: between(1, 64) }

/** In the kernel's numbers: TCP, and how long what was written may lie there. */
const TCP_USER_TIMEOUT = [6, 18]

const TLS: Pattern = { common_tls_context: { tls_params: { tls_minimum_protocol_version: /^TLSv1_[23]$/ } } }

/** What one client, or many, can take from the others. */
export function limits(bootstrap: Bootstrap): readonly string[] {
  return [
    ...holds('gRPC clients', bootstrap.grpc_async_client_manager_config, {
      max_cached_entry_idle_duration: seconds(DAY, Number.MAX_SAFE_INTEGER),
    }),
    ...entrances(bootstrap).flatMap(entrance),
    ...boundaries(bootstrap).flatMap(recorded),
    ...clustersOf(bootstrap).flatMap(({ name = '', circuit_breakers, connect_timeout }) => [
      ...(circuit_breakers === undefined ? [`cluster ${name} has no circuit breakers`] : []),
      ...holds(`cluster ${name}: connect_timeout`, connect_timeout, seconds(0.1, 5)),
    ]),
  ]
}

function entrance({ name, listener, handshake, tls, manager }: Entrance): readonly string[] {
  return [
    ...holds(name, manager, MANAGER),
    ...(manager['codec_type'] === 'HTTP1' ? [] : holds(name, manager, HTTP2)),
    ...holds(
      `${name}: stream_flush_timeout`,
      manager['stream_flush_timeout'] ?? manager['stream_idle_timeout'],
      seconds(1, 300),
    ),
    ...holds(`${name}: TLS`, tls, TLS),
    ...holds(name, listener, {
      per_connection_buffer_limit_bytes: between(1, BEFORE_ASKED),
      listener_filters_timeout: seconds(0.1, 15),
    }),
    ...holds(`${name}: transport_socket_connect_timeout`, handshake, seconds(1, 15)),
    ...holds(`${name}: TCP_USER_TIMEOUT`, userTimeout(listener), between(1, 3_600_000)),
  ]
}

/** What ends a client that reads nothing, once nothing else does. A running Envoy writes numbers of 64 bits as texts. */
function userTimeout({ socket_options = [] }: Entrance['listener']): number | undefined {
  const [level, name] = TCP_USER_TIMEOUT
  const value = socket_options.find(option => Number(option.level) === level && Number(option.name) === name)?.int_value
  return value === undefined ? undefined : Number(value)
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
