import { EXTRA_SLOTS, GROUP_SLOTS, METADATA_NAMESPACE } from '../../src/envoy/metadata.ts'
import { RECORDER_PART } from '../../src/envoy/recorder-part.ts'
import { TUNNEL_LUA } from '../../src/envoy/tunnel/tunnel-end.ts'
import { any } from '../any.ts'
import { secretFrom } from '../secrets.ts'
import type { EnvoySettings } from '../settings.ts'

const HTTP = 'envoy.extensions.filters.http'

/**
 * The order is the boundary: ask whether a body may come, ask, hold the cut switch, have it recorded, replace the identity, refuse what
 * has none, and only then add the credential.
 */
export function httpFilters(
  { credential, secretFile }: EnvoySettings['apiServer'],
  isRecorded: boolean,
): readonly object[] {
  return [
    { ...filter('head', `${HTTP}.ext_authz.v3.ExtAuthz`, HEAD), disabled: true },
    filter('envoy.filters.http.ext_authz', `${HTTP}.ext_authz.v3.ExtAuthz`, EXT_AUTHZ),
    { ...filter('cut', `${HTTP}.ext_proc.v3.ExternalProcessor`, CUT), disabled: true },
    ...(isRecorded
      ? [
          { ...filter('recorder', `${HTTP}.ext_proc.v3.ExternalProcessor`, RECORDER), disabled: true },
          { ...SESSION_ID, disabled: true },
        ]
      : []),
    // It sees no request, and of answers those that open a tunnel.
    {
      ...filter('tunnel', `${HTTP}.lua.v3.Lua`, { default_source_code: { inline_string: TUNNEL_LUA } }),
      disabled: true,
    },
    filter('identity', `${HTTP}.header_mutation.v3.HeaderMutation`, {
      // Nobody judged trailers, and no Kubernetes client sends any.
      mutations: { request_mutations: IDENTITY, request_trailers_mutations: [remove({ safe_regex: { regex: '.*' } })] },
    }),
    filter('guard', `${HTTP}.rbac.v3.RBAC`, GUARD),
    // A certificate is shown by the connection to the API server instead.
    ...(credential === 'token'
      ? [filter('credential', `${HTTP}.credential_injector.v3.CredentialInjector`, token(secretFile))]
      : []),
    ROUTER,
  ]
}

/** Our own headers towards clients and upstreams would tell of internals. */
export const ROUTER = filter('envoy.filters.http.router', `${HTTP}.router.v3.Router`, { suppress_envoy_headers: true })

export function httpFilter(name: string, type: string, fields: object): object {
  return filter(name, `${HTTP}.${type}`, fields)
}

function filter(name: string, type: string, fields: object): object {
  return { name, typed_config: any(type, fields) }
}

const RETRY = {
  // Nothing was decided in either case: the connection was never there, or the stream never began.
  retry_policy: { retry_on: 'connect-failure,refused-stream', num_retries: 2 },
}

/** What both checks have in common: nothing passes but by an answer. */
const ASKED = {
  transport_api_version: 'V3',
  grpc_service: { envoy_grpc: { cluster_name: 'authorizers' }, timeout: '1.2s', ...RETRY },
  failure_mode_allow: false,
  status_on_error: { code: 'ServiceUnavailable' },
  // Several lines of one name stay several, bytes stay bytes.
  encode_raw_headers: true,
  validate_mutations: true,
  // Of the connection: no header says anything of it.
  include_peer_certificate: true,
}

/** Before a body is waited for: whoever has no lease costs no buffer. Its answer changes nothing, and lets nothing past the guard. */
const HEAD = { ...ASKED, decoder_header_mutation_rules: { disallow_all: true, disallow_is_error: true } }

const EXT_AUTHZ = {
  ...ASKED,
  with_request_body: { max_request_bytes: 1024, allow_partial_message: false, pack_as_bytes: true },
  // Unset, an answer could rewrite :path and Host.
  decoder_header_mutation_rules: {
    disallow_all: true,
    allow_expression: { regex: '^(audit-id|x-envoy-upstream-stream-duration-ms)$' },
    disallow_is_error: true,
  },
}

/** Response trailers keep the side stream open for as long as the response runs. */
const HELD_OPEN = {
  request_header_mode: 'SEND',
  response_header_mode: 'SKIP',
  request_body_mode: 'NONE',
  response_body_mode: 'NONE',
  request_trailer_mode: 'SKIP',
  response_trailer_mode: 'SEND',
}

const CUT = {
  grpc_service: { envoy_grpc: { cluster_name: 'authorizers' }, timeout: '0s', ...RETRY },
  failure_mode_allow: false,
  message_timeout: '2s',
  processing_mode: HELD_OPEN,
  mutation_rules: { disallow_all: true },
  metadata_options: { forwarding_namespaces: { untyped: [METADATA_NAMESPACE] } },
}

