import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { serviceDefinition } from '../../../src/envoy/server/protos.ts'
import { toOutcome } from '../../../src/envoy/to-outcome.ts'
import { toPutOff } from '../../../src/envoy/to-put-off.ts'
import { readLogs } from '../../../src/envoy/wire/access-log-codec.ts'
import { type AccessLogMessage, readPlainLogs } from '../../../src/envoy/wire/plain-log.ts'
import { changed, edits } from './tampered.ts'

const library = (() => {
  const method = serviceDefinition('envoy.service.accesslog.v3.AccessLogService')['StreamAccessLogs']
  if (method === undefined) throw new Error('no StreamAccessLogs')
  return method
})()

const PROTOS = new URL('../../../protos/envoy-api/envoy/', import.meta.url)
const textOf = (file: string) => readFileSync(new URL(file, PROTOS), 'utf8').replace(/\/\/.*/g, '')
const ACCESS_LOG = textOf('data/accesslog/v3/accesslog.proto')
const blockOf = (text: string, begin: string) => text.slice(text.indexOf(`${begin} {`)).split(/^\}/m, 1)[0] ?? ''
const FLAG_NAMES = [...blockOf(ACCESS_LOG, 'message ResponseFlags').matchAll(/bool (\w+) = (\d+);/g)]
const namesOf = (block: string) => [...block.matchAll(/(\w+) = \d+;/g)].map(([, name]) => name ?? '')
const TYPES = namesOf(blockOf(ACCESS_LOG, 'enum AccessLogType'))
const METHODS = namesOf(blockOf(textOf('config/core/v3/base.proto'), 'enum RequestMethod'))

/** What becomes of what one reader makes of it. */
function outcomes(read: () => AccessLogMessage): unknown {
  let message: AccessLogMessage
  try {
    message = read()
  } catch {
    return 'no message'
  }
  return message.http_logs?.log_entry?.map(entry => [toOutcome(entry, 0), toPutOff(entry)]) ?? []
}

/**
 * Wherever the library finds a message the two readers agree, or the plain one says nothing; whether it did. Where what nobody reads is
 * broken, the plain one passes it by.
 */
function agree(bytes: Buffer): boolean {
  const plain = readPlainLogs(bytes)
  const [whole, ours] = [
    outcomes(() => library.requestDeserialize(bytes) as AccessLogMessage),
    outcomes(() => readLogs(bytes)),
  ]
  if (plain === null || whole !== 'no message') expect(ours).toEqual(whole)
  else expect(ours).not.toBe('no message')
  return plain !== null
}

