import { serviceDefinition } from '../../src/envoy/server/protos.ts'
import { toStruct } from '../../src/envoy/struct.ts'
import { type CheckRequest, toHttpRequest } from '../../src/envoy/to-http-request.ts'
import { type HttpAccessLogEntry, toOutcome } from '../../src/envoy/to-outcome.ts'
import { readLogs } from '../../src/envoy/wire/access-log-codec.ts'
import type { Target } from './fuzz.ts'

interface Logs {
  readonly http_logs?: { readonly log_entry?: readonly HttpAccessLogEntry[] }
}

const CHECK = 0x63

/** What Envoy sends, as bytes on the wire: an access log, or, behind a first `c`, a question of its authorization filter. */
export function wireTarget(): Target {
  const logs = methodOf('envoy.service.accesslog.v3.AccessLogService', 'StreamAccessLogs')
  const check = methodOf('envoy.service.auth.v3.Authorization', 'Check')
  return {
    name: 'wire',
    seeds: [...logSeeds(logs.requestSerialize), ...checkSeeds(check.requestSerialize)],
    run: bytes => {
      const isCheck = bytes[0] === CHECK
      const message = decode(
        isCheck ? check.requestDeserialize : readLogs,
        Buffer.from(bytes.subarray(isCheck ? 1 : 0)),
      )
      if (message === null) return 'not decoded'
      return isCheck ? assertRequest(message as CheckRequest) : assertOutcomes(message as Logs)
    },
  }
}

type Method = ReturnType<typeof serviceDefinition>[string]

function methodOf(service: string, name: string): Method {
  const method = serviceDefinition(service)[name]
  if (method === undefined) throw new Error(`no method ${name}`)
  return method
}

/** gRPC answers what is no message by itself. */
function decode(read: (bytes: Buffer) => object, bytes: Buffer): object | null {
  try {
    return read(bytes)
  } catch {
    return null
  }
}

function assertOutcomes({ http_logs }: Logs): string {
  return (http_logs?.log_entry ?? [])
    .map(entry => {
      const outcome = toOutcome(entry, 1_700_000_000_000)
      const numbers = [outcome.startedAt, outcome.status, outcome.durationMs, outcome.bytesIn, outcome.bytesOut]
      if (!numbers.every(Number.isFinite)) throw new Error(`no number: ${JSON.stringify(outcome)}`)
      const texts = [outcome.method, outcome.path, outcome.source, outcome.userAgent, outcome.details]
      if (!texts.every(text => typeof text === 'string')) throw new Error(`no text: ${JSON.stringify(outcome)}`)
      if (outcome.path.includes('?')) throw new Error('a query on record')
      return [
        outcome.phase,
        outcome.key === null,
        outcome.forwarded,
        outcome.flags.slice(0, 3),
        outcome.status > 0,
      ].join(' ')
    })
    .join(';')
    .slice(0, 200)
}

/** It may throw where Envoy left something out, and for nothing else. */
function assertRequest(check: CheckRequest): string {
  try {
    const http = toHttpRequest(check)
    if (http.id === '' || http.headers.some(([name]) => name.startsWith(':'))) throw new TypeError('not as promised')
    if (!(http.body instanceof Uint8Array)) throw new TypeError('a body that is no bytes')
    return ['read', http.route, http.headers.length, http.body.length > 0, http.source === ''].join(' ')
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('Envoy sent a check without')) return 'left out'
    throw error
  }
}

function logSeeds(serialize: Method['requestSerialize']): readonly Buffer[] {
  const row = toStruct({ row: { audit_id: 'a', decided_at: 1_700_000_000_000, agent: 'bot', lease: 'lse_1' } })
  const entry = (given: object) => ({
    common_properties: {
      start_time: { seconds: 1_700_000_000, nanos: 5_000_000 },
      duration: { seconds: 1, nanos: 5 },
      downstream_direct_remote_address: { socket_address: { address: '10.0.0.1', port_value: 1 } },
      upstream_remote_address: { socket_address: { address: '10.0.0.2', port_value: 1 } },
      response_flags: { unauthorized_details: { reason: 'EXTERNAL_SERVICE' }, downstream_connection_termination: true },
      metadata: { filter_metadata: { 'envoy.filters.http.ext_authz': row } },
      access_log_type: 'DownstreamEnd',
      downstream_wire_bytes_sent: 10,
      downstream_wire_bytes_received: 20,
    },
    request: { request_method: 'GET', path: '/api/v1/pods?watch=1', user_agent: 'kubectl' },
    response: { response_code: { value: 200 }, response_code_details: 'via_upstream' },
    ...given,
  })
  const messages = [
    [entry({})],
    [entry({}), entry({ common_properties: {} })],
    [entry({ request: null, response: null })],
    [],
  ]
  return messages.map(log_entry => serialize({ http_logs: { log_entry } }))
}

function checkSeeds(serialize: Method['requestSerialize']): readonly Buffer[] {
  const headers = [
    ['x-request-id', 'id'],
    [':path', '/a'],
    ['Authorization', 'Bearer a'],
  ].map(([key = '', value = '']) => ({
    key,
    raw_value: Buffer.from(value),
  }))
  const check = (http: object) => ({
    attributes: {
      source: { address: { socket_address: { address: '10.0.0.1', port_value: 1 } } },
      request: { http: { method: 'GET', path: '/a?b', header_map: { headers }, ...http } },
      context_extensions: { route: 'read' },
    },
  })
  const all = [check({}), check({ raw_body: Buffer.from('{}') }), check({ header_map: null }), { attributes: {} }, {}]
  return all.map(message => Buffer.concat([Buffer.from([CHECK]), serialize(message)]))
}
