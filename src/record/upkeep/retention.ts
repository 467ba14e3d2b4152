import type { ClickHouseClient } from '@clickhouse/client'
import { onCluster } from '../migrations/for-cluster.ts'
import type { Table } from '../record-sink.ts'

/** How long rows are kept, in days. */
export interface Retention {
  readonly requests: number
  readonly events: number
  readonly minutes: number
}

type Kept = Table | 'minute_marks' | 'minute_counts'

/** Which time of a row its age is reckoned from, and which part of the setting it follows. */
const TABLES = {
  request_halves: { age: 'toDateTime(decided_at)', by: 'requests' },
  refusal_summaries: { age: 'minute', by: 'requests' },
  lease_events: { age: 'toDateTime(at)', by: 'events' },
  approval_events: { age: 'toDateTime(at)', by: 'events' },
  hold_events: { age: 'toDateTime(at)', by: 'events' },
  minute_marks: { age: 'minute', by: 'minutes' },
  minute_counts: { age: 'minute', by: 'minutes' },
} as const satisfies Record<Kept, { readonly age: string; readonly by: keyof Retention }>

/** Makes the tables keep their rows for so long, and returns those that kept them for another time before. */
export async function applyRetention(
  writer: ClickHouseClient,
  retention: Retention,
  cluster: string | null = null,
): Promise<readonly string[]> {
  const before = await daysByTable(writer)
  const changed = Object.entries(TABLES).filter(([table, { by }]) => before.get(table) !== retention[by])
  for (const [table, { age, by }] of changed) {
    await writer.command({
      query: `ALTER TABLE ${table} ${onCluster(cluster)} MODIFY TTL ${age} + toIntervalDay(${retention[by]})`,
    })
  }
  return changed.map(([table, { by }]) => `${table}: ${retention[by]} days`)
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
