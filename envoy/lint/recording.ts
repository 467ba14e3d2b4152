import { RECORDER_PART } from '../../src/envoy/recorder-part.ts'
import { AUDIT_ID } from '../parts/http-filters.ts'
import { type Bootstrap, clustersOf, isRecorded, type Listener } from './bootstrap.ts'
import { absent, between, holds, type Pattern, seconds } from './pattern.ts'

/** A session must end before its recorder has been gone for two seconds. */
const ANSWERED = seconds(0.1, 1.9)

/** Bytes of one session that may wait in a place: a slow client or recorder fills no memory. */
const HELD = between(65_535, 1_048_576)

const SIDE_STREAM = {
  failure_mode_allow: false,
  message_timeout: ANSWERED,
  mutation_rules: { disallow_all: true },
} as const satisfies Pattern

function to(part: 'session' | 'bytes'): Pattern {
  return { envoy_grpc: { cluster_name: 'recorder' }, initial_metadata: [{ key: RECORDER_PART, value: part }] }
}

/** In the chain of the boundary: not a byte of a client goes past. */
export const RECORDER: Pattern = {
  ...SIDE_STREAM,
  grpc_service: to('session'),
  // Without it sessions hang in Envoy 1.39.
  send_body_without_waiting_for_header_response: true,
  // As with the cut: without response trailers it would end with the headers.
  processing_mode: { request_header_mode: 'SEND', request_body_mode: 'STREAMED', response_trailer_mode: 'SEND' },
}

/** Which session it is, in words of the authorizer's: whatever says it otherwise could put one session's bytes into the recording of another. */
export const SESSION_ID: Pattern = {
  on_request_headers: [
    {
      object_key: AUDIT_ID,
      factory_key: 'envoy.hashable_string',
      format_string: { text_format_source: { inline_string: '%REQ(audit-id)%' } },
      read_only: true,
      shared_with_upstream: 'ONCE',
    },
  ],
}

const TUNNEL: Pattern = {
  per_connection_buffer_limit_bytes: HELD,
  filter_chains: [
    {
      filters: [
        {
          typed_config: {
            cluster: 'recording',
            idle_timeout: '0s',
            tunneling_config: {
              use_post: absent,
              headers_to_add: [{ header: { key: 'audit-id', value: `%FILTER_STATE(${AUDIT_ID}:PLAIN)%` } }],
            },
          },
        },
      ],
    },
  ],
}

/** Behind it: not a byte of an answer goes past. What goes to the API server has the credential in it, and is not the recorder's to change. */
const BYTES: Pattern = {
  ...SIDE_STREAM,
  grpc_service: to('bytes'),
  processing_mode: { request_header_mode: 'SEND', request_body_mode: 'NONE', response_body_mode: 'STREAMED' },
}

const RECORDING: Pattern = {
  per_connection_buffer_limit_bytes: HELD,
  filter_chains: [
    {
      filters: [
        {
          typed_config: {
            // Over HTTP/2 the end of an answer would reset the stream, and what waits in its window be lost.
            codec_type: 'HTTP1',
            upgrade_configs: [{ upgrade_type: 'CONNECT' }],
            http_filters: [
              { name: 'bytes', disabled: absent, typed_config: BYTES },
              { name: 'envoy.filters.http.router' },
            ],
            route_config: {
              typed_per_filter_config: absent,
              virtual_hosts: [
                {
                  typed_per_filter_config: absent,
                  routes: [
                    {
                      match: { connect_matcher: {} },
                      typed_per_filter_config: absent,
                      route: {
                        cluster: 'api_server_upgrades',
                        timeout: '0s',
                        // Bytes to bytes: as HTTP its end would be a reset, which takes the last words of a command with it.
                        upgrade_configs: [
                          { upgrade_type: 'CONNECT', connect_config: value => JSON.stringify(value) === '{}' },
                        ],
                      },
                    },
                  ],
                },
              ],
            },
          },
        },
      ],
    },
  ],
}

const PROTOCOL = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions'
/** A connection for each session: none waits for another, and its end is the session's. */
const ONE_SESSION: Pattern = {
  explicit_http_config: { http_protocol_options: value => value !== undefined },
  common_http_protocol_options: { max_requests_per_connection: 1 },
}
const KEPT_ALIVE: Pattern = {
  [PROTOCOL]: {
    explicit_http_config: {
      http2_protocol_options: { connection_keepalive: { interval: seconds(0.1, 0.5), timeout: seconds(0.1, 1) } },
    },
  },
}

/** The way of a session through this Envoy, where sessions are recorded; where they are not, there is no such way. */
export function recording(bootstrap: Bootstrap): readonly string[] {
  const internal = (bootstrap.static_resources?.listeners ?? []).filter(each => each.internal_listener !== undefined)
  const names = internal.map(({ name }) => name).join()
  if (!isRecorded(bootstrap)) return names === '' ? [] : [`listeners within Envoy without a recorder: ${names}`]
  if (names !== 'tunnel,recording') return ['the listeners within Envoy must be tunnel, recording']
  const [first, second] = internal as [Listener, Listener]
  const cluster = (name: string) => clustersOf(bootstrap).find(each => each.name === name)
  return [
    ...holds('tunnel', first, TUNNEL),
    ...holds('recording', second, RECORDING),
    ...['tunnel', 'recording'].flatMap(name => holds(`cluster ${name}`, cluster(name), into(name))),
    ...holds('cluster recorder', cluster('recorder')?.typed_extension_protocol_options, KEPT_ALIVE),
  ]
}

/** Into the listener of that name, with what the boundary says of the session. */
function into(server_listener_name: string): Pattern {
  const address: Pattern = { envoy_internal_address: { server_listener_name } }
  return {
    load_assignment: { endpoints: [{ lb_endpoints: [{ endpoint: { address } }] }] },
    transport_socket: { name: 'envoy.transport_sockets.internal_upstream' },
    typed_extension_protocol_options: { [PROTOCOL]: ONE_SESSION },
  }
}
