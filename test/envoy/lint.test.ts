import { beforeAll, describe, expect, test } from 'vitest'
import { lintEnvoy } from '../../envoy/lint/lint.ts'
import { isSafeVersion } from '../../envoy/lint/version.ts'
import { renderEnvoy } from '../../envoy/render.ts'
import { type EnvoySettings, type Part, socket } from '../../envoy/settings.ts'
import { run } from '../../local/process/run.ts'
import { ensureToolchain } from '../../local/toolchain/toolchain.ts'

const LISTENER = { address: '127.0.0.1', port: 7443 }
const SETTINGS: EnvoySettings = {
  boundary: LISTENER,
  broker: { ...LISTENER, port: 7444 },
  serverSecretFile: '/server.json',
  apiServer: {
    host: '10.0.0.1',
    port: 6443,
    certificateName: 'kube',
    caFile: '/ca.crt',
    credential: 'token',
    secretFile: '/s.json',
  },
  authorizers: [socket('/run/a0.sock'), socket('/run/a1.sock')],
  tap: socket('/run/tap.sock'),
  brokerPart: socket('/run/broker.sock'),
  adminSocket: '/run/admin.sock',
}

const remote = (component: string): Part => ({
  kind: 'tcp',
  host: `leasegate-${component}`,
  port: 9001,
  tls: { certificateName: `${component}.leasegate.internal`, caFile: '/parts/ca.crt', clientSecretFile: '/parts.json' },
})
const REMOTE: EnvoySettings = {
  ...SETTINGS,
  authorizers: [remote('authorizer')],
  tap: remote('tap'),
  brokerPart: remote('broker'),
}

// biome-ignore lint/suspicious/noExplicitAny: a rendered configuration is spoilt wherever a rule looks.
type Spoilt = any

const clusterOf = (config: Spoilt, name: string) =>
  config.static_resources.clusters.find((each: Spoilt) => each.name === name)
const tlsOf = (config: Spoilt, name: string) => clusterOf(config, name).transport_socket.typed_config.common_tls_context
const managerOf = (config: Spoilt, name = 'boundary') =>
  config.static_resources.listeners.find((each: Spoilt) => each.name === name).filter_chains[0].filters[0].typed_config
const filterOf = (config: Spoilt, name: string) =>
  managerOf(config).http_filters.find((each: Spoilt) => each.name === name)
const hostOf = (config: Spoilt) => managerOf(config).route_config.virtual_hosts[0]
const checkOf = (route: Spoilt) => route.typed_per_filter_config['envoy.filters.http.ext_authz']
const headOf = (route: Spoilt) => route.typed_per_filter_config.head
const routeOf = (config: Spoilt, name: string) => hostOf(config).routes.find((each: Spoilt) => each.name === name)
const EXT_AUTHZ = 'envoy.filters.http.ext_authz'
const HTTP_PROTOCOL = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions'

interface Spoiling {
  readonly name: string
  readonly spoil: (config: Spoilt) => void
  readonly says: RegExp
}

