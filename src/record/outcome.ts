import type { RowKey } from './row-key.ts'

/** What Envoy saw happen to a request (one access log entry). Times are epoch milliseconds. */
export interface Outcome {
  /** Row key, brought back from the decision's metadata; null when Envoy answered without a decision. */
  readonly key: RowKey | null
  /** Envoy's id of the request, which a decision of it would have; '' where it could be the client's word. */
  readonly requestId: string
  readonly phase: 'open' | 'end'
  readonly startedAt: number
  readonly method: string
  readonly path: string
  readonly source: string
  readonly userAgent: string
  /** HTTP status sent to the client, 0 when none. */
  readonly status: number
  /** Of what is open: until it was heard of, which is too much when the tap was away. */
  readonly durationMs: number
  /** Microseconds in the boundary: until the first byte went to the API server, or until the boundary had answered. */
  readonly boundaryUs: number | null
  readonly bytesIn: number
  readonly bytesOut: number
  /** Envoy's response flags, short names (UAEX, DC, UMSDR …). */
  readonly flags: readonly string[]
  /** Envoy's response code details (via_upstream, ext_authz_denied, lease_revoked …). */
  readonly details: string
  /** Of the command of an exec or attach, where the API server told it; else null. */
  readonly exitCode: number | null
  /** Upstream host was reached. */
  readonly forwarded: boolean
}