const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constantFrom('/api/v1/pods?watch=1', 'kubectl'))
const id = fc.constantFrom('0195f0a2-7c1b-7e6a-8000-000000000000', 'none', '')
const count = fc.oneof(fc.nat(), fc.nat({ max: 2 ** 48 }))
const time = fc.record({ seconds: count, nanos: fc.nat({ max: 999_999_999 }) }, { requiredKeys: [] })
const address = fc.record({ socket_address: fc.record({ address: text, port_value: fc.nat({ max: 65_535 }) }) })
const some = <T extends object>(all: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record(all, { requiredKeys: [] })
const value = fc.oneof(
  text.map(stringValue => ({ stringValue })),
  fc.double({ noNaN: true }).map(numberValue => ({ numberValue })),
  fc.boolean().map(boolValue => ({ boolValue })),
)
const key = fc.constantFrom('audit_id', 'decided_at', 'agent', 'lease', 'other')
const row = fc.oneof(
  fc.dictionary(key, value),
  fc.constant({
    audit_id: { stringValue: 'a' },
    decided_at: { numberValue: 1_790_000_000_123 },
    agent: { stringValue: 'fixer' },
    lease: { stringValue: 'lse_1' },
  }),
)
const struct = row.map(fields => ({
  fields: { row: { structValue: { fields } }, denied: { boolValue: true }, approval: { stringValue: 'apr_1' } },
}))
const tunnel = fc.constant({ fields: { closed: { boolValue: true }, status: { stringValue: '{"status":"Success"}' } } })
const entry = some({
  common_properties: some({
    sample_rate: fc.double({ noNaN: true }),
    ...{ start_time: time, duration: time, time_to_first_upstream_tx_byte: time, time_to_last_rx_byte: time },
    ...{ downstream_direct_remote_address: address, upstream_remote_address: address, upstream_local_address: address },
    ...{ upstream_cluster: text, route_name: text, stream_id: text, upstream_request_attempt_count: fc.nat() },
    tls_properties: fc.record({ tls_version: fc.nat({ max: 4 }), tls_sni_hostname: text }),
    response_flags: fc.oneof(
      fc.constant({}),
      fc.dictionary(fc.constantFrom(...FLAG_NAMES.map(([, name]) => name ?? '')), fc.boolean()),
      fc.constant({ unauthorized_details: { reason: 1 }, local_reset: true }),
    ),
    metadata: some({
      filter_metadata: some({ 'envoy.filters.http.ext_authz': struct, 'leasegate.tunnel': tunnel, other: struct }),
      typed_filter_metadata: fc.constant({ a: { type_url: 'b', value: Buffer.from('c') } }),
    }),
    ...{ downstream_wire_bytes_sent: count, downstream_wire_bytes_received: count, upstream_wire_bytes_sent: count },
    access_log_type: fc.constantFrom(...TYPES),
  }),
  protocol_version: fc.nat({ max: 4 }),
  request: some({
    request_method: fc.oneof(fc.constantFrom(...METHODS), fc.constantFrom(10, 77)),
    ...{ path: text, user_agent: text, request_id: id, authority: text, request_headers_bytes: count },
    request_headers: fc.dictionary(text, text),
  }),
  response: some({
    response_code: some({ value: fc.constantFrom(0, 101, 200, 403, 429) }),
    ...{ response_code_details: fc.constantFrom('via_upstream', ''), response_body_bytes: count },
  }),
})
const messages = fc
  .record({ log_entry: fc.array(entry, { maxLength: 3 }), identified: fc.boolean() })
  .map(({ log_entry, identified }) =>
    library.requestSerialize({
      ...(identified ? { identifier: { node: { id: 'envoy' }, log_name: 'requests' } } : {}),
      http_logs: { log_entry },
    }),
  )

describe('readLogs', () => {
  test('reads what Envoy tells without the library, and as the library does', () => {
    fc.assert(
      fc.property(messages, message => {
        expect(agree(message)).toBe(true)
      }),
      { numRuns: 200 },
    )
  })

  test('of a message that was tampered with it says what the library says', () => {
    let plain = 0
    fc.assert(
      fc.property(messages, edits, (message, changes) => {
        if (agree(changes.reduce(changed, message))) plain += 1
      }),
      { numRuns: 1000 },
    )
    // Else nothing was compared.
    expect(plain).toBeGreaterThan(30)
  })

  test('every flag, type and method has the name that the library has for it', () => {
    const all = (number: number) => ({
      common_properties: {
        access_log_type: number % TYPES.length,
        response_flags: { [FLAG_NAMES[number % FLAG_NAMES.length]?.[1] ?? '']: true },
      },
      request: { request_method: number % (METHODS.length + 2) },
    })
    const log_entry = Array.from({ length: 60 }, (_, number) => all(number))
    expect(agree(library.requestSerialize({ http_logs: { log_entry } }))).toBe(true)
  })

  test.each([
    { name: 'a time before 1970', given: { common_properties: { start_time: { seconds: -5, nanos: 0 } } } },
    { name: 'a list in metadata', given: withStruct({ a: { listValue: { values: [] } } }) },
    {
      name: 'a socket that is none',
      given: { common_properties: { upstream_remote_address: { pipe: { path: '/' } } } },
    },
  ])('$name is left to the library', ({ given }) => {
    const message = library.requestSerialize({ http_logs: { log_entry: [given] } })
    expect(readPlainLogs(message)).toBeNull()
    expect(agree(message)).toBe(false)
  })
})

test('a bool of another number than one is left to the library', () => {
  const message = library.requestSerialize({ http_logs: { log_entry: [withStruct({ a: { boolValue: true } })] } })
  const odd = Buffer.from(message.toString('latin1').replace('\x12\x02\x20\x01', '\x12\x02\x20\x02'), 'latin1')
  expect(odd.equals(message)).toBe(false)
  expect(readPlainLogs(message)).not.toBeNull()
  expect(readPlainLogs(odd)).toBeNull()
})

function withStruct(fields: object): object {
  return { common_properties: { metadata: { filter_metadata: { 'envoy.filters.http.ext_authz': { fields } } } } }
}
