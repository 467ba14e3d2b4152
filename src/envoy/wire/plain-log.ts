import type { Struct } from '../struct.ts'
import type { HttpAccessLogEntry } from '../to-outcome.ts'
import { BYTES, FIXED64, VARINT, walk } from './fields.ts'
import { readPlainStruct } from './plain-struct.ts'

/** envoy.service.accesslog.v3.StreamAccessLogsMessage, as far as it is read. */
export interface AccessLogMessage {
  readonly http_logs?: { readonly log_entry?: readonly HttpAccessLogEntry[] }
}

type Common = NonNullable<HttpAccessLogEntry['common_properties']>
type Request = NonNullable<HttpAccessLogEntry['request']>
type Response = NonNullable<HttpAccessLogEntry['response']>
type Timestamp = NonNullable<Common['start_time']>
type Address = NonNullable<Common['downstream_direct_remote_address']>
type Metadata = NonNullable<Common['metadata']>

/** Writable while it is read. */
type Reading<T> = { -readonly [K in keyof T]?: T[K] }

/** By the numbers of their protos: envoy/data/accesslog/v3/accesslog.proto, envoy/config/core/v3/base.proto. */
const TYPES = [
  ...['NotSet', 'TcpUpstreamConnected', 'TcpPeriodic', 'TcpConnectionEnd', 'DownstreamStart', 'DownstreamPeriodic'],
  ...['DownstreamEnd', 'UpstreamPoolReady', 'UpstreamPeriodic', 'UpstreamEnd'],
  ...['DownstreamTunnelSuccessfullyEstablished', 'UdpTunnelUpstreamConnected', 'UdpPeriodic', 'UdpSessionEnd'],
]
const METHODS = [
  ...['METHOD_UNSPECIFIED', 'GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH'],
]
/** From 1 on. */
const FLAGS = [
  ...['failed_local_healthcheck', 'no_healthy_upstream', 'upstream_request_timeout', 'local_reset'],
  ...['upstream_remote_reset', 'upstream_connection_failure', 'upstream_connection_termination', 'upstream_overflow'],
  ...['no_route_found', 'delay_injected', 'fault_injected', 'rate_limited', 'unauthorized_details'],
  ...['rate_limit_service_error', 'downstream_connection_termination', 'upstream_retry_limit_exceeded'],
  ...['stream_idle_timeout', 'invalid_envoy_request_headers', 'downstream_protocol_error'],
  ...['upstream_max_stream_duration_reached', 'response_from_cache_filter', 'no_filter_config_found'],
  ...['duration_timeout', 'upstream_protocol_error', 'no_cluster_found', 'overload_manager'],
  ...['dns_resolution_failure', 'downstream_remote_reset'],
]
const UNAUTHORIZED = FLAGS.indexOf('unauthorized_details') + 1

/**
 * Reads what Envoy tells of requests, and of it only what `HttpAccessLogEntry` names; what it does not name is passed by unread. Null for
 * anything that is not written plainly, as `readPlainCheck` says of its messages: what the library reads this one reads in the same way, or
 * not at all.
 */
export function readPlainLogs(bytes: Buffer): AccessLogMessage | null {
  let logs: AccessLogMessage['http_logs']
  const isPlain = walk(bytes, 0, bytes.length, (field, wire, from, to) => {
    if (wire !== BYTES) return false
    if (field === 1) return true
    if (field !== 2 || logs !== undefined) return false
    const entries = readEntries(bytes, from, to)
    if (entries !== null) logs = { log_entry: entries }
    return entries !== null
  })
  if (!isPlain) return null
  return logs === undefined ? {} : { http_logs: logs }
}

function readEntries(bytes: Buffer, from: number, to: number): readonly HttpAccessLogEntry[] | null {
  const entries: HttpAccessLogEntry[] = []
  const isPlain = walk(bytes, from, to, (field, wire, begin, end) => {
    const entry = field === 1 && wire === BYTES ? readEntry(bytes, begin, end) : null
    if (entry !== null) entries.push(entry)
    return entry !== null
  })
  return isPlain ? entries : null
}

