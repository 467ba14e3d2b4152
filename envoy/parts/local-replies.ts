import { METADATA_NAMESPACE } from '../../src/envoy/metadata.ts'
import { HEADER_LINES, NO_BYTES, SMALL_BYTES, WRITE_BYTES } from '../sizes.ts'

/** Kubernetes' reason for each status that Envoy answers by itself. */
const REASONS: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  408: 'Timeout',
  413: 'RequestEntityTooLarge',
  426: 'BadRequest',
  431: 'RequestHeaderFieldsTooLarge',
  500: 'InternalError',
  502: 'ServiceUnavailable',
  503: 'ServiceUnavailable',
  504: 'Timeout',
}

const BODY_TOO_LARGE = `the body has more bytes than the boundary takes: ${WRITE_BYTES} of a write (3 MiB, as the API server), ${SMALL_BYTES} of a delete or to a proxy, ${NO_BYTES} of a read`

/** Answers that Envoy makes without the authorizer, as kubectl reads them. Denials of the authorizer carry their own text. */
export function localReplies(headKib: number): object {
  const head = `the head of the request is larger than ${headKib * 1024} bytes, or has more than ${HEADER_LINES} lines`
  return {
    mappers: [
      mapper(
        503,
        [unauthorized(), notOurs()],
        'the authorizer is not available, nothing was let through',
        [{ header: { key: 'retry-after', value: '1' }, append_action: 'OVERWRITE_IF_EXISTS_OR_ADD' }],
        REASONS[503],
        'unavailable',
      ),
      {
        ...mapper(403, [isConnect(), notOurs()], 'CONNECT is not used with Kubernetes', [], 'MethodNotAllowed'),
        status_code: 405,
      },
      mapper(413, [notOurs()], BODY_TOO_LARGE),
      mapper(431, [notOurs()], head),
      ...Object.keys(REASONS).map(code =>
        mapper(
          Number(code),
          [notOurs()],
          'the boundary refused or could not pass on the request (%RESPONSE_CODE_DETAILS%)',
        ),
      ),
    ],
  }
}

function mapper(
  code: number,
  filters: readonly object[],
  says: string,
  headers_to_add: readonly object[] = [],
  reason = REASONS[code],
  cause = 'refused-by-envoy',
): object {
  const status = {
    status_code_filter: { comparison: { op: 'EQ', value: { default_value: code, runtime_key: 'none' } } },
  }
  return {
    filter: { and_filter: { filters: [status, ...filters] } },
    headers_to_add,
    body_format_override: {
      json_format: {
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        message: `leasegate: ${says}`,
        reason,
        details: { causes: causes(code, cause) },
        code: '%RESPONSE_CODE%',
      },
      content_type: 'application/json',
    },
  }
}

/** As the authorizer's own denials have them, docs/refusals.md. What the API server did not answer may be tried again. */
function causes(code: number, reason: string): readonly object[] {
  const details = '%RESPONSE_CODE_DETAILS%'
  return [
    { reason, message: details },
    { reason: 'LeasegateReason', message: reason },
    { reason: 'LeasegateRetry', message: code >= 500 || code === 408 ? 'later' : 'never' },
  ]
}

/** Envoy says 403 to it, and takes it for an upgrade that failed. */
function isConnect(): object {
  return { header_filter: { header: { name: ':method', string_match: { exact: 'CONNECT' } } } }
}

function unauthorized(): object {
  return { response_flag_filter: { flags: ['UAEX'] } }
}

/** The authorizer marks its denials; what it allowed, or never saw, has no mark. */
function notOurs(): object {
  return {
    metadata_filter: {
      // Envoy looks at the value alone here and passes over `invert`.
      matcher: { filter: METADATA_NAMESPACE, path: [{ key: 'denied' }], value: { bool_match: false } },
      match_if_key_not_found: true,
    },
  }
}
