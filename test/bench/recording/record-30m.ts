// What 30 million requests weigh in the record, and how long an analyst waits: many minutes.
/**
 * What 30 million requests weigh and how long an analyst waits, on the embedded engine: the rows are made by the engine
 * from numbers (the same rows each time), 30 days, 50 agents, 300 requests a lease, 1 in 20 denied, 1 in 50 a watch.
 * npm run bench -- record-30m [requests, in millions; default 30]
 */

import { createQueryRunner, type QueryRequest } from '../../../src/record/queries/run-query.ts'
import { countMinutes } from '../../../src/record/upkeep/count-minutes.ts'
import { openTestDatabase, select } from '../../record/embedded.ts'
import { insertLeases, insertRequests, leaseAt, type Plan } from './rows/record-rows.ts'

const MILLION = 1_000_000
const DAYS = 30
const total = Number(process.argv[2] ?? 30) * MILLION
const plan: Plan = { total, days: DAYS, start: Math.floor(Date.now() / 86_400_000 - DAYS) * 86_400_000 }

await using database = await openTestDatabase()
const { writer, reader } = database.clickhouse
const run = createQueryRunner(reader)

await ingest()
await count()
await report('today not merged yet')
await writer.command({ query: 'OPTIMIZE TABLE request_halves FINAL' })
await report('merged')
await reportSize()

async function count(): Promise<void> {
  const begin = performance.now()
  let minutes = 0
  for (;;) {
    const counted = await countMinutes(writer, { now: Date.now() + 60_000 })
    if (counted === 0) break
    minutes += counted
  }
  console.log(`${minutes} minutes counted in ${seconds(begin)} s`)
}

function seconds(since: number): number {
  return Math.round((performance.now() - since) / 100) / 10
}

async function ingest(): Promise<void> {
  const started = performance.now()
  await insertLeases(writer, plan)
  for (let day = 0; day < DAYS; day++) {
    await insertRequests(writer, plan, day)
    // Days that are over are merged, as the engine does by itself within an hour.
    if (day < DAYS - 1) await writer.command({ query: `OPTIMIZE TABLE request_halves PARTITION '${dayOf(day)}' FINAL` })
  }
  const took = seconds(started)
  console.log(`${total / MILLION} million requests in ${took} s, merges of past days included`)
}

function dayOf(day: number): string {
  return new Date(plan.start + day * 86_400_000).toISOString().slice(0, 10)
}

async function report(state: string): Promise<void> {
  const lease = leaseAt(plan, 15)
  const last = leaseAt(plan, 29)
  const audit = String(
    (await run({ kind: 'sql', sql: `SELECT any(audit_id) FROM requests WHERE lease = '${lease}'` })).rows[0]?.[0],
  )
  const saved = (name: string, params: Record<string, string> = {}): [string, QueryRequest] => [
    `${name} ${Object.entries(params)
      .map(([key, value]) => `${key}=${value}`)
      .join(' ')}`,
    { kind: 'saved', name, params },
  ]
  console.log(`\n${state}: first run, then the median of 3`)
  for (const [name, query] of [
    saved('lease-timeline', { lease }),
    saved('lease-timeline', { lease: last }),
    saved('incident-export', { lease }),
    ['one audit id', { kind: 'sql', sql: `SELECT * FROM requests WHERE audit_id = '${audit}'` }] as const,
    saved('agent-activity', { agent: 'agent-7', since: '24h' }),
    saved('agent-activity', { since: '30d' }),
    saved('denials', { since: '24h' }),
    saved('denials-by-reason', { since: '7d' }),
    saved('denied-verbs', { since: '30d' }),
    saved('secrets-read', { since: '7d' }),
    saved('exec-sessions', { since: '7d' }),
    saved('open-streams'),
    saved('lease-list', { since: '24h' }),
    saved('writes-around-approvals', { since: '7d' }),
    saved('approvals', { since: '7d' }),
    saved('approval-latency', { since: '30d' }),
    saved('unused-scope', { since: '7d' }),
    saved('first-seen', { since: '24h' }),
    saved('bursts', { since: '24h' }),
    saved('out-of-hours', { since: '7d' }),
    saved('decision-latency', { since: '24h' }),
    saved('watch-volume', { since: '24h' }),
    saved('object-history', { resource: 'deployments', name: 'web-17', since: '30d' }),
    [
      'requests by hour of 30 days',
      { kind: 'sql', sql: 'SELECT toStartOfHour(minute) AS hour, sum(requests) FROM requests_by_minute GROUP BY hour' },
    ] as const,
  ] as const) {
    console.log(`  ${name.trim()}: ${await timed(query)}`)
  }
}

async function timed(query: QueryRequest): Promise<string> {
  const taken: number[] = []
  let rows = 0
  try {
    for (let i = 0; i < 4; i++) {
      const from = performance.now()
      rows = (await run(query)).rows.length
      taken.push(Math.round(performance.now() - from))
    }
  } catch (error) {
    return error instanceof Error ? `${error.message.slice(0, 200)} ${String(error.cause ?? '')}` : 'failed'
  }
  const [first, ...rest] = taken
  return `${first} ms, ${rest.toSorted((a, b) => a - b)[1]} ms, ${rows} rows`
}

async function reportSize(): Promise<void> {
  const tables = await select(
    writer,
    `SELECT table, sum(rows) AS rows, sum(bytes_on_disk) AS bytes, sum(secondary_indices_compressed_bytes) AS indexes, count() AS parts
     FROM system.parts WHERE active AND database = currentDatabase() GROUP BY table ORDER BY bytes DESC`,
  )
  console.log('\nper request on disk')
  for (const { table, rows, bytes, indexes, parts } of tables) {
    console.log(`  ${table}: ${perRequest(bytes)} B (indexes ${perRequest(indexes)} B), ${rows} rows, ${parts} parts`)
  }
  const indexes = await select(
    writer,
    `SELECT name, data_compressed_bytes AS bytes FROM system.data_skipping_indices WHERE database = currentDatabase() ORDER BY name`,
  )
  console.log(`  indexes: ${indexes.map(({ name, bytes }) => `${name} ${perRequest(bytes)}`).join(', ')}`)
  const columns = await select(
    writer,
    `SELECT column, sum(column_data_compressed_bytes) AS bytes FROM system.parts_columns
     WHERE active AND database = currentDatabase() AND table = 'request_halves' GROUP BY column HAVING bytes > ${total / 20} ORDER BY bytes DESC`,
  )
  console.log(`  ${columns.map(({ column, bytes }) => `${column} ${perRequest(bytes)}`).join(', ')}`)
}

function perRequest(bytes: unknown): string {
  return (Number(bytes) / total).toFixed(2)
}
