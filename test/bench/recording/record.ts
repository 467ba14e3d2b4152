// How fast rows go into the record, and how long an analyst waits.
/**
 * How fast rows go in (the tap's own way, JSON batches) and how long an analyst waits, on the embedded engine.
 * npm run bench -- record [requests, in millions; default 1]
 */
import { createClickHouseSink } from '../../../src/record/clickhouse-record-sink.ts'
import { createQueryRunner, type QueryRequest } from '../../../src/record/queries/run-query.ts'
import { toOutcomeRow, toRow } from '../../../src/record/to-rows.ts'
import { openTestDatabase, select } from '../../record/embedded.ts'
import { decision, item, outcome } from '../../record/entries.ts'

const MILLION = 1_000_000
const REQUESTS = Number(process.argv[2] ?? 1) * MILLION
const SAMPLE = 50_000
const BATCH = 5000
const START = Date.now() - 7 * 86_400_000

await using database = await openTestDatabase()
const { writer, reader } = database.clickhouse
const sink = createClickHouseSink(writer)
const run = createQueryRunner(reader)

await measureInserts()
await database.clear()
for (let from = 0; from < REQUESTS; from += MILLION / 4) await generate(from, Math.min(MILLION / 4, REQUESTS - from))
await measureQueries('halves not merged yet')
await writer.command({ query: 'OPTIMIZE TABLE request_halves FINAL' })
await measureQueries('merged')
await reportSize()

async function measureInserts(): Promise<void> {
  const entries = Array.from({ length: SAMPLE }, (_, n) => decision({ auditId: `a-${n}`, decidedAt: START + n }))
  const rows = [...entries.map(entry => toRow(item(entry))), ...entries.map(entry => toOutcomeRow(outcome(entry), ''))]
  const begin = performance.now()
  for (let at = 0; at < rows.length; at += BATCH) await sink.write(rows.slice(at, at + BATCH))
  const seconds = (performance.now() - begin) / 1000
  console.log(`insert: ${Math.round(rows.length / seconds)} half rows/s in batches of ${BATCH}`)
}

/** Seven days, 20 agents, 100 requests a lease, one in 20 denied; made by the engine, in parts of a quarter million. */
async function generate(from: number, count: number): Promise<void> {
  // Settings stick to an embedded session, and the last batch's token would drop these rows as its copy.
  await writer.command({ query: "SET deduplicate_insert = 'disable'" })
  const n = `(number + ${from})`
  const group = `intDiv(${n}, 2000) * 20 + ${n} % 20`
  const key = `fromUnixTimestamp64Milli(${START} + toInt64(${n} * 604800000. / ${REQUESTS}), 'UTC') AS decided_at,
    concat('agent-', toString(${n} % 20)) AS agent, concat('lse_', leftPad(toString(${group}), 20, '0')) AS lease,
    lower(hex(MD5(toString(${n})))) AS audit_id`
  const denied = `${n} % 100 >= 95`
  await writer.command({
    query: `INSERT INTO request_halves (decided_at, agent, lease, audit_id, sponsor, task, template, method, path, readable,
        is_resource, verb, api_version, resource, namespace, name, command, decision, reason, source, user_agent, kubectl_session)
      SELECT ${key}, 'ada@example.com', concat('task ', toString(${group})), 'restart-web', 'GET',
        concat('/api/v1/namespaces/shop/pods/web-', toString(rand() % 5000)), true, true,
        arrayElement(['get', 'list', 'watch', 'patch'], 1 + ${n} % 4), 'v1', arrayElement(['pods', 'secrets', 'deployments'], 1 + ${n} % 3),
        concat('ns-', toString(${n} % 50)), concat('web-', toString(rand() % 5000)), '[]', if(${denied}, 'deny', 'allow'),
        if(${denied}, 'out-of-scope', ''), '10.0.0.7', 'kubectl/v1.36.0', toString(generateUUIDv4())
      FROM numbers(${count})`,
  })
  await writer.command({
    query: `INSERT INTO request_halves (decided_at, agent, lease, audit_id, started_at, seen_at, ended_at, status, duration_ms,
        bytes_in, bytes_out, forwarded, flags, details)
      SELECT ${key}, decided_at, decided_at, decided_at, 200, rand() % 500, 100, rand() % 20000, true, '', 'via_upstream'
      FROM numbers(${count})`,
  })
}

async function measureQueries(state: string): Promise<void> {
  const lease = `lse_${String(20 * Math.floor(REQUESTS / 4000) + 7).padStart(20, '0')}`
  const audit = (await run({ kind: 'sql', sql: `SELECT any(audit_id) FROM requests WHERE lease = '${lease}'` }))
    .rows[0]?.[0]
  const queries: Record<string, QueryRequest> = {
    'lease-timeline': { kind: 'saved', name: 'lease-timeline', params: { lease } },
    'one audit id': { kind: 'sql', sql: `SELECT * FROM requests WHERE audit_id = '${audit}'` },
    'agent-activity of one agent, one day': {
      kind: 'saved',
      name: 'agent-activity',
      params: { since: '24h', agent: 'agent-7' },
    },
    'denials of a day': { kind: 'saved', name: 'denials', params: { since: '24h' } },
    'secrets-read of a week': { kind: 'saved', name: 'secrets-read', params: { since: '7d' } },
    'open-streams': { kind: 'saved', name: 'open-streams', params: {} },
    'lease-list of a week': { kind: 'saved', name: 'lease-list', params: {} },
  }
  console.log(`\n${state}, ${REQUESTS / MILLION} million requests:`)
  for (const [name, query] of Object.entries(queries)) console.log(`  ${name}: ${await bestOf(5, query)}`)
}

async function bestOf(times: number, query: QueryRequest): Promise<string> {
  const taken: number[] = []
  let rows = 0
  for (let i = 0; i < times; i++) {
    const begin = performance.now()
    rows = (await run(query)).rows.length
    taken.push(performance.now() - begin)
  }
  return `${Math.round(taken.toSorted((a, b) => a - b)[Math.floor(times / 2)] ?? 0)} ms (median of ${times}), ${rows} rows`
}

async function reportSize(): Promise<void> {
  const query = `SELECT sum(bytes_on_disk) AS bytes, sum(rows) AS rows FROM system.parts WHERE active AND table = 'request_halves'`
  const [size] = await select(writer, query)
  console.log(`\n${Math.round(Number(size?.['bytes']) / REQUESTS)} bytes per request on disk, ${size?.['rows']} rows`)
}
