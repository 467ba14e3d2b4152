import type { ClickHouseClient } from '@clickhouse/client'
import type { RowKey } from './row-key.ts'

interface Found {
  readonly audit_id: string
  readonly decided_ms: string
  readonly agent: string
  readonly lease: string
}

/** The keys of the decisions with these audit ids, as far as they were made within the last day and are on record. */
export async function findRowKeys(
  client: ClickHouseClient,
  auditIds: readonly string[],
): Promise<ReadonlyMap<string, RowKey>> {
  const result = await client.query({
    // The day keeps old partitions out of it; a half without a decision is not what is looked for.
    query: `SELECT audit_id, toString(toUnixTimestamp64Milli(decided_at)) AS decided_ms, agent, lease FROM request_halves
      WHERE audit_id IN {ids:Array(String)} AND decision IS NOT NULL AND decided_at > now64(3) - INTERVAL 1 DAY`,
    query_params: { ids: auditIds },
    format: 'JSONEachRow',
  })
  const rows = await result.json<Found>()
  return new Map(
    rows.map(({ audit_id: auditId, decided_ms, agent, lease }) => [
      auditId,
      { auditId, decidedAt: Number(decided_ms), agent, lease },
    ]),
  )
}
