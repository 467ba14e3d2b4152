import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ClickHouseClient } from '@clickhouse/client'
import { type ClickHouse, openClickHouse } from '../../src/record/clickhouse.ts'
import { migrate } from '../../src/record/migrations/migrate.ts'
import { applyRetention } from '../../src/record/upkeep/retention.ts'

export interface TestDatabase extends AsyncDisposable {
  readonly clickhouse: ClickHouse
  readonly directory: string
  /** Empties every table, so that one engine serves all tests of a file. */
  clear(): Promise<void>
}

const TABLES = [
  'request_halves',
  'lease_events',
  'approval_events',
  'hold_events',
  'stop_events',
  'broker_refusals',
  'refusal_summaries',
  'session_keys',
  'session_chunks',
  'session_ends',
  'session_commands',
  'session_deletions',
  'minute_marks',
  'minute_counts',
]

/** A real engine with all migrations, in a directory of its own. One per test file: a process can own one directory. */
export async function openTestDatabase(): Promise<TestDatabase> {
  const directory = await mkdtemp(join(tmpdir(), 'leasegate-record-'))
  const clickhouse = await openClickHouse({ kind: 'embedded', directory })
  await migrate(clickhouse.writer)
  // Rows of tests have dates of their own, and should not expire some day.
  await applyRetention(clickhouse.writer, { requests: 3650, events: 3650, minutes: 3650, sessions: 1100 })
  return {
    clickhouse,
    directory,
    clear: async () => {
      for (const table of TABLES) await clickhouse.writer.command({ query: `TRUNCATE TABLE ${table} SYNC` })
    },
    [Symbol.asyncDispose]: async () => {
      await clickhouse.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** One row, column by column. */
export type Found = Readonly<Record<string, unknown>>

export async function select(client: ClickHouseClient, query: string): Promise<Found[]> {
  const result = await client.query({ query, format: 'JSONEachRow' })
  return result.json<Found>()
}
