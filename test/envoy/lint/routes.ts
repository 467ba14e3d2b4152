import {
  checkOf,
  clusterOf,
  filterOf,
  HTTP_PROTOCOL,
  headOf,
  hostOf,
  managerOf,
  routeOf,
  type Spoiling,
} from './spoilt.ts'

export const ROUTES: readonly Spoiling[] = [
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
    says: /route 2 names no class/,
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
    name: 'other code in Envoy than ours',
    spoil: c => (filterOf(c, 'tunnel').typed_config.default_source_code.inline_string += '\nos.exit()'),
    says: /tunnel\.typed_config\.default_source_code\.inline_string/,
  },
  {
    name: 'more code in Envoy than ours',
    spoil: c => (filterOf(c, 'tunnel').typed_config.inline_code = 'os.exit()'),
    says: /tunnel\.typed_config\.inline_code/,
  },
  {
    name: 'code on the answers of short requests',
    spoil: c => {
      routeOf(c, 'read').typed_per_filter_config.tunnel = routeOf(c, 'upgrade').typed_per_filter_config.tunnel
    },
    says: /tunnel/,
  },
  {
    name: 'an exec whose end nobody reads',
    spoil: c => delete routeOf(c, 'upgrade').typed_per_filter_config.tunnel,
    says: /tunnel\.disabled/,
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
