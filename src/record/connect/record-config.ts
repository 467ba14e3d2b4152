import type { ClickHouseClient } from '@clickhouse/client'
import type { RecordConfig } from '../../config/roles.ts'
import type { ClickHouseAddress } from '../clickhouse.ts'
import { s3Place } from '../copies/s3-place.ts'
import { LedgerError } from '../ledger/ledger.ts'
import { type OwnLedger, openOwnLedger } from '../ledger/own-ledger.ts'
import { migrate } from '../migrations/migrate.ts'
import { RecordError } from '../record-sink.ts'
import { applyRetention, tablesThere } from '../upkeep/retention.ts'
import { serverAddress } from './server-address.ts'

/** Where the settings say that the record is. Throws a RecordError where they do not. */
export function recordAddress(config: RecordConfig): ClickHouseAddress {
  const { clickhouseDirectory, clickhouseCluster } = config
  const server = serverAddress(config)
  if (server !== null) return { ...server, cluster: clickhouseCluster }
  if (clickhouseDirectory !== null) return { kind: 'embedded', directory: clickhouseDirectory }
  const wanted = 'LEASEGATE_CLICKHOUSE_URL (a server) or LEASEGATE_CLICKHOUSE_DIRECTORY (the embedded engine)'
  throw new RecordError('not-configured', `set ${wanted}`)
}

/** Applies migrations that are missing and the retention that is set; resolves with what was done, line by line. */
export async function bringUpToDate(writer: ClickHouseClient, config: RecordConfig): Promise<readonly string[]> {
  const cluster = clusterOf(config)
  const before = await tablesThere(writer)
  const applied = await migrate(writer, { cluster })
  const { retentionRequests: requests, retentionEvents: events } = config
  const { retentionMinutes: minutes, retentionSessions: sessions } = config
  const mayShorten = (table: string) => config.retentionShorten === 'yes' || !before.has(table)
  const kept = await applyRetention(writer, { requests, events, minutes, sessions }, { cluster, mayShorten })
  return [...applied.map(name => `${name} applied`), ...kept]
}

/** The ledger that the settings name, for this owner; null where they name none. Throws a RecordError where they name half of one. */
export async function openLedger(config: RecordConfig, owner: string): Promise<OwnLedger | null> {
  const { ledgerDirectory: directory, ledgerKeyFile: keyFile } = config
  const place = s3Place(config)
  if (directory === null && keyFile === null) {
    if (place === null) return null
    throw new RecordError('not-configured', 'LEASEGATE_LEDGER_S3_URL goes with LEASEGATE_LEDGER_DIRECTORY')
  }
  if (directory === null || keyFile === null) {
    throw new RecordError('not-configured', 'LEASEGATE_LEDGER_DIRECTORY and LEASEGATE_LEDGER_KEY_FILE go together')
  }
  return openOwnLedger({ directory, keyFile, owner }).catch(error => {
    throw error instanceof LedgerError ? new RecordError('not-configured', error.message, error) : error
  })
}

/** The embedded engine is a cluster of nobody. */
export function clusterOf({ clickhouseUrl, clickhouseCluster }: RecordConfig): string | null {
  return clickhouseUrl === null ? null : clickhouseCluster
}
