import type { ClickHouseClient } from '@clickhouse/client'
import { uuidv7 } from 'uuidv7'
import { onCluster } from '../migrations/for-cluster.ts'

/** Whose rows: an agent's, those of one lease, or a person's, which are the rows of every lease on their behalf. */
export interface Whose {
  readonly kind: 'agent' | 'sponsor' | 'lease'
  readonly name: string
}

export interface Found {
  readonly requests: number
  readonly leases: number
  readonly approvals: number
  /** Answers and revocations of this person for leases of others: these stay, without the name. */
  readonly named: number
}

const TABLES = ['request_halves', 'lease_events', 'approval_events'] as const
/** Where whoever ended, answered or held is named. */
const NAMING = ['lease_events', 'approval_events', 'hold_events', 'stop_events'] as const
/** Leases in one statement: it has to be short enough for the server to parse. */
const CHUNK = 1000
export const DELETED = '[deleted]'

export async function findRows(client: ClickHouseClient, whose: Whose): Promise<Found> {
  const conditions = await toConditions(client, whose)
  const sum = async (select: string): Promise<number> => {
    const counts = conditions.map(condition => countOf(client, `${select} WHERE ${condition}`))
    return (await Promise.all(counts)).reduce((total, count) => total + count, 0)
  }
  return {
    requests: await sum('SELECT uniqExact(decided_at, audit_id) AS n FROM request_halves'),
    leases: await sum('SELECT uniqExact(lease) AS n FROM lease_events'),
    approvals: await sum('SELECT uniqExact(approval) AS n FROM approval_events'),
    named: whose.kind === 'sponsor' ? await named(client, whose.name) : 0,
  }
}

/** One statement of a deletion. */
export interface Change {
  readonly table: string
  /** Of the rows that it is about. */
  readonly where: string
  /** They go, or the name of whoever did something goes from them. */
  readonly what: 'delete' | 'unname'
}

/** Runs one change, and does what belongs before and after it. */
export type AroundChange = (change: Change, act: () => Promise<void>) => Promise<void>

/**
 * Deletes them from every table, on every replica, and returns when that is done. Minutes that they were counted in are read
 * from the requests until they are counted anew, a day later: a deletion that is broken off leaves no wrong count.
 */
export async function deleteRows(
  writer: ClickHouseClient,
  whose: Whose,
  cluster: string | null = null,
  around: AroundChange = (_, act) => act(),
): Promise<void> {
  const change = (table: string, where: string, what: Change['what']): Promise<void> =>
    around({ table, where, what }, async () => {
      const how = what === 'delete' ? `DELETE WHERE ${where}` : `UPDATE by = '${DELETED}' WHERE ${where}`
      const query = `ALTER TABLE ${table} ${onCluster(cluster)} ${how}`
      await writer.command({ query, clickhouse_settings: { mutations_sync: '2' } })
    })
  for (const condition of await toConditions(writer, whose)) {
    await touchMinutes(writer, condition)
    for (const table of TABLES) await change(table, condition, 'delete')
  }
  if (whose.kind === 'agent') {
    for (const table of ['minute_counts', 'hold_events', 'broker_refusals'])
      await change(table, `agent = ${quoted(whose.name)}`, 'delete')
  }
  if (whose.kind !== 'lease') {
    await change('stop_events', `subject = '${whose.kind}' AND name = ${quoted(whose.name)}`, 'delete')
  }
  if (whose.kind !== 'sponsor') return
  await change('broker_refusals', `person = ${quoted(whose.name)}`, 'delete')
  for (const table of NAMING) await change(table, `by = ${quoted(whose.name)}`, 'unname')
}

/** The sponsor stands in one half of a row only, the lease in both; and there is no sponsor without a lease. */
async function toConditions(client: ClickHouseClient, { kind, name }: Whose): Promise<readonly string[]> {
  if (kind !== 'sponsor') return [`${kind} = ${quoted(name)}`]
  const leases = await leasesOf(client, name)
  const chunks = Array.from({ length: Math.ceil(leases.length / CHUNK) }, (_, n) =>
    leases.slice(n * CHUNK, (n + 1) * CHUNK),
  )
  return chunks.map(chunk => `lease IN (${chunk.map(quoted)})`)
}

async function leasesOf(client: ClickHouseClient, sponsor: string): Promise<readonly string[]> {
  const of = `sponsor = ${quoted(sponsor)} AND lease != ''`
  const result = await client.query({
    query: `SELECT lease FROM lease_events WHERE ${of} UNION DISTINCT SELECT lease FROM request_halves WHERE ${of}`,
    format: 'JSONEachRow',
  })
  return (await result.json<{ readonly lease: string }>()).map(({ lease }) => lease)
}

async function touchMinutes(writer: ClickHouseClient, condition: string): Promise<void> {
  await writer.command({
    query: `INSERT INTO minute_marks (minute, touched, counted, settles_at)
      SELECT toDateTime(toStartOfMinute(decided_at), 'UTC') AS minute, 1, 0, now() + INTERVAL 1 DAY
      FROM request_halves WHERE ${condition} GROUP BY minute`,
    clickhouse_settings: { async_insert: 0, insert_deduplication_token: uuidv7() },
  })
}

async function named(client: ClickHouseClient, name: string): Promise<number> {
  const counts = NAMING.map(table =>
    countOf(client, `SELECT count() AS n FROM ${table} FINAL WHERE by = ${quoted(name)}`),
  )
  return (await Promise.all(counts)).reduce((total, count) => total + count, 0)
}

async function countOf(client: ClickHouseClient, query: string): Promise<number> {
  const result = await client.query({ query, format: 'JSONEachRow' })
  return Number((await result.json<{ readonly n: string | number }>())[0]?.n)
}

function quoted(text: string): string {
  return `'${text.replace(/['\\]/g, '\\$&')}'`
}