const CHECK: readonly Spoiling[] = [
  {
    name: 'a chain without the check',
    spoil: c => managerOf(c).http_filters.splice(1, 1),
    says: /the filters must be .*ext_authz/,
  },
  {
    name: 'the guard before the check',
    spoil: c => managerOf(c).http_filters.unshift(...managerOf(c).http_filters.splice(4, 1)),
    says: /the filters must be/,
  },
  {
    name: 'a credential before the guard',
    spoil: c => managerOf(c).http_filters.splice(4, 0, ...managerOf(c).http_filters.splice(5, 1)),
    says: /the filters must be/,
  },
  {
    name: 'a filter of somebody else',
    spoil: c => managerOf(c).http_filters.splice(6, 0, { name: 'lua' }),
    says: /the filters must be/,
  },
  {
    name: 'a check that lets through when it fails',
    spoil: c => (filterOf(c, EXT_AUTHZ).typed_config.failure_mode_allow = true),
    says: /failure_mode_allow/,
  },
  {
    name: 'a check that does not say what happens when it fails',
    spoil: c => delete filterOf(c, EXT_AUTHZ).typed_config.failure_mode_allow,
    says: /failure_mode_allow must not be left out/,
  },
  {
    name: 'a check that only looks',
    spoil: c => (filterOf(c, EXT_AUTHZ).typed_config.shadow_mode = true),
    says: /shadow_mode/,
  },
  {
    name: 'a check for some requests',
    spoil: c => (filterOf(c, EXT_AUTHZ).typed_config.filter_enabled = {}),
    says: /filter_enabled/,
  },
  {
    name: 'a check that is off',
    spoil: c => (filterOf(c, EXT_AUTHZ).disabled = true),
    says: /disabled must not be set/,
  },
  {
    name: 'a check of headers that were joined',
    spoil: c => (filterOf(c, EXT_AUTHZ).typed_config.encode_raw_headers = false),
    says: /encode_raw_headers/,
  },
  {
    name: 'a check of a part of the body',
    spoil: c => (filterOf(c, EXT_AUTHZ).typed_config.with_request_body.allow_partial_message = true),
    says: /allow_partial_message/,
  },
  {
    name: 'an answer that may rewrite anything',
    spoil: c => delete filterOf(c, EXT_AUTHZ).typed_config.decoder_header_mutation_rules,
    says: /decoder_header_mutation_rules/,
  },
  {
    name: 'a check asked again after it may have been journaled',
    spoil: c => (filterOf(c, EXT_AUTHZ).typed_config.grpc_service.retry_policy.retry_on = 'unavailable'),
    says: /retry_on/,
  },
  {
    name: 'a check that waits for minutes',
    spoil: c => (filterOf(c, EXT_AUTHZ).typed_config.grpc_service.timeout = '300s'),
    says: /grpc_service\.timeout/,
  },
  {
    name: 'a cut that lets streams go on when it fails',
    spoil: c => (filterOf(c, 'cut').typed_config.failure_mode_allow = true),
    says: /failure_mode_allow/,
  },
  {
    name: 'a cut that ends with the headers',
    spoil: c => (filterOf(c, 'cut').typed_config.processing_mode.response_trailer_mode = 'SKIP'),
    says: /response_trailer_mode/,
  },
  {
    name: 'a cut that may change requests',
    spoil: c => delete filterOf(c, 'cut').typed_config.mutation_rules,
    says: /mutation_rules/,
  },
  {
    name: 'an identity beside the one that the client sent',
    spoil: c => filterOf(c, 'identity').typed_config.mutations.request_mutations.shift(),
    says: /remove every impersonate-/,
  },
  {
    name: 'an identity that is removed after it was written',
    spoil: c => filterOf(c, 'identity').typed_config.mutations.request_mutations.reverse(),
    says: /remove every impersonate-/,
  },
  {
    name: 'bodies that are kept for anybody',
    spoil: c => managerOf(c).http_filters.shift(),
    says: /the filters must be head/,
  },
  {
    name: 'a head asked about behind the body',
    spoil: c => managerOf(c).http_filters.splice(1, 0, managerOf(c).http_filters.shift()),
    says: /the filters must be head/,
  },
  {
    name: 'a head that waits for its body',
    spoil: c => (filterOf(c, 'head').typed_config.with_request_body = { max_request_bytes: 9 }),
    says: /head.*with_request_body/,
  },
  {
    name: 'an answer to a head that changes the request',
    spoil: c => (filterOf(c, 'head').typed_config.decoder_header_mutation_rules.allow_expression = { regex: 'x' }),
    says: /head.*allow_expression/,
  },
  {
    name: 'heads that pass while nobody answers',
    spoil: c => (filterOf(c, 'head').typed_config.failure_mode_allow = true),
    says: /failure_mode_allow/,
  },
  {
    name: 'a guard that lets all through',
    spoil: c => (filterOf(c, 'guard').typed_config.rules.policies.identified.principals = [{ any: true }]),
    says: /guard/,
  },
  {
    name: 'a guard that only looks',
    spoil: c => (filterOf(c, 'guard').typed_config.shadow_rules = {}),
    says: /shadow_rules/,
  },
  {
    name: 'a guard content with somebody else',
    spoil: c => {
      const [{ sourced_metadata }] = filterOf(c, 'guard').typed_config.rules.policies.identified.principals
      sourced_metadata.metadata_matcher.value.string_match.safe_regex.regex = '.*'
    },
    says: /guard.*regex/,
  },
  {
    name: 'one connection without the certificate that the other one shows',
    spoil: c => {
      const { common_tls_context } = clusterOf(c, 'api_server').transport_socket.typed_config
      common_tls_context.tls_certificate_sds_secret_configs = [{}]
      managerOf(c).http_filters.splice(5, 1)
    },
    says: /the filters must be/,
  },
  {
    name: 'a credential beside the one that the client sent',
    spoil: c => (filterOf(c, 'credential').typed_config.overwrite = false),
    says: /overwrite/,
  },
]

