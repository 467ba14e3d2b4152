import type { Redis } from 'ioredis'
import { serviceDefinition } from '../../../../src/envoy/server/protos.ts'
import { toStruct } from '../../../../src/envoy/struct.ts'
import type { DecisionEntry } from '../../../../src/record/journal/journal-entry.ts'
import { partitionPrefix } from '../../../../src/redis/keys.ts'
import { decision } from '../../../record/entries.ts'

const JOURNAL = `${partitionPrefix('00')}journal`
const SETTLED = '{"decision":"allow","reason":"","approval":""}'
/** Entries of one message: Envoy sends what came in a second, or 16 KiB of it. */
const TOGETHER = 20

const found = serviceDefinition('envoy.service.accesslog.v3.AccessLogService')['StreamAccessLogs']
if (found === undefined) throw new Error('no StreamAccessLogs in the service')
export const LOGS = found.path
const { requestSerialize } = found

/** Puts decisions into the journal; the messages of Envoy that tell of their ends. */
export async function journaled(redis: Redis, name: string, count: number): Promise<readonly Buffer[]> {
  const entries = Array.from({ length: count }, (_, n) =>
    decision({ auditId: `0195f0a2-7c1b-7e6a-${name}-${n}`, decidedAt: Date.now() + n, lease: `lse_${n % 50}` }),
  )
  for (let at = 0; at < count; at += 1000) {
    const adding = redis.pipeline()
    for (const entry of entries.slice(at, at + 1000))
      adding.xadd(JOURNAL, '*', 'e', JSON.stringify(entry), 's', SETTLED)
    await adding.exec()
  }
  return logMessages(entries)
}

/** Envoy's messages that tell of the ends of these. */
export function logMessages(entries: readonly DecisionEntry[]): readonly Buffer[] {
  return Array.from({ length: Math.ceil(entries.length / TOGETHER) }, (_, n) =>
    requestSerialize({ http_logs: { log_entry: entries.slice(n * TOGETHER, (n + 1) * TOGETHER).map(toLogEntry) } }),
  )
}

function toLogEntry({ auditId, decidedAt, agent, lease, method, path, userAgent }: DecisionEntry): object {
  const row = toStruct({ row: { audit_id: auditId, decided_at: decidedAt, agent, lease } })
  return {
    common_properties: {
      start_time: { seconds: Math.floor(decidedAt / 1000), nanos: (decidedAt % 1000) * 1e6 },
      duration: { seconds: 0, nanos: 5_000_000 },
      downstream_direct_remote_address: { socket_address: { address: '10.0.0.1', port_value: 1 } },
      upstream_remote_address: { socket_address: { address: '10.0.0.2', port_value: 1 } },
      response_flags: {},
      metadata: { filter_metadata: { 'envoy.filters.http.ext_authz': row } },
      access_log_type: 'DownstreamEnd',
      downstream_wire_bytes_sent: 1000,
      downstream_wire_bytes_received: 200,
    },
    request: { request_method: method, path, user_agent: userAgent, request_id: auditId },
    response: { response_code: { value: 200 }, response_code_details: 'via_upstream' },
  }
}
