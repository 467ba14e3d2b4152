import { APPROVAL, METADATA_NAMESPACE } from '../../src/envoy/metadata.ts'
import { any } from '../any.ts'
import { secretFrom } from '../secrets.ts'
import type { EnvoySettings, Listener } from '../settings.ts'
import { BOUNDARY_HEAD_KIB, BROKER_HEAD_KIB, HEADER_LINES, HTTP2_HEAD_KIB } from '../sizes.ts'
import { httpFilters, ROUTER } from './http-filters.ts'
import { localReplies } from './local-replies.ts'
import { routes } from './routes.ts'

const ACCESS_LOG_EVERY = '5s'

/** Where agents come in. Who offers HTTP/2 speaks it, and its heads are shorter: a hundred of them at once are a connection's right. */
export function boundaryListener(settings: EnvoySettings): object {
  const { boundary } = settings
  return listener('boundary', boundary, [
    {
      name: 'http2',
      filter_chain_match: { application_protocols: ['h2'] },
      ...chain('boundary', tls(settings, ['h2', 'http/1.1']), boundaryManager(settings, HTTP2_HEAD_KIB)),
    },
    {
      name: 'http1',
      ...chain('boundary', tls(settings, ['http/1.1']), {
        ...boundaryManager(settings, BOUNDARY_HEAD_KIB),
        ...ONLY_HTTP1,
      }),
    },
  ])
}

/** AUTO would take HTTP/2 from whoever begins to speak it, offered or not. */
const ONLY_HTTP1 = { codec_type: 'HTTP1' }

function boundaryManager({ apiServer, recorder = null }: EnvoySettings, headKib: number): object {
  const isRecorded = recorder !== null
  return {
    ...SAFE,
    // The authorizer is told by the connection itself; what a client writes of it goes nowhere.
    forward_client_cert_details: 'SANITIZE',
    max_request_headers_kb: headKib,
    // The authorizer judges the bytes that go on; odd ones it refuses.
    normalize_path: false,
    merge_slashes: false,
    upgrade_configs: [{ upgrade_type: 'websocket' }, { upgrade_type: 'SPDY/3.1' }],
    // Streams have no idle limit; routes of short requests set one.
    stream_idle_timeout: '0s',
    // What Envoy answers itself, and a denial, is on no route: without this a client that takes none of it keeps the request's head here
    // for ever.
    stream_flush_timeout: '60s',
    access_log: [ACCESS_LOG, PUT_OFF_LOG],
    access_log_options: {
      flush_log_on_tunnel_successfully_established: true,
      access_log_flush_interval: ACCESS_LOG_EVERY,
    },
    http_filters: httpFilters(apiServer, isRecorded),
    local_reply_config: localReplies(headKib),
    route_config: {
      name: 'boundary',
      virtual_hosts: [{ name: 'api-server', domains: ['*'], routes: routes(isRecorded) }],
    },
  }
}

/** Where agents and people ask for leases: no cluster credential, no identity of ours, another upstream. */
export function brokerListener(settings: EnvoySettings): object {
  const toBroker = { match: { prefix: '/' }, route: { cluster: 'broker', timeout: '15s' } }
  const manager = {
    ...SAFE,
    ...ONLY_HTTP1,
    // The whole chain, since the broker is the one who knows whom to believe, in place of whatever the client wrote there.
    forward_client_cert_details: 'SANITIZE_SET',
    set_current_client_cert_details: { chain: true },
    max_request_headers_kb: BROKER_HEAD_KIB,
    stream_idle_timeout: '30s',
    http_filters: [ROUTER],
    local_reply_config: localReplies(BROKER_HEAD_KIB),
    route_config: { name: 'broker', virtual_hosts: [{ name: 'broker', domains: ['*'], routes: [toBroker] }] },
  }
  return listener('broker', settings.broker, [chain('broker', tls(settings, ['http/1.1']), manager)])
}

