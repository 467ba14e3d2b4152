import { RECORDER_PART } from '../../src/envoy/recorder-part.ts'
import { type Bootstrap, clustersOf, isRecorded, type Listener } from './bootstrap.ts'
import { absent, holds, type Pattern, seconds } from './pattern.ts'

/** A session must end before its recorder has been gone for two seconds. */
const ANSWERED = seconds(0.1, 1.9)

const SIDE_STREAM = {
  failure_mode_allow: false,
  message_timeout: ANSWERED,
  mutation_rules: { disallow_all: true },
} as const satisfies Pattern

function to(part: 'session' | 'bytes'): Pattern {
  return { envoy_grpc: { cluster_name: 'recorder' }, initial_metadata: [{ key: RECORDER_PART, value: part }] }
}

/** In the chain of the boundary. */
export const RECORDER: Pattern = {
  ...SIDE_STREAM,
  grpc_service: to('session'),
  // As with the cut: without response trailers it would end with the headers.
  processing_mode: { request_header_mode: 'SEND', response_trailer_mode: 'SEND' },
}

/** Behind it: not a byte goes past, either way. */
const BYTES: Pattern = {
  ...SIDE_STREAM,
  grpc_service: to('bytes'),
  processing_mode: {
    request_header_mode: 'SEND',
    response_header_mode: 'SEND',
    request_body_mode: 'STREAMED',
    response_body_mode: 'STREAMED',
  },
}

/** An end that is read before what came earlier was kept is the end of that as well. */
const TWO_BYTES = 2
const ONE_BYTE = 1

const RECORDING: Pattern = {
  per_connection_buffer_limit_bytes: TWO_BYTES,
  filter_chains: [
    {
      filters: [
        {
          typed_config: {
            normalize_path: false,
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
                      match: { prefix: '/' },
                      typed_per_filter_config: absent,
                      route: { cluster: 'sessions', timeout: '0s' },
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

const SESSIONS: Pattern = { filter_chains: [{ filters: [{ typed_config: { cluster: 'api_server_upgrades' } }] }] }

const PROTOCOL = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions'
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
  if (names !== 'recording,sessions') return ['the listeners within Envoy must be recording, sessions']
  const [first, second] = internal as [Listener, Listener]
  const cluster = (name: string) => clustersOf(bootstrap).find(each => each.name === name)
  return [
    ...holds('recording', first, RECORDING),
    ...holds('sessions', second, SESSIONS),
    ...holds('cluster recording', cluster('recording')?.load_assignment, leadsTo('recording')),
    ...holds('cluster sessions', cluster('sessions'), {
      per_connection_buffer_limit_bytes: ONE_BYTE,
      // With TLS a piece and the end are read at once.
      transport_socket: absent,
      load_assignment: leadsTo('sessions'),
    }),
    ...holds('cluster recorder', cluster('recorder')?.typed_extension_protocol_options, KEPT_ALIVE),
  ]
}

function leadsTo(server_listener_name: string): Pattern {
  const address: Pattern = { envoy_internal_address: { server_listener_name } }
  return { endpoints: [{ lb_endpoints: [{ endpoint: { address } }] }] }
}