function readEntry(bytes: Buffer, from: number, to: number): HttpAccessLogEntry | null {
  const entry: Reading<HttpAccessLogEntry> = {}
  const isPlain = walk(bytes, from, to, (field, wire, begin, end) => {
    switch (field) {
      case 1:
        if (wire !== BYTES || entry.common_properties !== undefined) return false
        entry.common_properties = {}
        return readCommon(bytes, begin, end, entry.common_properties)
      case 2:
        return wire === VARINT
      case 3:
        if (wire !== BYTES || entry.request !== undefined) return false
        entry.request = {}
        return readRequest(bytes, begin, end, entry.request)
      case 4:
        if (wire !== BYTES || entry.response !== undefined) return false
        entry.response = {}
        return readResponse(bytes, begin, end, entry.response)
      default:
        return true
    }
  })
  return isPlain ? entry : null
}

const COMMON_NUMBERS: ReadonlySet<number> = new Set([24, 27, 29, 30, 31, 32, 33])
/** Fields above are of a later Envoy, and unknown to the library as well. */
const LAST_OF_COMMON = 33

function readCommon(bytes: Buffer, from: number, to: number, common: Reading<Common>): boolean {
  return walk(bytes, from, to, (field, wire, begin, end) => {
    if (field > LAST_OF_COMMON) return true
    if (wire !== (COMMON_NUMBERS.has(field) ? VARINT : field === 1 ? FIXED64 : BYTES)) return false
    switch (field) {
      case 5:
        if (common.start_time !== undefined) return false
        common.start_time = {}
        return readTime(bytes, begin, end, common.start_time)
      case 7:
        if (common.time_to_first_upstream_tx_byte !== undefined) return false
        common.time_to_first_upstream_tx_byte = {}
        return readTime(bytes, begin, end, common.time_to_first_upstream_tx_byte)
      case 13:
        if (common.upstream_remote_address !== undefined) return false
        common.upstream_remote_address = {}
        return readAddress(bytes, begin, end, common.upstream_remote_address)
      case 16:
        if (common.response_flags !== undefined) return false
        common.response_flags = {}
        return readFlags(bytes, begin, end, common.response_flags)
      case 17:
        if (common.metadata !== undefined) return false
        common.metadata = {}
        return readMetadata(bytes, begin, end, common.metadata)
      case 20:
        if (common.downstream_direct_remote_address !== undefined) return false
        common.downstream_direct_remote_address = {}
        return readAddress(bytes, begin, end, common.downstream_direct_remote_address)
      case 23:
        if (common.duration !== undefined) return false
        common.duration = {}
        return readTime(bytes, begin, end, common.duration)
      case 29:
        common.downstream_wire_bytes_sent = numberAt(bytes, begin, end)
        return common.downstream_wire_bytes_sent >= 0
      case 30:
        common.downstream_wire_bytes_received = numberAt(bytes, begin, end)
        return common.downstream_wire_bytes_received >= 0
      case 33: {
        const type = TYPES[numberAt(bytes, begin, end)]
        if (type !== undefined) common.access_log_type = type
        return type !== undefined
      }
      default:
        return true
    }
  })
}

function readTime(bytes: Buffer, from: number, to: number, time: Reading<Timestamp>): boolean {
  return walk(bytes, from, to, (field, wire, begin, end) => {
    if (field > 2) return true
    const value = wire === VARINT ? numberAt(bytes, begin, end) : -1
    if (field === 1) time.seconds = value
    else time.nanos = value
    return value >= 0 && (field === 1 || value < MOST_OF_INT32)
  })
}

const SOCKET_NUMBERS: ReadonlySet<number> = new Set([1, 3, 6])
const LAST_OF_SOCKET = 6

function readAddress(bytes: Buffer, from: number, to: number, address: Reading<Address>): boolean {
  return walk(bytes, from, to, (field, wire, begin, end) => {
    // One of several kinds: of two the last one counts.
    if (field > 1 || wire !== BYTES || address.socket_address !== undefined) return false
    const socket: { address?: string } = {}
    address.socket_address = socket
    return walk(bytes, begin, end, (inner, wireOf, first, last) => {
      if (inner > LAST_OF_SOCKET) return true
      if (inner !== 2) return wireOf === (SOCKET_NUMBERS.has(inner) ? VARINT : BYTES)
      if (wireOf !== BYTES || socket.address !== undefined) return false
      socket.address = bytes.toString('utf8', first, last)
      return true
    })
  })
}

