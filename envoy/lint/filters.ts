import { METADATA_NAMESPACE } from '../../src/envoy/metadata.ts'
import { TUNNEL_LUA } from '../../src/envoy/tunnel/tunnel-end.ts'
import { type Bootstrap, boundaries, clustersOf, type HttpFilter, isApiServer, isRecorded } from './bootstrap.ts'
import { absent, holds, type Pattern } from './pattern.ts'
import { RECORDER, SESSION_ID } from './recording.ts'

const CREDENTIAL = 'credential'

const ORDER = [
  // A body is kept for nobody who was not asked about first.
  ...['head', 'envoy.filters.http.ext_authz', 'cut', 'recorder', 'session-id', 'tunnel'],
  // Replaced before the guard, and nothing between guard and credential.
  ...['identity', 'guard', CREDENTIAL, 'envoy.filters.http.router'],
]

const ASKED = {
  failure_mode_allow: false,
  encode_raw_headers: true,
  validate_mutations: true,
  // Without it every token that is bound to a certificate is refused.
  include_peer_certificate: true,
  decoder_header_mutation_rules: { disallow_all: true, disallow_is_error: true },
  status_on_error: { code: 'ServiceUnavailable' },
  grpc_service: {
    // Longer than the authorizer's own deadline, or its denial is never heard; not much longer, or requests pile up.
    timeout: /^1(\.\d+)?s$/,
    // Any other failure may come after a decision was journaled.
    retry_policy: { retry_on: 'connect-failure,refused-stream' },
  },
} as const satisfies Pattern

const CHECK: Pattern = { ...ASKED, with_request_body: { allow_partial_message: false, pack_as_bytes: true } }

/** Answers to a head change nothing, and it waits for no body. */
const HEAD: Pattern = {
  ...ASKED,
  with_request_body: absent,
  decoder_header_mutation_rules: { ...ASKED.decoder_header_mutation_rules, allow_expression: absent },
}

const CUT: Pattern = {
  failure_mode_allow: false,
  message_timeout: /^[1-9]/,
  mutation_rules: { disallow_all: true },
  // Without response trailers the side stream ends with the headers, and nobody can cut.
  processing_mode: {
    request_header_mode: 'SEND',
    request_body_mode: 'NONE',
    response_body_mode: 'NONE',
    response_trailer_mode: 'SEND',
  },
  metadata_options: { forwarding_namespaces: { untyped: [METADATA_NAMESPACE] } },
}

/** Code in Envoy is this and no other. */
const TUNNEL: Pattern = {
  default_source_code: { inline_string: TUNNEL_LUA },
  ...{ inline_code: absent, source_codes: absent, package_paths: absent, shared_vm_id: absent },
}

const GUARD: Pattern = {
  rules: {
    action: 'ALLOW',
    policies: {
      identified: {
        principals: [
          {
            sourced_metadata: {
              metadata_matcher: {
                filter: METADATA_NAMESPACE,
                path: [{ key: 'user' }],
                value: { string_match: { safe_regex: { regex: /^leasegate:/ } } },
              },
            },
          },
        ],
      },
    },
  },
}

const TOKEN: Pattern = { overwrite: true, allow_request_without_credential: false }

/** The chain in front of the API server. */
export function filterChain(bootstrap: Bootstrap): readonly string[] {
  const hasCertificate = clustersOf(bootstrap)
    .filter(isApiServer)
    .every(({ transport_socket }) => {
      const shown = transport_socket?.typed_config?.common_tls_context?.tls_certificate_sds_secret_configs
      return shown !== undefined && shown.length > 0
    })
  const recorded = isRecorded(bootstrap)
  return boundaries(bootstrap).flatMap(({ name, manager: { http_filters = [] } }) => {
    const left = [...(hasCertificate ? [CREDENTIAL] : []), ...(recorded ? [] : ['recorder', 'session-id'])]
    const order = ORDER.filter(each => !left.includes(each))
    const found = http_filters.map(filter => filter.name)
    if (found.join() !== order.join()) return [`${name}: the filters must be ${order.join(', ')}`]
    const of = (wanted: string) => http_filters.find(filter => filter.name === wanted)
    return [
      ...holds(`${name}: head`, of('head'), { disabled: true, typed_config: HEAD }),
      ...holds(`${name}: ext_authz`, of('envoy.filters.http.ext_authz')?.typed_config, CHECK),
      ...holds(`${name}: cut`, of('cut'), { disabled: true, typed_config: CUT }),
      ...(recorded ? holds(`${name}: recorder`, of('recorder'), { disabled: true, typed_config: RECORDER }) : []),
      ...(recorded ? holds(`${name}: session-id`, of('session-id'), { disabled: true, typed_config: SESSION_ID }) : []),
      ...holds(`${name}: tunnel`, of('tunnel'), { disabled: true, typed_config: TUNNEL }),
      ...holds(`${name}: guard`, of('guard')?.typed_config, GUARD),
      ...(hasCertificate ? [] : holds(`${name}: credential`, of(CREDENTIAL)?.typed_config, TOKEN)),
      ...removesFirst(name, of('identity')),
    ]
  })
}

const REMOVED = ['impersonate-', 'x-remote-', 'authorization'] as const

/** What a client says about who it is must be gone before ours is written. */
function removesFirst(name: string, identity: HttpFilter | undefined): readonly string[] {
  const mutations = (identity?.typed_config?.['mutations'] ?? {}) as { readonly request_mutations?: readonly object[] }
  const steps = (mutations.request_mutations ?? []).map(step => JSON.stringify(step))
  const firstAppend = steps.findIndex(step => step.startsWith('{"append"'))
  const before = steps.slice(0, Math.max(firstAppend, 0))
  return REMOVED.filter(header => !before.some(step => step.includes(`"${header}","ignore_case":true`))).map(
    header => `${name}: identity must remove every ${header} before it adds its own`,
  )
}
