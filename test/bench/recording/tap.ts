// What a whole tap takes, from journal and access log to the record, with a ledger and without.
/**
 * What a tap can take, with a ledger and without: the real process between a real Valkey, whose journal is full when it begins, and a
 * stream of access logs as Envoy sends them, into the embedded engine. By turns; each with a new record and a new ledger.
 * npm run bench -- tap [requests a turn; default 40000] [turns; default 3]
 */
import { mkdir } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { Client, type ClientWritableStream, credentials } from '@grpc/grpc-js'
import { MAIN } from '../../../local/edition/leasegate.ts'
import { listensOn } from '../../../local/process/listens-on.ts'
import { Supervisor } from '../../../local/process/supervisor.ts'
import { serviceDefinition } from '../../../src/envoy/server/protos.ts'
import { toStruct } from '../../../src/envoy/struct.ts'
import type { DecisionEntry } from '../../../src/record/journal/journal-entry.ts'
import { partitionPrefix } from '../../../src/redis/keys.ts'
import { decision } from '../../record/entries.ts'
import { makeLedgerFolder } from '../../record/ledger/a-ledger.ts'
import { Valkey } from '../../support/stores/valkey.ts'
import { cpuMs } from '../streams/sessions/processes.ts'

const REQUESTS = Number(process.argv[2] ?? 40_000)
const TURNS = Number(process.argv[3] ?? 3)
const WARM_UP = 6000
const JOURNAL = `${partitionPrefix('00')}journal`
const SETTLED = '{"decision":"allow","reason":"","approval":""}'
/** Entries of one message: Envoy sends what came in a second, or 16 KiB of it. */
const TOGETHER = 20

interface Took {
  readonly seconds: number
  readonly cpuMs: number
}

const valkey = await Valkey.start({ appendfsync: 'everysec' })
const redis = (await valkey.connected()).waiting('journal', JOURNAL)
await using ledgers = await makeLedgerFolder()
const supervisor = new Supervisor()
const logs = serviceDefinition('envoy.service.accesslog.v3.AccessLogService')['StreamAccessLogs']
if (logs === undefined) throw new Error('no StreamAccessLogs in the service')
const { path: LOGS, requestSerialize } = logs
const took: Record<'without' | 'with', Took[]> = { without: [], with: [] }
try {
  for (let turn = 0; turn < TURNS; turn++) {
    took.without.push(await measure(`without-${turn}`, {}))
    const settings = { LEASEGATE_LEDGER_DIRECTORY: ledgers.directory, LEASEGATE_LEDGER_KEY_FILE: ledgers.keyFile }
    took.with.push(await measure(`with-${turn}`, settings))
  }
  for (const [name, turns] of Object.entries(took)) {
    const [seconds, cpu] = [median(turns.map(each => each.seconds)), median(turns.map(each => each.cpuMs))]
    console.log(
      `${name} a ledger: ${Math.round(REQUESTS / seconds)} requests/s, ${((cpu / REQUESTS) * 1000).toFixed(0)} µs of CPU each`,
    )
  }
} finally {
  redis.disconnect()
  await supervisor.stop()
  await valkey.stop()
}

async function measure(name: string, settings: Readonly<Record<string, string>>): Promise<Took> {
  const directory = join(valkey.dir, name)
  await mkdir(directory)
  const [socket, health] = [join(directory, 'tap.sock'), join(directory, 'health.sock')]
  const tap = await supervisor.start({
    name,
    command: process.execPath,
    args: [MAIN, 'tap'],
    env: {
      LEASEGATE_REDIS_URL: valkey.url,
      LEASEGATE_TAP_LISTEN: `unix:${socket}`,
      LEASEGATE_HEALTH_LISTEN: `unix:${health}`,
      LEASEGATE_CLICKHOUSE_DIRECTORY: join(directory, 'clickhouse'),
      ...settings,
    },
    logFile: join(directory, 'log'),
    isReady: () => listensOn(socket),
  })
  const client = new Client(`unix:${socket}`, credentials.createInsecure())
  const stream = client.makeClientStreamRequest(
    LOGS,
    (bytes: Buffer) => bytes,
    String,
    () => undefined,
  )
  await give(stream, await journaled(`${name}-w`, WARM_UP))
  await untilWritten(health, 2 * WARM_UP)
  // What it is given lies there before it begins, so that nobody else takes part.
  supervisor.signal(name, 'SIGSTOP')
  const messages = await journaled(name, REQUESTS)
  const [before, from] = [cpuMs(tap.pid), performance.now()]
  supervisor.signal(name, 'SIGCONT')
  await give(stream, messages)
  await untilWritten(health, 2 * (WARM_UP + REQUESTS))
  const result = { seconds: (performance.now() - from) / 1000, cpuMs: cpuMs(tap.pid) - before }
  stream.end()
  await tap.stop()
  client.close()
  return result
}

/** Puts decisions into the journal; the messages of Envoy that tell of their ends. */
async function journaled(name: string, count: number): Promise<readonly Buffer[]> {
  const entries = Array.from({ length: count }, (_, n) =>
    decision({ auditId: `0195f0a2-7c1b-7e6a-${name}-${n}`, decidedAt: Date.now() + n, lease: `lse_${n % 50}` }),
  )
  for (let at = 0; at < count; at += 1000) {
    const adding = redis.pipeline()
    for (const entry of entries.slice(at, at + 1000))
      adding.xadd(JOURNAL, '*', 'e', JSON.stringify(entry), 's', SETTLED)
    await adding.exec()
  }
  return Array.from({ length: Math.ceil(count / TOGETHER) }, (_, n) =>
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

async function give(stream: ClientWritableStream<Buffer>, messages: readonly Buffer[]): Promise<void> {
  for (const message of messages) {
    if (!stream.write(message)) await new Promise(resolve => stream.once('drain', resolve))
  }
}

async function untilWritten(health: string, rows: number): Promise<void> {
  for (;;) {
    const written = /^leasegate_record_rows_total (\d+)/m.exec(await metricsOf(health))?.[1]
    if (Number(written) >= rows) return
    await wait(100)
  }
}

function metricsOf(socketPath: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asking = request({ socketPath, path: '/metrics' }, async response => {
      const parts: Buffer[] = []
      for await (const part of response) parts.push(part)
      resolve(Buffer.concat(parts).toString())
    })
    asking.once('error', reject).end()
  })
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