/** As they are written, in their order: that is the order of their names on record. */
function readFlags(bytes: Buffer, from: number, to: number, flags: Record<string, unknown>): boolean {
  let before = 0
  return walk(bytes, from, to, (field, wire, begin, end) => {
    const name = FLAGS[field - 1]
    if (name === undefined || field <= before) return false
    before = field
    if (field === UNAUTHORIZED) {
      flags[name] = {}
      return wire === BYTES
    }
    const value = wire === VARINT ? numberAt(bytes, begin, end) : -1
    flags[name] = value === 1
    return value === 0 || value === 1
  })
}

function readMetadata(bytes: Buffer, from: number, to: number, metadata: Reading<Metadata>): boolean {
  const found: Record<string, Struct> = {}
  metadata.filter_metadata = found
  return walk(bytes, from, to, (field, wire, begin, end) => {
    if (wire !== BYTES) return false
    if (field !== 1) return true
    let key = ''
    let fields = 0
    // In order, each once: how an entry of a map is written.
    const isPlain = walk(bytes, begin, end, (inner, wireOf, first, last) => {
      if (wireOf !== BYTES || inner !== ++fields) return false
      if (inner === 1) {
        key = bytes.toString('utf8', first, last)
        return key !== '__proto__'
      }
      const struct = inner === 2 ? readPlainStruct(bytes, first, last) : null
      if (struct !== null) found[key] = struct
      return struct !== null
    })
    return isPlain && fields === 2
  })
}

const REQUEST_NUMBERS: ReadonlySet<number> = new Set([1, 11, 12, 14, 15])
const LAST_OF_REQUEST = 15

function readRequest(bytes: Buffer, from: number, to: number, request: Reading<Request>): boolean {
  return walk(bytes, from, to, (field, wire, begin, end) => {
    if (field > LAST_OF_REQUEST) return true
    if (wire !== (REQUEST_NUMBERS.has(field) ? VARINT : BYTES)) return false
    switch (field) {
      case 1: {
        const number = numberAt(bytes, begin, end)
        // One of a later Envoy has no name here.
        request.request_method = METHODS[number] ?? number
        return number >= 0 && number < MOST_OF_INT32
      }
      case 5:
        if (request.path !== undefined) return false
        request.path = bytes.toString('utf8', begin, end)
        return true
      case 6:
        if (request.user_agent !== undefined) return false
        request.user_agent = bytes.toString('utf8', begin, end)
        return true
      case 9:
        if (request.request_id !== undefined) return false
        request.request_id = bytes.toString('utf8', begin, end)
        return true
      default:
        return true
    }
  })
}

const RESPONSE_NUMBERS: ReadonlySet<number> = new Set([2, 3, 7, 8])
const LAST_OF_RESPONSE = 8

function readResponse(bytes: Buffer, from: number, to: number, response: Reading<Response>): boolean {
  return walk(bytes, from, to, (field, wire, begin, end) => {
    if (field > LAST_OF_RESPONSE) return true
    if (wire !== (RESPONSE_NUMBERS.has(field) ? VARINT : BYTES)) return false
    switch (field) {
      case 1: {
        if (response.response_code !== undefined) return false
        const code: { value?: number } = {}
        response.response_code = code
        return walk(bytes, begin, end, (inner, wireOf, first, last) => {
          if (inner !== 1 || wireOf !== VARINT) return false
          code.value = numberAt(bytes, first, last)
          return code.value >= 0 && code.value < MOST_OF_UINT32
        })
      }
      case 6:
        if (response.response_code_details !== undefined) return false
        response.response_code_details = bytes.toString('utf8', begin, end)
        return true
      default:
        return true
    }
  })
}

const MOST_OF_INT32 = 2 ** 31
const MOST_OF_UINT32 = 2 ** 32
/** All of them together are less than what a number can count. */
const MOST_BYTES = 7

/** A number that is at least 0; -1 for one that is larger than any of these is. */
function numberAt(bytes: Buffer, from: number, to: number): number {
  if (to - from > MOST_BYTES) return -1
  let value = 0
  let unit = 1
  for (let at = from; at < to; at += 1, unit *= 128) value += ((bytes[at] ?? 0) & 0x7f) * unit
  return value
}
