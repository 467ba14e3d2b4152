import { clusterOf, filterOf, managerOf, routeOf, type Spoiling, tlsOf } from './spoilt.ts'

export const REACH: readonly Spoiling[] = [
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
    name: 'a boundary that passes on what clients say of their certificates',
    spoil: c => (managerOf(c).forward_client_cert_details = 'ALWAYS_FORWARD_ONLY'),
    says: /boundary.*forward_client_cert_details/,
  },
  {
    name: 'a broker that is told of certificates by clients',
    spoil: c => (managerOf(c, 'broker').forward_client_cert_details = 'APPEND_FORWARD'),
    says: /broker.*forward_client_cert_details/,
  },
  {
    name: 'a broker that is not told of the chain',
    spoil: c => delete managerOf(c, 'broker').set_current_client_cert_details,
    says: /broker.*set_current_client_cert_details/,
  },
  {
    name: 'authorizers that see no certificate',
    spoil: c => delete filterOf(c, 'head').typed_config.include_peer_certificate,
    says: /head.*include_peer_certificate/,
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
