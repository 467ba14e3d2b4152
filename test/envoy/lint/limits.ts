import { actionOf, clusterOf, managerOf, routeOf, runtimeOf, type Spoiling, type Spoilt } from './spoilt.ts'

export const LIMITS: readonly Spoiling[] = [
  {
    name: 'connections that may rest for an hour',
    spoil: c => (managerOf(c).common_http_protocol_options.idle_timeout = '3600s'),
    says: /boundary.*idle_timeout/,
  },
  {
    name: 'handshakes that take for ever',
    spoil: c => delete c.static_resources.listeners[1].filter_chains[0].transport_socket_connect_timeout,
    says: /broker: transport_socket_connect_timeout/,
  },
  {
    name: 'answers that wait for their reader for ever',
    spoil: c => delete managerOf(c).stream_flush_timeout,
    says: /boundary: stream_flush_timeout/,
  },
  {
    name: 'long heads over HTTP/2',
    spoil: c => (managerOf(c).max_request_headers_kb = 224),
    says: /boundary\.max_request_headers_kb/,
  },
  {
    name: 'HTTP/2 from whoever begins to speak it, with long heads',
    spoil: c => delete c.static_resources.listeners[0].filter_chains[1].filters[0].typed_config.codec_type,
    says: /boundary\.max_request_headers_kb/,
  },
  {
    name: 'connections that never begin',
    spoil: c => (c.static_resources.listeners[0].listener_filters_timeout = '0s'),
    says: /boundary\.listener_filters_timeout/,
  },
  {
    name: 'one limit of connections for all listeners',
    spoil: c => delete runtimeOf(c)['envoy.resource_limits.listener.broker.connection_limit'],
    says: /listener\.broker\.connection_limit must not be left out/,
  },
  {
    name: 'idle connections that stay when memory is short',
    spoil: c => c.overload_manager.actions.shift(),
    says: /reduce_timeouts must come in time/,
  },
  {
    name: 'idle connections that stay for long when memory is short',
    spoil: c => (actionOf(c, 'reduce_timeouts').typed_config.timer_scale_factors[0].min_timeout = '60s'),
    says: /reduce_timeouts\.timer_scale_factors\.0\.min_timeout/,
  },
  {
    name: 'large streams that are never reset',
    spoil: c => (actionOf(c, 'reset_high_memory_stream').triggers = []),
    says: /reset_high_memory_stream must come in time/,
  },
  {
    name: 'large streams that nobody can tell',
    spoil: c => delete c.overload_manager.buffer_factory_config,
    says: /minimum_account_to_track_power_of_two/,
  },
  {
    name: 'much of a body that comes before anybody is asked',
    spoil: c => (managerOf(c).http2_protocol_options.initial_stream_window_size = 1_048_576),
    says: /initial_stream_window_size/,
  },
  {
    name: 'streams reset at once that are all asked about',
    spoil: c => delete c.layered_runtime.layers[0].static_layer['http.max_requests_per_io_cycle'],
    says: /max_requests_per_io_cycle must not be left out/,
  },
  {
    name: 'side streams that outlive what they stand on',
    spoil: c =>
      (c.layered_runtime.layers[0].static_layer['envoy.reloadable_features.ext_proc_graceful_grpc_close'] = true),
    says: /ext_proc_graceful_grpc_close must not be true/,
  },
  {
    name: 'gRPC clients forgotten while streams stand on them',
    spoil: c => delete c.grpc_async_client_manager_config,
    says: /max_cached_entry_idle_duration must not be left out/,
  },
  { name: 'no overload manager', spoil: c => delete c.overload_manager, says: /fixed_heap[\s\S]*shrink_heap/ },
  {
    name: 'an overload that nothing sets off',
    spoil: c => (actionOf(c, 'stop_accepting_requests').triggers = []),
    says: /stop_accepting_requests/,
  },
  ...(['request_timeout', 'request_headers_timeout', 'max_request_headers_kb', 'delayed_close_timeout'] as const).map(
    name => ({ name: `no ${name}`, spoil: (c: Spoilt) => delete managerOf(c, 'broker')[name], says: RegExp(name) }),
  ),
  {
    name: 'slow readers that are cut off',
    spoil: c => (managerOf(c).delayed_close_timeout = '1s'),
    says: /delayed_close_timeout/,
  },
  {
    name: 'readers that read nothing, for ever',
    spoil: c => (c.static_resources.listeners[0].socket_options = []),
    says: /TCP_USER_TIMEOUT must not be left out/,
  },
  {
    name: 'ends of streams that wait for ever',
    spoil: c => delete routeOf(c, 'stream').route.flush_timeout,
    says: /flush_timeout/,
  },
  ...['5xx', 'reset', 'connect-failure,refused-stream,gateway-error', 'retriable-status-codes'].map(conditions => ({
    name: `writes that are sent again on ${conditions}`,
    spoil: (c: Spoilt) => (routeOf(c, 'write').route.retry_policy.retry_on = conditions),
    says: /retry_policy\.retry_on/,
  })),
  {
    name: 'headers with underscores',
    spoil: c => delete managerOf(c).common_http_protocol_options.headers_with_underscores_action,
    says: /underscores/,
  },
  {
    name: 'escaped slashes',
    spoil: c => (managerOf(c).path_with_escaped_slashes_action = 'UNESCAPE_AND_FORWARD'),
    says: /escaped_slashes/,
  },
  {
    name: 'any number of streams',
    spoil: c => delete managerOf(c).http2_protocol_options.max_concurrent_streams,
    says: /max_concurrent_streams/,
  },
  {
    name: 'large buffers',
    spoil: c => (c.static_resources.listeners[0].per_connection_buffer_limit_bytes = 2 ** 30),
    says: /per_connection_buffer_limit_bytes/,
  },
  {
    name: 'TLS of any age',
    spoil: c => delete c.static_resources.listeners[1].filter_chains[0].transport_socket,
    says: /broker: TLS/,
  },
  {
    name: 'request ids of clients',
    spoil: c => (managerOf(c).preserve_external_request_id = true),
    says: /preserve_external_request_id/,
  },
  {
    name: 'requests that are not recorded',
    spoil: c => (managerOf(c).access_log[0].filter = { not_health_check_filter: {} }),
    says: /no access log of all requests/,
  },
  {
    name: 'outcomes that are dropped as soon as the tap is away',
    spoil: c => delete managerOf(c).access_log[0].typed_config.common_config.buffer_size_bytes,
    says: /buffer_size_bytes/,
  },
  {
    name: 'streams that nobody sees while they run',
    spoil: c => delete managerOf(c).access_log_options.access_log_flush_interval,
    says: /access_log_flush_interval/,
  },
  {
    name: "limits of Envoy's own for open requests",
    spoil: c => delete clusterOf(c, 'api_server').circuit_breakers,
    says: /circuit breakers/,
  },
]
