import type { ClickHouseClient } from '@clickhouse/client'
import { uuidv7 } from 'uuidv7'

export interface CountOptions {
  /** Name of the cluster that the writer's server belongs to, if any. */
  readonly cluster?: string | null
  /** Minutes that are counted at most: so many requests are read by one query. */
  readonly atOnce?: number
  /** Epoch milliseconds that minutes must have settled by; the server's clock where it is left out. */
  readonly now?: number
}

interface Mark {
  /** Epoch seconds. */
  readonly at: number
  readonly touched: string
}

/**
 * Counts the minutes that were touched since they were counted last, and have settled; resolves with their number. The view
 * requests_by_minute is right without it and slow. Two at once, a crash in between, and repetition change nothing.
 */
export async function countMinutes(
  writer: ClickHouseClient,
  { cluster = null, atOnce = 240, now }: CountOptions = {},
): Promise<number> {
  const marks = await settledMarks(
    writer,
    atOnce,
    now === undefined ? 'now()' : `toDateTime(${Math.floor(now / 1000)})`,
  )
  if (marks.length === 0) return 0
  // The marks are here: the rows behind them must be too.
  if (cluster !== null) await writer.command({ query: 'SYSTEM SYNC REPLICA request_halves LIGHTWEIGHT' })
  const minutes = marks.map(({ at }) => at)
  const columns = `minute, agent, template, decision, reason, verb, api_group, resource, subresource, namespace, requests, ended,
    forwarded, failed, bytes_in, bytes_out, duration_ms, boundary_us, boundary_5ms, boundary_20ms, boundary_100ms`
  await insert(
    writer,
    `INSERT INTO minute_counts (${columns}, counted)
     SELECT ${columns}, transform(toUInt32(minute), [${minutes}], [${marks.map(({ touched }) => `toUInt64(${touched})`)}], toUInt64(0))
     FROM minutes_from_requests WHERE minute IN (${minutes.map(at => `toDateTime(${at}, 'UTC')`)})`,
  )
  await insert(
    writer,
    `INSERT INTO minute_marks (minute, touched, counted, settles_at)
     SELECT toDateTime(mark.1, 'UTC'), 0, mark.2, 0
     FROM (SELECT arrayJoin([${marks.map(({ at, touched }) => `(toUInt32(${at}), toUInt64(${touched}))`)}]) AS mark)`,
  )
  return marks.length
}

/** Newest first: what is looked at most. */
async function settledMarks(writer: ClickHouseClient, limit: number, now: string): Promise<readonly Mark[]> {
  const result = await writer.query({
    query: `SELECT toUInt32(minute) AS at, toString(marks) AS touched FROM
      (
          SELECT minute, sum(touched) AS marks FROM minute_marks GROUP BY minute
          HAVING sum(touched) != max(counted) AND max(settles_at) <= ${now}
      )
      ORDER BY minute DESC LIMIT ${limit}`,
    format: 'JSONEachRow',
  })
  return result.json<Mark>()
}

/** With a token of its own: an embedded session would reuse the one of the batch before, and drop this as its copy. */
async function insert(writer: ClickHouseClient, query: string): Promise<void> {
  await writer.command({ query, clickhouse_settings: { async_insert: 0, insert_deduplication_token: uuidv7() } })
}