const ROUTES: readonly Spoiling[] = [
  {
    name: 'a route without the check',
    spoil: c => {
      checkOf(routeOf(c, 'read')).check_settings = undefined
      checkOf(routeOf(c, 'read')).disabled = true
    },
    says: /disabled must not be set[\s\S]*names no class/,
  },
  {
    name: 'a route of no class',
    spoil: c => (checkOf(routeOf(c, 'stream')).check_settings.context_extensions = {}),
    says: /route 1 names no class/,
  },
  {
    name: 'a last route that leaves some out',
    spoil: c => (hostOf(c).routes.at(-1).match.headers = [{ name: 'a', present_match: true }]),
    says: /must match everything/,
  },
  { name: 'no route for the rest', spoil: c => hostOf(c).routes.pop(), says: /must match everything/ },
  {
    name: 'a second host',
    spoil: c => managerOf(c).route_config.virtual_hosts.push({ domains: ['x'], routes: [] }),
    says: /domains[\s\S]*must match everything/,
  },
  {
    name: 'a filter switched off for a whole host',
    spoil: c => (hostOf(c).typed_per_filter_config = { guard: {} }),
    says: /set for a virtual host/,
  },
  {
    name: 'a filter switched off for all routes',
    spoil: c => (managerOf(c).route_config.typed_per_filter_config = { guard: {} }),
    says: /set for all routes/,
  },
  {
    name: 'a route without the guard',
    spoil: c => (routeOf(c, 'write').typed_per_filter_config.guard = {}),
    says: /changes the filter guard/,
  },
  {
    name: 'upgrades that come on other routes',
    spoil: c => hostOf(c).routes.reverse(),
    says: /the first route/,
  },
  {
    name: 'a body that is awaited on an upgrade',
    spoil: c => delete checkOf(routeOf(c, 'upgrade')).check_settings.disable_request_body_buffering,
    says: /disable_request_body_buffering/,
  },
  {
    name: 'a write whose body nobody sees',
    spoil: c =>
      (checkOf(routeOf(c, 'write')).check_settings = {
        ...checkOf(routeOf(c, 'write')).check_settings,
        disable_request_body_buffering: true,
      }),
    says: /disable_request_body_buffering/,
  },
  {
    name: 'a write whose body is kept before anybody was asked',
    spoil: c => delete routeOf(c, 'write').typed_per_filter_config.head,
    says: /head\.context_extensions\.part/,
  },
  {
    name: 'a write that counts for less than is kept of it',
    spoil: c => (headOf(hostOf(c).routes.at(-1)).check_settings.context_extensions.body_limit = '1'),
    says: /head.*body_limit/,
  },
  {
    name: 'a write that is judged by its head',
    spoil: c => (checkOf(hostOf(c).routes.at(-1)).check_settings.context_extensions.part = 'head'),
    says: /ext_authz\.context_extensions\.part/,
  },
  {
    name: 'a read whose body is kept before anybody was asked',
    spoil: c => (checkOf(routeOf(c, 'read')).check_settings.with_request_body.max_request_bytes = 65_536),
    says: /max_request_bytes/,
  },
  {
    name: 'a watch that nobody can cut',
    spoil: c => delete routeOf(c, 'stream').typed_per_filter_config.cut,
    says: /cut\.disabled/,
  },
  {
    name: 'a watch that ends after a while',
    spoil: c => (routeOf(c, 'stream').route.timeout = '15s'),
    says: /route\.timeout/,
  },
  {
    name: 'a stream without an end',
    spoil: c => delete routeOf(c, 'upgrade').route.max_stream_duration,
    says: /max_stream_duration/,
  },
  {
    name: 'upgrades over HTTP/2',
    spoil: c => (routeOf(c, 'upgrade').route.cluster = 'api_server'),
    says: /http_protocol_options/,
  },
  {
    name: 'upgrades that share a connection',
    spoil: c => {
      const options = clusterOf(c, 'api_server_upgrades').typed_extension_protocol_options
      delete options[HTTP_PROTOCOL].common_http_protocol_options
    },
    says: /max_requests_per_connection/,
  },
  {
    name: 'another chain for upgrades',
    spoil: c => (managerOf(c).upgrade_configs[0].filters = [{ name: 'envoy.filters.http.router' }]),
    says: /no filters of its own/,
  },
  {
    name: 'no route for CONNECT',
    spoil: c => hostOf(c).routes.splice(-2, 1),
    says: /no route for CONNECT/,
  },
  {
    name: 'a tunnel',
    spoil: c => {
      const connect = routeOf(c, 'connect')
      delete connect.direct_response
      connect.route = { cluster: 'api_server', timeout: '0s' }
    },
    says: /direct_response/,
  },
  {
    name: 'a tunnel that is answered in another way',
    spoil: c => (routeOf(c, 'connect').direct_response.status = 200),
    says: /direct_response/,
  },
  {
    name: 'an answer that nobody was asked about',
    spoil: c => (routeOf(c, 'read').direct_response = { status: 405 }),
    says: /direct_response must not be set/,
  },
  {
    name: 'a route that changes the path',
    spoil: c => (routeOf(c, 'read').route.prefix_rewrite = '/api'),
    says: /prefix_rewrite/,
  },
  {
    name: 'a route that the client chooses',
    spoil: c => (routeOf(c, 'read').route.cluster_header = 'x'),
    says: /cluster_header/,
  },
  {
    name: 'paths that change on the way',
    spoil: c => (managerOf(c).normalize_path = true),
    says: /normalize_path/,
  },
]

