import { clusterOf, EXT_AUTHZ, filterOf, managerOf, type Spoiling } from './spoilt.ts'

export const CHECK: readonly Spoiling[] = [
  {
    name: 'a chain without the check',
    spoil: c => managerOf(c).http_filters.splice(1, 1),
    says: /the filters must be .*ext_authz/,
  },
  {
    name: 'the guard before the check',
    spoil: c => managerOf(c).http_filters.unshift(...managerOf(c).http_filters.splice(5, 1)),
    says: /the filters must be/,
  },
  {
    name: 'a credential before the guard',
    spoil: c => managerOf(c).http_filters.splice(5, 0, ...managerOf(c).http_filters.splice(6, 1)),
    says: /the filters must be/,
  },
  {
    name: 'a filter of somebody else',
    spoil: c => managerOf(c).http_filters.splice(7, 0, { name: 'lua' }),
    says: /the filters must be/,
  },
  {
    name: 'a check that lets through when it fails',
    spoil: c => (filterOf(c, EXT_AUTHZ).typed_config.failure_mode_allow = true),
    says: /failure_mode_allow/,
  },
  {
    name: 'a check that does not say what happens when it fails',
    spoil: c => delete filterOf(c, EXT_AUTHZ).typed_config.failure_mode_allow,
    says: /failure_mode_allow must not be left out/,
  },
  {
    name: 'a check that only looks',
    spoil: c => (filterOf(c, EXT_AUTHZ).typed_config.shadow_mode = true),
    says: /shadow_mode/,
  },
  {
    name: 'a check for some requests',
    spoil: c => (filterOf(c, EXT_AUTHZ).typed_config.filter_enabled = {}),
    says: /filter_enabled/,
  },
  {
    name: 'a check that is off',
    spoil: c => (filterOf(c, EXT_AUTHZ).disabled = true),
    says: /disabled must not be set/,
  },
  {
    name: 'a check of headers that were joined',
    spoil: c => (filterOf(c, EXT_AUTHZ).typed_config.encode_raw_headers = false),
    says: /encode_raw_headers/,
  },
  {
    name: 'a check of a part of the body',
    spoil: c => (filterOf(c, EXT_AUTHZ).typed_config.with_request_body.allow_partial_message = true),
    says: /allow_partial_message/,
  },
  {
    name: 'an answer that may rewrite anything',
    spoil: c => delete filterOf(c, EXT_AUTHZ).typed_config.decoder_header_mutation_rules,
    says: /decoder_header_mutation_rules/,
  },
  {
    name: 'a check asked again after it may have been journaled',
    spoil: c => (filterOf(c, EXT_AUTHZ).typed_config.grpc_service.retry_policy.retry_on = 'unavailable'),
    says: /retry_on/,
  },
  {
    name: 'a check that waits for minutes',
    spoil: c => (filterOf(c, EXT_AUTHZ).typed_config.grpc_service.timeout = '300s'),
    says: /grpc_service\.timeout/,
  },
  {
    name: 'a cut that lets streams go on when it fails',
    spoil: c => (filterOf(c, 'cut').typed_config.failure_mode_allow = true),
    says: /failure_mode_allow/,
  },
  {
    name: 'a cut that ends with the headers',
    spoil: c => (filterOf(c, 'cut').typed_config.processing_mode.response_trailer_mode = 'SKIP'),
    says: /response_trailer_mode/,
  },
  {
    name: 'a cut that may change requests',
    spoil: c => delete filterOf(c, 'cut').typed_config.mutation_rules,
    says: /mutation_rules/,
  },
  {
    name: 'an identity beside the one that the client sent',
    spoil: c => filterOf(c, 'identity').typed_config.mutations.request_mutations.shift(),
    says: /remove every impersonate-/,
  },
  {
    name: 'an identity that is removed after it was written',
    spoil: c => filterOf(c, 'identity').typed_config.mutations.request_mutations.reverse(),
    says: /remove every impersonate-/,
  },
  {
    name: 'bodies that are kept for anybody',
    spoil: c => managerOf(c).http_filters.shift(),
    says: /the filters must be head/,
  },
  {
    name: 'a head asked about behind the body',
    spoil: c => managerOf(c).http_filters.splice(1, 0, managerOf(c).http_filters.shift()),
    says: /the filters must be head/,
  },
  {
    name: 'a head that waits for its body',
    spoil: c => (filterOf(c, 'head').typed_config.with_request_body = { max_request_bytes: 9 }),
    says: /head.*with_request_body/,
  },
  {
    name: 'an answer to a head that changes the request',
    spoil: c => (filterOf(c, 'head').typed_config.decoder_header_mutation_rules.allow_expression = { regex: 'x' }),
    says: /head.*allow_expression/,
  },
  {
    name: 'heads that pass while nobody answers',
    spoil: c => (filterOf(c, 'head').typed_config.failure_mode_allow = true),
    says: /failure_mode_allow/,
  },
  {
    name: 'a guard that lets all through',
    spoil: c => (filterOf(c, 'guard').typed_config.rules.policies.identified.principals = [{ any: true }]),
    says: /guard/,
  },
  {
    name: 'a guard that only looks',
    spoil: c => (filterOf(c, 'guard').typed_config.shadow_rules = {}),
    says: /shadow_rules/,
  },
  {
    name: 'a guard content with somebody else',
    spoil: c => {
      const [{ sourced_metadata }] = filterOf(c, 'guard').typed_config.rules.policies.identified.principals
      sourced_metadata.metadata_matcher.value.string_match.safe_regex.regex = '.*'
    },
    says: /guard.*regex/,
  },
  {
    name: 'one connection without the certificate that the other one shows',
    spoil: c => {
      const { common_tls_context } = clusterOf(c, 'api_server').transport_socket.typed_config
      common_tls_context.tls_certificate_sds_secret_configs = [{}]
      managerOf(c).http_filters.splice(6, 1)
    },
    says: /the filters must be/,
  },
  {
    name: 'a credential beside the one that the client sent',
    spoil: c => (filterOf(c, 'credential').typed_config.overwrite = false),
    says: /overwrite/,
  },
]
