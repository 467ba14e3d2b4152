import { any } from '../any.ts'
import { BOUNDARY_HEAD_KIB } from '../sizes.ts'
import { cluster, ONE_REQUEST_EACH } from './clusters.ts'
import { BYTES, httpFilter, ROUTER } from './http-filters.ts'
import { localReplies } from './local-replies.ts'

/*
 * Where a session goes behind the boundary, within this Envoy:
 *
 *   boundary ─ recording (HTTP: each piece waits until it is kept) ─ sessions (TCP, TLS) ─ API server
 *
 * The end of a tunnel is the end of its connection, and with that Envoy throws away what waits in a filter: the last words of a command.
 * So no end may be read before all that came earlier has gone on. A buffer of two bytes is full with any frame, and while it is full nothing
 * is read; a connection without TLS reads one piece at a time, and its end by itself.
 */
const ONE_PIECE = 1
/** Of a buffer of one byte Envoy never finds that it is half empty again. */
const ONE_FRAME = 2

/** Both can be reached from within this Envoy alone. */
export function recordingListeners(): readonly object[] {
  return [
    {
      ...internal('recording', {
        name: 'envoy.filters.network.http_connection_manager',
        typed_config: any('envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager', HTTP),
      }),
      per_connection_buffer_limit_bytes: ONE_FRAME,
    },
    internal('sessions', {
      name: 'envoy.filters.network.tcp_proxy',
      typed_config: any('envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy', {
        stat_prefix: 'sessions',
        cluster: 'api_server_upgrades',
        idle_timeout: '0s',
        max_connect_attempts: 5,
      }),
    }),
  ]
}

/** They lead into the listeners of the same names. */
export function recordingClusters(): readonly object[] {
  return [into('recording'), { ...into('sessions'), per_connection_buffer_limit_bytes: ONE_PIECE }]
}

/** Lets clusters lead into listeners. */
export const INTERNAL_LISTENERS = {
  name: 'envoy.bootstrap.internal_listener',
  typed_config: any('envoy.extensions.bootstrap.internal_listener.v3.InternalListener'),
}

/** The boundary has judged all of it: nothing is changed, added or left out here. */
const HTTP = {
  stat_prefix: 'recording',
  codec_type: 'HTTP1',
  max_request_headers_kb: 2 * BOUNDARY_HEAD_KIB,
  common_http_protocol_options: { max_headers_count: 200, headers_with_underscores_action: 'ALLOW' },
  use_remote_address: false,
  skip_xff_append: true,
  generate_request_id: false,
  server_header_transformation: 'PASS_THROUGH',
  normalize_path: false,
  merge_slashes: false,
  path_with_escaped_slashes_action: 'KEEP_UNCHANGED',
  upgrade_configs: [{ upgrade_type: 'websocket' }, { upgrade_type: 'SPDY/3.1' }],
  // Streams have an end by their lease, at the boundary.
  stream_idle_timeout: '0s',
  request_timeout: '0s',
  delayed_close_timeout: '0s',
  http_filters: [httpFilter('bytes', 'ext_proc.v3.ExternalProcessor', BYTES), ROUTER],
  local_reply_config: localReplies(BOUNDARY_HEAD_KIB),
  route_config: {
    name: 'recording',
    virtual_hosts: [
      {
        name: 'sessions',
        domains: ['*'],
        routes: [{ match: { prefix: '/' }, route: { cluster: 'sessions', timeout: '0s', idle_timeout: '0s' } }],
      },
    ],
  },
}

function internal(name: string, filter: object): object {
  return { name, internal_listener: {}, filter_chains: [{ filters: [filter] }] }
}

function into(name: string): object {
  return cluster(name, [{ envoy_internal_address: { server_listener_name: name } }], ONE_REQUEST_EACH)
}
