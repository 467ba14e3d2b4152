import { any } from '../any.ts'
import { cluster, ONE_REQUEST_EACH } from './clusters.ts'
import { AUDIT_ID, BYTES, httpFilter, ROUTER } from './http-filters.ts'

/*
 * Where a session goes behind the boundary, within this Envoy:
 *
 *   boundary ─ tunnel (TCP into CONNECT) ─ recording (CONNECT: each piece of the answer waits until it is kept) ─ TLS ─ API server
 *
 * What the client sends waits in the boundary's own chain. What comes back cannot: the end of an upgrade is the end of its connection, and
 * with that Envoy throws away what waits in a filter, the last words of a command. Of a tunnel of bytes the end is an end, which waits its
 * turn behind them.
 */

/** Bytes of a session that wait here, in either place, before nothing more is read. */
const HELD_BYTES = 262_144

/** Both can be reached from within this Envoy alone. */
export function recordingListeners(): readonly object[] {
  return [
    internal('tunnel', {
      name: 'envoy.filters.network.tcp_proxy',
      typed_config: any('envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy', {
        stat_prefix: 'tunnel',
        cluster: 'recording',
        idle_timeout: '0s',
        tunneling_config: {
          hostname: 'session:443',
          headers_to_add: [{ header: { key: 'audit-id', value: `%FILTER_STATE(${AUDIT_ID}:PLAIN)%` } }],
        },
      }),
    }),
    internal('recording', {
      name: 'envoy.filters.network.http_connection_manager',
      typed_config: any('envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager', HTTP),
    }),
  ]
}

/** They lead into the listeners of the same names. */
export function recordingClusters(): readonly object[] {
  return [into('tunnel'), into('recording')]
}

/** Lets clusters lead into listeners. */
export const INTERNAL_LISTENERS = {
  name: 'envoy.bootstrap.internal_listener',
  typed_config: any('envoy.extensions.bootstrap.internal_listener.v3.InternalListener'),
}

/** The boundary has judged all of it: bytes go through as they are. */
const HTTP = {
  stat_prefix: 'recording',
  codec_type: 'HTTP1',
  generate_request_id: false,
  upgrade_configs: [{ upgrade_type: 'CONNECT' }],
  // Streams have an end by their lease, at the boundary.
  stream_idle_timeout: '0s',
  request_timeout: '0s',
  delayed_close_timeout: '0s',
  http_filters: [httpFilter('bytes', 'ext_proc.v3.ExternalProcessor', BYTES), ROUTER],
  route_config: {
    name: 'recording',
    virtual_hosts: [
      {
        name: 'sessions',
        domains: ['*'],
        routes: [
          {
            match: { connect_matcher: {} },
            route: {
              cluster: 'api_server_upgrades',
              timeout: '0s',
              idle_timeout: '0s',
              upgrade_configs: [{ upgrade_type: 'CONNECT', connect_config: {} }],
            },
          },
        ],
      },
    ],
  },
}

function internal(name: string, filter: object): object {
  return {
    name,
    internal_listener: {},
    per_connection_buffer_limit_bytes: HELD_BYTES,
    filter_chains: [{ filters: [filter] }],
  }
}

function into(name: string): object {
  return {
    ...cluster(name, [{ envoy_internal_address: { server_listener_name: name } }], ONE_REQUEST_EACH),
    per_connection_buffer_limit_bytes: HELD_BYTES,
    // The state of the boundary goes with it.
    transport_socket: {
      name: 'envoy.transport_sockets.internal_upstream',
      typed_config: any('envoy.extensions.transport_sockets.internal_upstream.v3.InternalUpstreamTransport', {
        transport_socket: {
          name: 'envoy.transport_sockets.raw_buffer',
          typed_config: any('envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer'),
        },
      }),
    },
  }
}