const SAFE = {
  codec_type: 'AUTO',
  use_remote_address: true,
  path_with_escaped_slashes_action: 'REJECT_REQUEST',
  // The audit id is ours: a client's x-request-id is replaced, and its bits are not used for tracing.
  generate_request_id: true,
  preserve_external_request_id: false,
  request_id_extension: {
    typed_config: any('envoy.extensions.request_id.uuid.v3.UuidRequestIdConfig', { pack_trace_reason: false }),
  },
  server_header_transformation: 'OVERWRITE',
  server_name: 'leasegate',
  common_http_protocol_options: {
    headers_with_underscores_action: 'REJECT_REQUEST',
    // Without a stream. Clients connect again by themselves.
    idle_timeout: '120s',
    max_headers_count: HEADER_LINES,
  },
  // An absolute-form target would be split into host and path before anybody sees it.
  http_protocol_options: { allow_absolute_url: false },
  http2_protocol_options: {
    // As kube-apiserver has it. So many heads a connection can make Envoy keep at once.
    max_concurrent_streams: 100,
    // So much of a body may be here before anybody was asked about its head.
    initial_stream_window_size: 131_072,
    initial_connection_window_size: 1_048_576,
  },
  request_headers_timeout: '10s',
  // A body that trickles in would hold a buffer for as long as its sender likes; ends with the request, so streams are not cut.
  request_timeout: '60s',
  // A timer here would count while a slow reader is still being sent the end of its answer, and a cut stream would be closed only when
  // it has run out. So a connection is closed when all is written; who never reads is ended by the kernel, see clientSockets.
  delayed_close_timeout: '0s',
  // Claims about where a request came from would reach the API server's audit log.
  early_header_mutation_extensions: [
    {
      name: 'envoy.http.early_header_mutation.header_mutation',
      typed_config: any('envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation', {
        mutations: [{ remove: 'x-forwarded-for' }, { remove: 'x-real-ip' }, { remove: 'forwarded' }],
      }),
    },
  ],
}

const ACCESS_LOG = {
  name: 'envoy.access_loggers.http_grpc',
  typed_config: any('envoy.extensions.access_loggers.grpc.v3.HttpGrpcAccessLogConfig', {
    common_config: {
      log_name: 'boundary',
      transport_api_version: 'V3',
      buffer_flush_interval: '0.2s',
      // So much is kept while the tap is away; more is dropped. Must fit into one message to the tap.
      buffer_size_bytes: 4_194_304,
      grpc_service: { envoy_grpc: { cluster_name: 'tap' } },
    },
  }),
}

/**
 * To the authorizer alone, and of the few requests that used a yes and were answered 429: of an eviction nothing was done then, and the
 * yes can be used again. Each at once, since the client comes back in seconds.
 */
const PUT_OFF_LOG = {
  name: 'envoy.access_loggers.http_grpc',
  filter: {
    and_filter: {
      filters: [
        {
          status_code_filter: {
            comparison: { op: 'EQ', value: { default_value: 429, runtime_key: 'leasegate.put_off_status' } },
          },
        },
        {
          metadata_filter: {
            matcher: {
              filter: METADATA_NAMESPACE,
              path: [{ key: APPROVAL }],
              value: { string_match: { prefix: 'apr_' } },
            },
            match_if_key_not_found: false,
          },
        },
      ],
    },
  },
  typed_config: any('envoy.extensions.access_loggers.grpc.v3.HttpGrpcAccessLogConfig', {
    common_config: {
      log_name: 'put-off',
      transport_api_version: 'V3',
      buffer_size_bytes: 0,
      grpc_service: { envoy_grpc: { cluster_name: 'authorizers' } },
    },
  }),
}

function listener(name: string, at: Listener, filter_chains: readonly object[]): object {
  return {
    name,
    address: {
      socket_address: {
        address: at.address,
        port_value: at.port,
        ...(at.address === '::' ? { ipv4_compat: true } : {}),
      },
    },
    // More than half of what a route buffers, and Envoy would wait for ever between the two checks.
    per_connection_buffer_limit_bytes: 131_072,
    // Whoever has not even begun, or not finished, to speak TLS.
    listener_filters_timeout: '3s',
    listener_filters: [
      {
        name: 'envoy.filters.listener.tls_inspector',
        typed_config: any('envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector'),
      },
    ],
    filter_chains,
  }
}

function chain(name: string, transport_socket: object, manager: object): object {
  return {
    transport_socket,
    transport_socket_connect_timeout: '10s',
    filters: [
      {
        name: 'envoy.filters.network.http_connection_manager',
        typed_config: any('envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager', {
          stat_prefix: name,
          ...manager,
        }),
      },
    ],
  }
}

/**
 * A client may show a certificate; TLS has it prove that it has the key. Whose it is, and whether anybody vouches for it, is for the
 * broker to say by the policy: one that nobody vouches for is refused by the broker, token or not.
 */
const ASKED_FOR = { validation_context: { trust_chain_verification: 'ACCEPT_UNTRUSTED' } }

function tls(
  { serverSecretFile, clientCertificates = false }: EnvoySettings,
  alpn_protocols: readonly string[],
): object {
  return {
    name: 'envoy.transport_sockets.tls',
    typed_config: any('envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext', {
      require_client_certificate: false,
      common_tls_context: {
        ...(clientCertificates ? ASKED_FOR : {}),
        alpn_protocols,
        tls_params: { tls_minimum_protocol_version: 'TLSv1_2' },
        tls_certificate_sds_secret_configs: [secretFrom(serverSecretFile)],
      },
    }),
  }
}
