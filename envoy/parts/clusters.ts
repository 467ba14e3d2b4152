import { isIP } from 'node:net'
import { any } from '../any.ts'
import { secretFrom } from '../secrets.ts'
import type { EnvoySettings, Part } from '../settings.ts'

const HTTP2 = { explicit_http_config: { http2_protocol_options: {} } }
/** As client-go asks: all requests of a worker share a connection, and one whose other end is gone would hold them for a quarter of an hour. */
const HTTP2_FAR = {
  explicit_http_config: { http2_protocol_options: { connection_keepalive: { interval: '30s', timeout: '15s' } } },
}
/** The same for connections that are no HTTP/2: the kernel gives up after 30 and 3 times 5 seconds. */
const TCP_KEPT_ALIVE = {
  upstream_connection_options: { tcp_keepalive: { keepalive_time: 30, keepalive_interval: 5, keepalive_probes: 3 } },
}
const KEPT_ALIVE = {
  explicit_http_config: {
    http2_protocol_options: { connection_keepalive: { interval: '0.5s', timeout: '0.5s' } },
  },
}
/** It also writes: a second of patience more. */
const RECORDER_KEPT_ALIVE = {
  explicit_http_config: { http2_protocol_options: { connection_keepalive: { interval: '0.5s', timeout: '1s' } } },
}
const HTTP1 = { explicit_http_config: { http_protocol_options: {} } }
/** Data sent before the upgrade was answered must not reach somebody else's request on the same connection. */
export const ONE_REQUEST_EACH = { ...HTTP1, common_http_protocol_options: { max_requests_per_connection: 1 } }

/** Limits that many open watches would reach with Envoy's own defaults of 1024. */
const CIRCUIT_BREAKERS = {
  thresholds: [{ max_connections: 10_000, max_pending_requests: 10_000, max_requests: 100_000, max_retries: 1000 }],
}

/** How Envoy learns which of our processes are there; one that does not answer in time is away. */
function healthChecked({ timeout, interval }: { readonly timeout: string; readonly interval: string }): object {
  return {
    common_lb_config: {
      // With all of them unwell, none is asked: that is a denial.
      healthy_panic_threshold: { value: 0 },
      // By default the second change within a second waits: requests would be denied though an authorizer is back.
      update_merge_window: '0s',
    },
    health_checks: [
      {
        grpc_health_check: {},
        timeout,
        interval,
        no_traffic_interval: interval,
        unhealthy_threshold: 1,
        healthy_threshold: 1,
      },
    ],
  }
}

/** A connection with TLS of both ends: who makes none is not asked, whatever DNS still says. */
const BROKER_CHECKED = {
  common_lb_config: { healthy_panic_threshold: { value: 0 }, update_merge_window: '0s' },
  health_checks: [
    {
      tcp_health_check: {},
      timeout: '1s',
      interval: '1s',
      no_traffic_interval: '1s',
      unhealthy_threshold: 2,
      healthy_threshold: 1,
    },
  ],
}

export function clusters({
  apiServer,
  authorizers,
  tap,
  recorder = null,
  brokerPart,
}: EnvoySettings): readonly object[] {
  const { host, port } = apiServer
  return [
    {
      ...cluster('api_server', [address(host, port)], HTTP2_FAR),
      ...reached(host),
      ...TCP_KEPT_ALIVE,
      transport_socket: toApiServer(apiServer, 'h2'),
    },
    {
      ...cluster('api_server_upgrades', [address(host, port)], ONE_REQUEST_EACH),
      ...reached(host),
      ...TCP_KEPT_ALIVE,
      transport_socket: toApiServer(apiServer, 'http/1.1'),
    },
    {
      ...ours('authorizers', authorizers, KEPT_ALIVE, 'h2'),
      lb_policy: 'LEAST_REQUEST',
      ...healthChecked({ timeout: '0.5s', interval: '0.5s' }),
    },
    // While it knows that the tap is away, Envoy keeps access log entries; else it writes them to a connection that never comes. A
    // tap that is busy is not away: its stream must go on, so no keepalive. It is asked more often than entries are sent.
    { ...ours('tap', [tap], HTTP2, 'h2'), ...healthChecked({ timeout: '2s', interval: '0.1s' }) },
    ...(recorder === null ? [] : [recorders(recorder)]),
    { ...ours('broker', [brokerPart], HTTP1, 'http/1.1'), ...(brokerPart.kind === 'tcp' ? BROKER_CHECKED : {}) },
  ]
}