const REACH: readonly Spoiling[] = [
  {
    name: 'a broker that reaches the API server',
    spoil: c => (managerOf(c, 'broker').route_config.virtual_hosts[0].routes[0].route.cluster = 'api_server'),
    says: /broker: the filters must be/,
  },
  {
    name: 'a boundary that reaches the broker',
    spoil: c => (routeOf(c, 'read').route.cluster = 'broker'),
    says: /leads to the API server and elsewhere/,
  },
  {
    name: 'a credential for the broker',
    spoil: c => managerOf(c, 'broker').http_filters.unshift(filterOf(c, 'credential')),
    says: /broker must have no filter/,
  },
  {
    name: 'an API server whose certificate nobody looks at',
    spoil: c => delete clusterOf(c, 'api_server').transport_socket.typed_config.common_tls_context.validation_context,
    says: /trusted_ca/,
  },
  {
    name: 'an API server that is spoken to in no TLS newer than 1.2',
    spoil: c => delete tlsOf(c, 'api_server').tls_params,
    says: /cluster api_server: TLS/,
  },
  { name: 'an API server without TLS', spoil: c => delete clusterOf(c, 'api_server').transport_socket, says: /TLS/ },
  {
    name: 'an API server by any name',
    spoil: c => {
      const { common_tls_context } = clusterOf(c, 'api_server_upgrades').transport_socket.typed_config
      common_tls_context.validation_context.match_typed_subject_alt_names = []
    },
    says: /match_typed_subject_alt_names/,
  },
  {
    name: 'authorizers that are not there',
    spoil: c => (clusterOf(c, 'authorizers').name = 'authorizer'),
    says: /no cluster authorizers/,
  },
  {
    name: 'authorizers asked though they are unwell',
    spoil: c => delete clusterOf(c, 'authorizers').common_lb_config,
    says: /healthy_panic_threshold/,
  },
  {
    name: 'a tap whose health nobody checks',
    spoil: c => delete clusterOf(c, 'tap').health_checks,
    says: /tap must be checked for health/,
  },
  {
    name: 'authorizers on the network',
    spoil: c => {
      const [{ endpoint }] = clusterOf(c, 'authorizers').load_assignment.endpoints[0].lb_endpoints
      endpoint.address = { socket_address: { address: '127.0.0.1', port_value: 1 } }
    },
    says: /authorizers must be sockets/,
  },
  {
    name: 'authorizers whose health nobody checks',
    spoil: c => delete clusterOf(c, 'authorizers').health_checks,
    says: /checked for health/,
  },
  {
    name: 'an admin endpoint on the network',
    spoil: c => (c.admin.address = { socket_address: { address: '0.0.0.0', port_value: 9901 } }),
    says: /admin\.address/,
  },
  {
    name: 'clusters that come from elsewhere',
    spoil: c => (c.dynamic_resources = { cds_config: { ads: {} } }),
    says: /must not come from elsewhere: dynamic_resources/,
  },
  {
    name: 'a secret that comes from elsewhere',
    spoil: c => (c.static_resources.secrets = [{ sds_config: { api_config_source: { api_type: 'GRPC' } } }]),
    says: /must not come from elsewhere: api_config_source/,
  },
  { name: 'an admin socket for everybody', spoil: c => (c.admin.address.pipe.mode = 0o666), says: /admin.*mode/ },
]

const runtimeOf = (config: Spoilt) => config.layered_runtime.layers[0].static_layer
const actionOf = (config: Spoilt, name: string) =>
  config.overload_manager.actions.find((each: Spoilt) => each.name === `envoy.overload_actions.${name}`)

