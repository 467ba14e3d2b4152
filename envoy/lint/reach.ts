import {
  type Bootstrap,
  boundaries,
  type Cluster,
  clustersOf,
  entrances,
  isApiServer,
  isInternal,
  isLocal,
  namesOf,
  routesOf,
} from './bootstrap.ts'
import { absent, holds } from './pattern.ts'

const OWNER_ONLY = 0o600

/** Who can reach what: upstreams, Envoy's own sockets, the admin endpoint. */
export function reach(bootstrap: Bootstrap): readonly string[] {
  return [
    ...(boundaries(bootstrap).length === 0 ? ['no listener leads to the API server'] : []),
    ...missingClusters(bootstrap),
    ...clustersOf(bootstrap).filter(isApiServer).flatMap(verified),
    ...others(bootstrap),
    ...claimedCertificates(bootstrap),
    ...adminEndpoint(bootstrap),
    ...foreignConfiguration(bootstrap),
    ...ownParts(bootstrap),
  ]
}

const REMOTE = ['dynamic_resources', 'api_config_source', 'ads', 'grpc_services', 'hds_config']

/** All of it is in this one file: whoever could serve a part of it would be the boundary. */
function foreignConfiguration(bootstrap: Bootstrap): readonly string[] {
  const text = JSON.stringify(bootstrap)
  return REMOTE.filter(name => text.includes(`"${name}":`)).map(
    name => `configuration must not come from elsewhere: ${name}`,
  )
}

/** `envoy --mode validate` does not see that a cluster of a filter is not there. */
function missingClusters(bootstrap: Bootstrap): readonly string[] {
  const known = new Set(clustersOf(bootstrap).map(({ name }) => name))
  const named = JSON.stringify(bootstrap).matchAll(/"(?:cluster|cluster_name)":"([^"]*)"/g)
  const missing = [...named].map(([, name = '']) => name).filter(name => !known.has(name))
  // The node's own cluster is a label.
  return [...new Set(missing)]
    .filter(name => name !== bootstrap.node?.cluster)
    .map(name => `there is no cluster ${name}`)
}

/** A certificate of somebody else would get our credential. */
function verified({ name = '', transport_socket }: Cluster): readonly string[] {
  return holds(`cluster ${name}: TLS`, transport_socket?.typed_config?.common_tls_context, {
    tls_params: { tls_minimum_protocol_version: /^TLSv1_[23]$/, tls_maximum_protocol_version: 'TLSv1_3' },
    validation_context: {
      trusted_ca: value => typeof value === 'object',
      match_typed_subject_alt_names: value => Array.isArray(value) && value.length > 0,
    },
  })
}

/** A listener leads either to the API server or elsewhere, and only the former changes requests. */
function others(bootstrap: Bootstrap): readonly string[] {
  const inFront = boundaries(bootstrap)
  // Sessions get there by listeners of this Envoy, see the rule of recording.
  const apiServers = new Set(
    clustersOf(bootstrap)
      .filter(each => isApiServer(each) || isInternal(each))
      .map(({ name }) => name),
  )
  const mixed = inFront
    .filter(({ manager }) =>
      routesOf(manager).some(({ route }) => route !== undefined && !apiServers.has(route.cluster)),
    )
    .map(({ name }) => `${name} leads to the API server and elsewhere`)
  const filtered = entrances(bootstrap)
    .filter(({ name }) => !inFront.some(each => each.name === name))
    .filter(({ manager }) => manager.http_filters?.map(({ name }) => name).join() !== 'envoy.filters.http.router')
    .map(({ name }) => `${name} must have no filter but the router`)
  return [...mixed, ...filtered]
}

/** What a client writes of its certificate reaches nobody; the broker alone is told, by Envoy, of the whole chain. */
function claimedCertificates(bootstrap: Bootstrap): readonly string[] {
  const inFront = boundaries(bootstrap).map(({ name }) => name)
  return entrances(bootstrap).flatMap(({ name, manager }) =>
    holds(
      name,
      manager,
      inFront.includes(name)
        ? { forward_client_cert_details: 'SANITIZE', set_current_client_cert_details: absent }
        : { forward_client_cert_details: 'SANITIZE_SET', set_current_client_cert_details: { chain: true } },
    ),
  )
}

function adminEndpoint({ admin }: Bootstrap): readonly string[] {
  if (admin === undefined) return []
  return holds('admin.address', admin.address, { pipe: { mode: OWNER_ONLY } })
}

const PARTS: Readonly<Record<string, string>> = {
  authorizers: 'authorizer.leasegate.internal',
  tap: 'tap.leasegate.internal',
  // Served by the tap.
  recorder: 'tap.leasegate.internal',
  broker: 'broker.leasegate.internal',
}

function ownParts(bootstrap: Bootstrap): readonly string[] {
  return clustersOf(bootstrap)
    .filter(({ name = '' }) => Object.hasOwn(PARTS, name))
    .flatMap(cluster => [
      ...(isLocal(cluster) ? [] : known(cluster)),
      ...(cluster.name === 'broker' ? [] : watched(cluster)),
    ])
}

/** Beyond this machine both sides show who they are: whoever stood in for the authorizers would be the boundary. */
function known(cluster: Cluster): readonly string[] {
  const { name = '', transport_socket } = cluster
  const tls = transport_socket?.typed_config?.common_tls_context
  return [
    ...(namesOf(cluster).join() === PARTS[name]
      ? []
      : [`${name} must be sockets, or have certificates of ${PARTS[name]}`]),
    ...(tls?.tls_certificate_sds_secret_configs?.length === 1
      ? []
      : [`${name} must be shown a certificate of Envoy's`]),
    ...verified(cluster),
  ]
}

/** Our own processes come and go: Envoy must know at any time which are there. */
function watched({ name = '', ...cluster }: Cluster): readonly string[] {
  return [
    ...(cluster.health_checks?.length === 1 ? [] : [`${name} must be checked for health`]),
    // Above 0 Envoy would ask those that are known to be unwell.
    ...holds(name, cluster.common_lb_config, { healthy_panic_threshold: { value: 0 } }),
  ]
}
