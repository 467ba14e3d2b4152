import type { Outcome } from '../record/outcome.ts'
import { fromMetadata, METADATA_NAMESPACE } from './metadata.ts'
import type { Struct } from './struct.ts'
import { type TunnelEnd, toTunnelEnd } from './tunnel/tunnel-end.ts'

interface Timestamp {
  readonly seconds?: number
  readonly nanos?: number
}

/** envoy.data.accesslog.v3.HTTPAccessLogEntry, as far as it is read. */
export interface HttpAccessLogEntry {
  readonly common_properties?: {
    readonly start_time?: Timestamp
    readonly duration?: Timestamp
    readonly time_to_first_upstream_tx_byte?: Timestamp | null
    readonly downstream_direct_remote_address?: Address
    readonly upstream_remote_address?: Address | null
    readonly response_flags?: Readonly<Record<string, unknown>> | null
    readonly metadata?: { readonly filter_metadata?: Readonly<Record<string, Struct>> } | null
    readonly access_log_type?: string
    readonly downstream_wire_bytes_sent?: number
    readonly downstream_wire_bytes_received?: number
  }
  readonly request?: {
    /** A number for a method that Envoy knows and our protos do not. */
    readonly request_method?: string | number
    readonly path?: string
    readonly user_agent?: string
    readonly request_id?: string
  } | null
  readonly response?: {
    readonly response_code?: { readonly value?: number } | null
    readonly response_code_details?: string
  } | null
}

interface Address {
  readonly socket_address?: { readonly address?: string }
}

/** Envoy's names for response flags, as its text access log writes them. */
const FLAGS: Readonly<Record<string, string>> = {
  failed_local_healthcheck: 'LH',
  no_healthy_upstream: 'UH',
  upstream_request_timeout: 'UT',
  local_reset: 'LR',
  upstream_remote_reset: 'UR',
  upstream_connection_failure: 'UF',
  upstream_connection_termination: 'UC',
  upstream_overflow: 'UO',
  no_route_found: 'NR',
  rate_limited: 'RL',
  unauthorized_details: 'UAEX',
  downstream_connection_termination: 'DC',
  upstream_retry_limit_exceeded: 'URX',
  stream_idle_timeout: 'SI',
  downstream_protocol_error: 'DPE',
  upstream_protocol_error: 'UPE',
  upstream_max_stream_duration_reached: 'UMSDR',
  no_cluster_found: 'NC',
  overload_manager: 'OM',
  duration_timeout: 'DT',
}

/** One access log entry as the record knows it. `now`: when it came, epoch milliseconds. */
export function toOutcome(entry: HttpAccessLogEntry, now: number): Outcome {
  const { common_properties: common, request, response } = entry
  const ended = common?.access_log_type === 'DownstreamEnd'
  const path = (request?.path ?? '').split('?', 1)[0] ?? ''
  const tunnel = response?.response_code?.value === 101 ? toTunnelEnd(common?.metadata?.filter_metadata, path) : null
  const startedAt = Math.floor(toMs(common?.start_time))
  return {
    key: fromMetadata(common?.metadata?.filter_metadata?.[METADATA_NAMESPACE]),
    requestId: toRequestId(entry),
    phase: ended ? 'end' : 'open',
    startedAt,
    method: String(request?.request_method ?? ''),
    path,
    source: common?.downstream_direct_remote_address?.socket_address?.address ?? '',
    userAgent: request?.user_agent ?? '',
    status: response?.response_code?.value ?? 0,
    // Envoy knows no duration of what still runs, and says nowhere when it wrote the entry.
    durationMs: ended ? toMs(common?.duration) : Math.max(0, now - startedAt),
    boundaryUs: toBoundaryUs(common),
    bytesIn: common?.downstream_wire_bytes_received ?? 0,
    bytesOut: common?.downstream_wire_bytes_sent ?? 0,
    flags: toFlags(common?.response_flags).filter(flag => !isFarewell(flag, tunnel)),
    details: tunnel?.command === 'failed' ? 'command_failed' : (response?.response_code_details ?? ''),
    exitCode: typeof tunnel?.command === 'number' ? tunnel.command : null,
    forwarded: common?.upstream_remote_address != null,
  }
}

/**
 * The API server ends a tunnel by closing the connection after its last frame, and a client may hang up as soon as it has read what a
 * command came to. To Envoy that is a failure, as if one of them had died.
 */
function isFarewell(flag: string, tunnel: TunnelEnd | null): boolean {
  if (tunnel === null) return false
  const { closed, command } = tunnel
  return (flag === 'UC' && closed) || (flag === 'DC' && (closed || command !== null))
}

const REQUEST_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/**
 * Envoy replaces the client's request id right before the filters, and answers some requests before that. Its own it is
 * for sure once ext_authz answered for an authorizer, or when nobody answered: what is refused early has a status.
 */
function toRequestId({ common_properties: common, request, response }: HttpAccessLogEntry): string {
  const id = request?.request_id ?? ''
  const judging = common?.response_flags?.['unauthorized_details'] != null
  const unanswered = (response?.response_code?.value ?? 0) === 0
  return (judging || unanswered) && REQUEST_ID.test(id) ? id : ''
}

/** Open reports of a request that waits for its answer have no upstream yet, and say nothing of the boundary. */
function toBoundaryUs(common: HttpAccessLogEntry['common_properties']): number | null {
  const sent = common?.time_to_first_upstream_tx_byte
  if (sent != null) return Math.round(toMs(sent) * 1000)
  const answeredHere = common?.access_log_type === 'DownstreamEnd' && common.upstream_remote_address == null
  return answeredHere ? Math.round(toMs(common.duration) * 1000) : null
}

function toMs({ seconds = 0, nanos = 0 }: Timestamp = {}): number {
  return Number(seconds) * 1000 + nanos / 1e6
}

function toFlags(flags: Readonly<Record<string, unknown>> | null | undefined): readonly string[] {
  return Object.entries(flags ?? {}).flatMap(([name, value]) =>
    value === true || (typeof value === 'object' && value !== null) ? [FLAGS[name] ?? name] : [],
  )
}
