import type { ClickHouseClient } from '@clickhouse/client'
import { onCluster } from '../migrations/for-cluster.ts'
import type { Table } from '../record-sink.ts'

/** How long rows are kept, in days. */
export interface Retention {
  readonly requests: number
  readonly events: number
  readonly minutes: number
  /** What was recorded of sessions. */
  readonly sessions: number
}

interface Applying {
  readonly cluster?: string | null
  /** Of which tables rows that are kept for longer may be deleted; of none by default. */
  readonly mayShorten?: (table: string) => boolean
}

type Kept = Table | 'minute_marks' | 'minute_counts' | 'session_deletions'

/** Which time of a row its age is reckoned from, and which part of the setting it follows. */
const TABLES = {
  request_halves: { age: 'toDateTime(decided_at)', by: 'requests' },
  refusal_summaries: { age: 'minute', by: 'requests' },
  lease_events: { age: 'toDateTime(at)', by: 'events' },
  approval_events: { age: 'toDateTime(at)', by: 'events' },
  hold_events: { age: 'toDateTime(at)', by: 'events' },
  stop_events: { age: 'toDateTime(at)', by: 'events' },
  broker_refusals: { age: 'toDateTime(at)', by: 'requests' },
  session_keys: { age: 'toDateTime(started_at)', by: 'sessions' },
  session_chunks: { age: 'toDateTime(started_at)', by: 'sessions' },
  session_commands: { age: 'toDateTime(started_at)', by: 'sessions' },
  session_ends: { age: 'toDateTime(started_at)', by: 'requests' },
  session_deletions: { age: 'toDateTime(at)', by: 'events' },
  minute_marks: { age: 'minute', by: 'minutes' },
  minute_counts: { age: 'minute', by: 'minutes' },
} as const satisfies Record<Kept, { readonly age: string; readonly by: keyof Retention }>

/**
 * Makes the tables keep their rows for so long at least, and for no longer where `mayShorten` says so: who lengthened it by hand had a
 * reason, and what ClickHouse deletes is gone. Returns a line for each table that kept them for another time before.
 */
export async function applyRetention(
  writer: ClickHouseClient,
  retention: Retention,
  { cluster = null, mayShorten = () => false }: Applying = {},
): Promise<readonly string[]> {
  const before = await daysByTable(writer)
  const others = Object.entries(TABLES).filter(([table, { by }]) => before.get(table) !== retention[by])
  const isLonger = (days = 0, wanted: number) => days === 0 || days > wanted
  const left = others.filter(([table, { by }]) => !mayShorten(table) && isLonger(before.get(table), retention[by]))
  const changed = others.filter(each => !left.includes(each))
  for (const [table, { age, by }] of changed) {
    await writer.command({
      query: `ALTER TABLE ${table} ${onCluster(cluster)} MODIFY TTL ${age} + toIntervalDay(${retention[by]})`,
    })
  }
  return [
    ...changed.map(([table, { by }]) => `kept from now on: ${table}: ${retention[by]} days`),
    ...left.map(
      ([table]) =>
        `kept as before: ${table}: ${before.get(table) ? `${before.get(table)} days` : 'for ever'}, which is longer than set`,
    ),
  ]
}

/** Tables of the record that are there already. */
export async function tablesThere(writer: ClickHouseClient): Promise<ReadonlySet<string>> {
  return new Set((await daysByTable(writer)).keys())
}

async function daysByTable(writer: ClickHouseClient): Promise<ReadonlyMap<string, number>> {
  const result = await writer.query({
    query: `SELECT name, toUInt32OrZero(extract(engine_full, 'TTL .* \\\\+ toIntervalDay\\\\((\\\\d+)\\\\)')) AS days
      FROM system.tables WHERE database = currentDatabase()`,
    format: 'JSONEachRow',
  })
  const rows = await result.json<{ readonly name: string; readonly days: number }>()
  return new Map(rows.map(({ name, days }) => [name, days]))
}