const RUNTIME: readonly Spoiling[] = [
  {
    name: 'a fix that is taken back',
    spoil: c => (runtimeOf(c)['envoy.reloadable_features.http_pause_generic_upgrade_request_body'] = false),
    says: /http_pause_generic_upgrade_request_body must not be false/,
  },
  {
    name: 'a fix that is taken back in other words',
    spoil: c => (runtimeOf(c).envoy = { reloadable_features: { strip_path_parameters_per_segment: 'false' } }),
    says: /strip_path_parameters_per_segment must not be "false"/,
  },
  {
    name: 'something that is not ready yet',
    spoil: c => (runtimeOf(c)['envoy.restart_features.x'] = true),
    says: /envoy\.restart_features\.x must not be true/,
  },
  {
    name: 'runtime that somebody else writes',
    spoil: c => c.layered_runtime.layers.push({ name: 'admin', admin_layer: {} }),
    says: /static layers alone/,
  },
]

const LIMITS: readonly Spoiling[] = [
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

describe('lintEnvoy', () => {
  let rendered: string

  beforeAll(() => {
    rendered = renderEnvoy(SETTINGS)
  })

  test.each([
    { name: 'an address', settings: SETTINGS },
    { name: 'a name', settings: { ...SETTINGS, apiServer: { ...SETTINGS.apiServer, host: 'kube.example' } } },
    {
      name: 'a certificate',
      settings: { ...SETTINGS, apiServer: { ...SETTINGS.apiServer, credential: 'certificate' as const } },
    },
    { name: 'parts on other machines', settings: REMOTE },
    { name: 'one authorizer', settings: { ...SETTINGS, authorizers: [socket('/run/a0.sock')] } },
  ])('finds nothing in what is rendered for $name', ({ settings }) => {
    expect(lintEnvoy(renderEnvoy(settings))).toEqual([])
  })

  test.each<Spoiling>([
    {
      name: 'an authorizer of any name',
      spoil: c => {
        tlsOf(c, 'authorizers').validation_context.match_typed_subject_alt_names[0].matcher.exact =
          'tap.leasegate.internal'
      },
      says: /authorizers must be sockets, or have certificates of authorizer\.leasegate\.internal/,
    },
    {
      name: 'an authorizer without TLS',
      spoil: c => delete clusterOf(c, 'authorizers').transport_socket,
      says: /authorizers must be sockets, or have certificates/,
    },
    {
      name: 'a tap that anybody may talk to',
      spoil: c => delete tlsOf(c, 'tap').tls_certificate_sds_secret_configs,
      says: /tap must be shown a certificate/,
    },
    {
      name: 'authorizers that could be spoken to in an old TLS',
      spoil: c => (tlsOf(c, 'authorizers').tls_params.tls_minimum_protocol_version = 'TLSv1_1'),
      says: /cluster authorizers: TLS/,
    },
    {
      name: 'a broker of any authority',
      spoil: c => delete tlsOf(c, 'broker').validation_context.trusted_ca,
      says: /cluster broker: TLS/,
    },
    {
      name: 'authorizers on other machines that nobody watches',
      spoil: c => delete clusterOf(c, 'authorizers').health_checks,
      says: /authorizers must be checked for health/,
    },
  ])('finds $name where the parts are on other machines', ({ spoil, says }) => {
    const config = JSON.parse(renderEnvoy(REMOTE))
    spoil(config)
    expect(lintEnvoy(JSON.stringify(config)).join('\n')).toMatch(says)
  })

  test.each([...CHECK, ...ROUTES, ...REACH, ...RUNTIME, ...LIMITS])('finds $name', ({ spoil, says }) => {
    const config = JSON.parse(rendered)
    spoil(config)
    expect(lintEnvoy(JSON.stringify(config)).join('\n')).toMatch(says)
  })
})

describe('isSafeVersion', () => {
  test.each(['1.38.5', '1.39.1', '1.40.0', '1.41.0', '2.0.0', 'envoy  version: 9e55/1.40.0/Clean/RELEASE/BoringSSL'])(
    '%s is',
    version => expect(isSafeVersion(version)).toBe(true),
  )

  test.each(['1.38.4', '1.39.0', '1.37.11', '0.99.0', '', '1.40', 'x1.40.0', '1.40.0-dev'])('%j is not', version =>
    expect(isSafeVersion(version)).toBe(false),
  )

  test('the Envoy of the toolchain is', async () => {
    const { envoy } = await ensureToolchain(() => undefined)
    const { stdout } = await run(envoy, ['--version'])
    expect(isSafeVersion(stdout)).toBe(true)
  })
})