/** A session must not outlive its recorder by two seconds: one that is stopped or cut off says nothing, and answers no ping. */
function recorders(recorder: Part): object {
  return {
    ...ours('recorder', [recorder], RECORDER_KEPT_ALIVE, 'h2'),
    ...healthChecked({ timeout: '1s', interval: '0.5s' }),
  }
}

/** Processes of ours: on sockets beside Envoy, or behind a name that stands for the addresses of all of them. */
function ours(name: string, parts: readonly Part[], protocol: object, alpn: string): object {
  const addresses = parts.map(part => (part.kind === 'unix' ? pipe(part.path) : address(part.host, part.port)))
  const [remote] = parts.flatMap(part => (part.kind === 'tcp' ? [part] : []))
  if (remote === undefined) return cluster(name, addresses, protocol)
  const { certificateName, caFile, clientSecretFile } = remote.tls
  return {
    ...cluster(name, addresses, protocol),
    ...reached(remote.host),
    connect_timeout: '1s',
    // A process that is gone from the list is not asked any more, whatever its health was.
    ignore_health_on_host_removal: true,
    transport_socket: upstreamTls({ certificateName, caFile, clientSecretFile, alpn, atLeast: 'TLSv1_3' }),
  }
}

export function cluster(name: string, addresses: readonly object[], protocol: object): object {
  return {
    name,
    type: 'STATIC',
    connect_timeout: '0.5s',
    circuit_breakers: CIRCUIT_BREAKERS,
    load_assignment: {
      cluster_name: name,
      endpoints: [{ lb_endpoints: addresses.map(address => ({ endpoint: { address } })) }],
    },
    typed_extension_protocol_options: {
      'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': any(
        'envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
        protocol,
      ),
    },
  }
}

function pipe(path: string): object {
  return { pipe: { path } }
}

function address(host: string, port: number): object {
  return { socket_address: { address: host, port_value: port } }
}

/** The API server may be far away, and time for TLS is part of it; our own processes are not. */
function reached(host: string): object {
  if (isIP(host) !== 0) return { connect_timeout: '5s' }
  // Envoy makes ::1 of localhost even where nothing listens there; by default it would ask for no other address.
  return { connect_timeout: '5s', type: 'STRICT_DNS', dns_lookup_family: 'V4_PREFERRED' }
}

function toApiServer({ certificateName, caFile, credential, secretFile }: EnvoySettings['apiServer'], alpn: string) {
  return upstreamTls({
    certificateName,
    caFile,
    alpn,
    atLeast: 'TLSv1_2',
    clientSecretFile: credential === 'certificate' ? secretFile : null,
  })
}

interface UpstreamTls {
  readonly certificateName: string
  readonly caFile: string
  readonly clientSecretFile: string | null
  readonly alpn: string
  readonly atLeast: 'TLSv1_2' | 'TLSv1_3'
}

function upstreamTls({ certificateName, caFile, clientSecretFile, alpn, atLeast }: UpstreamTls): object {
  const isAddress = isIP(certificateName) !== 0
  return {
    name: 'envoy.transport_sockets.tls',
    typed_config: any('envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext', {
      ...(isAddress ? {} : { sni: certificateName }),
      common_tls_context: {
        alpn_protocols: [alpn],
        // As a client Envoy goes no further than 1.2 by itself.
        tls_params: { tls_minimum_protocol_version: atLeast, tls_maximum_protocol_version: 'TLSv1_3' },
        ...(clientSecretFile === null ? {} : { tls_certificate_sds_secret_configs: [secretFrom(clientSecretFile)] }),
        validation_context: {
          trusted_ca: { filename: caFile },
          match_typed_subject_alt_names: [
            { san_type: isAddress ? 'IP_ADDRESS' : 'DNS', matcher: { exact: certificateName } },
          ],
        },
      },
    }),
  }
}
