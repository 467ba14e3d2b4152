import type { Answer } from './answer.ts'
import { toMetadata } from './metadata.ts'

const OK = 0
const PERMISSION_DENIED = 7

/** To a head that may bring its body. There is no identity in it: what is not judged whole stops at the guard. */
export const GO_ON = { status: { code: OK }, ok_response: {} }

/**
 * envoy.service.auth.v3.CheckResponse. An empty one means "allow" to Envoy, so every field that decides is written out; identity
 * goes as metadata, because a header of several lines would lose all but the last.
 */
export function toCheckResponse(answer: Answer): object {
  const dynamic_metadata = toMetadata(answer)
  if (answer.kind !== 'allow') {
    const { status, body } = answer
    const denied_response = { status: { code: status }, headers: answeredWith(answer), body }
    return { status: { code: PERMISSION_DENIED }, denied_response, dynamic_metadata }
  }
  const { key, streamMs, timeoutSeconds, warning } = answer
  return {
    status: { code: OK },
    ok_response: {
      headers: [header('audit-id', key.auditId), header('x-envoy-upstream-stream-duration-ms', streamLimit(streamMs))],
      query_parameters_to_set:
        timeoutSeconds === null ? [] : [{ key: 'timeoutSeconds', value: String(timeoutSeconds) }],
      response_headers_to_add: warned(warning),
    },
    dynamic_metadata,
  }
}

/** 0 or anything that is not a number would mean "no limit" to Envoy. */
export function streamLimit(streamMs: number): string {
  return String(Number.isSafeInteger(streamMs) ? Math.max(1, streamMs) : 1)
}

function answeredWith(answer: Exclude<Answer, { readonly kind: 'allow' }>) {
  const headers = [
    header('content-type', 'application/json'),
    header('cache-control', 'no-store'),
    // As the API server's own answers have it: who asks why can name the row.
    header('audit-id', answer.key.auditId),
  ]
  if (answer.kind === 'answer') return [...headers, ...warned(answer.warning)]
  return answer.retryAfter === null ? headers : [...headers, header('retry-after', String(answer.retryAfter))]
}

function warned(warning: string | null) {
  return warning === null ? [] : [header('warning', `299 - "${warning}"`)]
}

function header(key: string, value: string) {
  return { header: { key, value } }
}