/** The recorder waits for its disk as long as that takes: this is what ends a session meanwhile. */
const ANSWERED_WITHIN = '1.8s'

/** Opens the recording before the request goes on, and ends the session when it cannot. It stays open as long as the session. */
const RECORDER = {
  grpc_service: toRecorder('session'),
  failure_mode_allow: false,
  status_on_error: { code: 'ServiceUnavailable' },
  message_timeout: ANSWERED_WITHIN,
  processing_mode: { ...HELD_OPEN, request_body_mode: 'STREAMED' },
  // Envoy 1.39 would wait for a first piece before the request goes on, which comes only when it was answered. Nothing passes unanswered.
  send_body_without_waiting_for_header_response: true,
  mutation_rules: { disallow_all: true },
  forward_rules: forwarded(':method', ':path', 'upgrade', 'sec-websocket-protocol', 'x-stream-protocol-version'),
  metadata_options: { forwarding_namespaces: { untyped: [METADATA_NAMESPACE] } },
}

/** By this name the id of a session goes from the boundary into its tunnel, where nothing that was sent can change it. */
export const AUDIT_ID = 'leasegate.audit_id'

/** In the chain of the boundary: which session it is that goes into the tunnel. */
const SESSION_ID = filter('session-id', `${HTTP}.set_filter_state.v3.Config`, {
  on_request_headers: [
    {
      object_key: AUDIT_ID,
      factory_key: 'envoy.hashable_string',
      format_string: { text_format_source: { inline_string: '%REQ(audit-id)%' } },
      read_only: true,
      shared_with_upstream: 'ONCE',
    },
  ],
})

/**
 * In a listener of its own, see recording.ts. Each piece waits here until the recorder has said that it is kept: what is delivered was
 * recorded before, and a slow recorder makes slow sessions. In observability mode Envoy would send without waiting, and keep for a slow
 * recorder whatever comes.
 */
export const BYTES = {
  grpc_service: toRecorder('bytes'),
  failure_mode_allow: false,
  status_on_error: { code: 'ServiceUnavailable' },
  message_timeout: ANSWERED_WITHIN,
  processing_mode: {
    request_header_mode: 'SEND',
    response_header_mode: 'SKIP',
    // The head of the request is in it, and the credential.
    request_body_mode: 'NONE',
    response_body_mode: 'STREAMED',
    request_trailer_mode: 'SKIP',
    response_trailer_mode: 'SKIP',
  },
  mutation_rules: { disallow_all: true },
  forward_rules: forwarded('audit-id'),
}

/** `part`: which of the two side streams of a session it is. */
function toRecorder(part: 'session' | 'bytes'): object {
  const initial_metadata = [{ key: RECORDER_PART, value: part }]
  return { envoy_grpc: { cluster_name: 'recorder' }, timeout: '0s', ...RETRY, initial_metadata }
}

function forwarded(...names: readonly string[]): object {
  return { allowed_headers: { patterns: names.map(exact => ({ exact })) } }
}

const IDENTITY = [
  remove({ prefix: 'impersonate-', ignore_case: true }),
  remove({ prefix: 'x-remote-', ignore_case: true }),
  remove({ exact: 'authorization', ignore_case: true }),
  append('Impersonate-User', 'user'),
  ...Array.from({ length: GROUP_SLOTS }, (_, slot) => append('Impersonate-Group', `group${slot}`)),
  ...Object.entries(EXTRA_SLOTS).map(([slot, key]) => append(`Impersonate-Extra-${key.replace('/', '%2f')}`, slot)),
]

function remove(key_matcher: object): object {
  return { remove_on_match: { key_matcher } }
}

/** A slot that the answer left empty adds no line. A percent sign in the name is Envoy's own only in values. */
function append(key: string, slot: string): object {
  return {
    append: {
      header: { key, value: `%DYNAMIC_METADATA(${METADATA_NAMESPACE}:${slot})%` },
      append_action: 'APPEND_IF_EXISTS_OR_ADD',
    },
  }
}

/** An empty CheckResponse means allow to Envoy: without an identity of ours no request goes on. */
const GUARD = {
  rules: {
    action: 'ALLOW',
    policies: {
      identified: {
        permissions: [{ any: true }],
        principals: [
          {
            sourced_metadata: {
              metadata_source: 'DYNAMIC',
              metadata_matcher: {
                filter: METADATA_NAMESPACE,
                path: [{ key: 'user' }],
                value: { string_match: { safe_regex: { regex: 'leasegate:[^:]+' } } },
              },
            },
          },
        ],
      },
    },
  },
}

function token(secretFile: string): object {
  return {
    overwrite: true,
    allow_request_without_credential: false,
    credential: {
      name: 'envoy.http.injected_credentials.generic',
      typed_config: any('envoy.extensions.http.injected_credentials.generic.v3.Generic', {
        credential: secretFrom(secretFile),
        header_value_prefix: 'Bearer ',
      }),
    },
  }
}
