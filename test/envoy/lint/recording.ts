import { clusterOf, filterOf, HTTP_PROTOCOL, hostOf, type Spoiling, type Spoilt } from './spoilt.ts'

const listenerOf = (config: Spoilt, name: string) =>
  config.static_resources.listeners.find((each: Spoilt) => each.name === name)
const innerOf = (config: Spoilt) => listenerOf(config, 'recording').filter_chains[0].filters[0].typed_config
const bytesOf = (config: Spoilt) => innerOf(config).http_filters[0].typed_config

/** Of a configuration with a recorder. */
export const RECORDING: readonly Spoiling[] = [
  {
    name: 'sessions that go on when nobody records them',
    spoil: c => (bytesOf(c).failure_mode_allow = true),
    says: /failure_mode_allow/,
  },
  {
    name: 'sessions that begin when nobody records them',
    spoil: c => (filterOf(c, 'recorder').typed_config.failure_mode_allow = true),
    says: /failure_mode_allow/,
  },
  {
    name: 'bytes that do not wait for the recorder',
    spoil: c => (bytesOf(c).observability_mode = true),
    says: /observability_mode/,
  },
  {
    name: 'output that is not recorded',
    spoil: c => (bytesOf(c).processing_mode.response_body_mode = 'NONE'),
    says: /recording.*response_body_mode/,
  },
  {
    name: 'input that is not recorded',
    spoil: c => (filterOf(c, 'recorder').typed_config.processing_mode.request_body_mode = 'NONE'),
    says: /recorder.*request_body_mode/,
  },
  {
    name: 'a credential that the recorder sees',
    spoil: c => (bytesOf(c).processing_mode.request_body_mode = 'STREAMED'),
    says: /recording.*request_body_mode/,
  },
  {
    name: 'sessions that may share a way through Envoy',
    spoil: c => (filterOf(c, 'session-id').typed_config.on_request_headers[0].factory_key = 'envoy.string'),
    says: /session-id.*factory_key/,
  },
  {
    name: 'sessions without an id on their way',
    spoil: c => delete hostOf(c).routes[0].typed_per_filter_config['session-id'],
    says: /session-id/,
  },
  {
    name: 'an id that somebody else gives',
    spoil: c =>
      (filterOf(c, 'session-id').typed_config.on_request_headers[0].format_string.text_format_source.inline_string =
        '%REQ(x-id)%'),
    says: /session-id.*inline_string/,
  },
  {
    name: 'tunnels from outside',
    spoil: c => {
      const manager = listenerOf(c, 'boundary').filter_chains[0].filters[0].typed_config
      manager.http2_protocol_options.allow_connect = true
    },
    says: /listeners\.0.*allow_connect/,
  },
  {
    name: 'a recorder that may take its time',
    spoil: c => (bytesOf(c).message_timeout = '60s'),
    says: /message_timeout/,
  },
  {
    name: 'a recorder that may change what it records',
    spoil: c => delete bytesOf(c).mutation_rules,
    says: /mutation_rules/,
  },
  {
    name: 'a recorder in front of the check',
    spoil: c => {
      const { http_filters } = listenerOf(c, 'boundary').filter_chains[0].filters[0].typed_config
      http_filters.unshift(...http_filters.splice(3, 1))
    },
    says: /the filters must be/,
  },
  {
    name: 'sessions on a route without the recorder',
    spoil: c => delete hostOf(c).routes[0].typed_per_filter_config.recorder,
    says: /recorder\.disabled/,
  },
  {
    name: 'sessions that go round the recorder',
    spoil: c => (hostOf(c).routes[0].route.cluster = 'api_server_upgrades'),
    says: /route 0: cluster/,
  },
  {
    name: 'port forwards that are recorded by bytes',
    spoil: c => {
      hostOf(c).routes[1].typed_per_filter_config.recorder = hostOf(c).routes[0].typed_per_filter_config.recorder
    },
    says: /route 1: recorder/,
  },
  {
    name: 'sessions by another path',
    spoil: c => (hostOf(c).routes[0].match.safe_regex.regex = '/never'),
    says: /the first route.*regex/,
  },
  {
    name: 'last words that are thrown away',
    spoil: c => delete innerOf(c).route_config.virtual_hosts[0].routes[0].route.upgrade_configs[0].connect_config,
    says: /recording.*connect_config/,
  },
  {
    name: 'memory that a slow recorder fills',
    spoil: c => delete listenerOf(c, 'recording').per_connection_buffer_limit_bytes,
    says: /recording\.per_connection_buffer_limit_bytes/,
  },
  {
    name: 'last words that are lost in a window',
    spoil: c => (innerOf(c).codec_type = 'HTTP2'),
    says: /recording.*codec_type/,
  },
  {
    name: 'sessions that take over the way of another',
    spoil: c =>
      delete clusterOf(c, 'tunnel').typed_extension_protocol_options[HTTP_PROTOCOL].common_http_protocol_options,
    says: /cluster tunnel.*max_requests_per_connection/,
  },
  {
    name: 'an id that is left behind',
    spoil: c => delete clusterOf(c, 'tunnel').transport_socket,
    says: /cluster tunnel\.transport_socket/,
  },
  {
    name: 'sessions that wait for one another',
    spoil: c =>
      delete clusterOf(c, 'recording').typed_extension_protocol_options[HTTP_PROTOCOL].common_http_protocol_options,
    says: /cluster recording.*max_requests_per_connection/,
  },
  {
    name: 'a way around the recording',
    spoil: c => (innerOf(c).route_config.virtual_hosts[0].routes[0].route.cluster = 'api_server'),
    says: /recording.*cluster/,
  },
  {
    name: 'another filter in the recording',
    spoil: c => innerOf(c).http_filters.unshift({ name: 'lua' }),
    says: /recording.*http_filters/,
  },
  {
    name: 'sessions that lead elsewhere',
    spoil: c => (listenerOf(c, 'tunnel').filter_chains[0].filters[0].typed_config.cluster = 'broker'),
    says: /tunnel.*cluster/,
  },
  {
    name: 'one more listener within',
    spoil: c => c.static_resources.listeners.push({ name: 'more', internal_listener: {} }),
    says: /listeners within Envoy must be tunnel, recording/,
  },
  {
    name: 'a recorder that could be gone for long',
    spoil: c => {
      const { explicit_http_config } = clusterOf(c, 'recorder').typed_extension_protocol_options[HTTP_PROTOCOL]
      delete explicit_http_config.http2_protocol_options.connection_keepalive
    },
    says: /cluster recorder.*keepalive/,
  },
  {
    name: 'a recorder that nobody watches',
    spoil: c => delete clusterOf(c, 'recorder').health_checks,
    says: /recorder must be checked for health/,
  },
  {
    name: 'listeners within that nobody needs',
    spoil: c => {
      const { clusters } = c.static_resources
      clusters.splice(clusters.indexOf(clusterOf(c, 'recorder')), 1)
    },
    says: /listeners within Envoy without a recorder/,
  },
]
