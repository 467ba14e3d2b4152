import type { QueryRequest, QueryResult } from '../../../record/queries/run-query.ts'
import type { Finding } from '../../report.ts'
import type { Examination } from '../examined.ts'

export type AskRecord = (request: QueryRequest) => Promise<QueryResult>

/** Tables that hold the record; what is in none of them is a view. */
const TABLES = ['request_halves', 'lease_events', 'approval_events']

/** ClickHouse, through whoever answers queries: there, migrated, with an end for what is old, and not to be written by readers. */
export async function examineRecord(ask: AskRecord): Promise<Examination> {
  const rows = await firstOf(ask, 'SELECT count() FROM requests WHERE decided_at > now() - INTERVAL 1 DAY')
  const version = await firstOf(ask, 'SELECT version()')
  const ttls = await tablesWithTtl(ask)
  const writable = (await firstOf(ask, "SELECT getSetting('readonly')")) === '0'
  return {
    tried: ['the views and tables of the record, and the limits that queries run under'],
    seen: [`ClickHouse ${version}, ${rows} requests in the last day`],
    findings: [
      ...TABLES.filter(table => !ttls.has(table)).map(missing),
      ...[...ttls].filter(([table, ttl]) => TABLES.includes(table) && !ttl).map(([table]) => forEver(table)),
      ...(writable ? [writes()] : []),
    ],
  }
}

async function firstOf(ask: AskRecord, sql: string): Promise<string> {
  const { rows } = await ask({ kind: 'sql', sql })
  return String(rows[0]?.[0] ?? '')
}

/** By name, whether what is old ends by itself. */
async function tablesWithTtl(ask: AskRecord): Promise<ReadonlyMap<string, boolean>> {
  const sql =
    "SELECT name, position(create_table_query, ' TTL ') > 0 AS ttl FROM system.tables WHERE database = currentDatabase()"
  const { rows } = await ask({ kind: 'sql', sql })
  return new Map(rows.map(([name, ttl]) => [String(name), Number(ttl) === 1]))
}

function missing(table: string): Finding {
  return {
    severity: 'error',
    what: `the record has no table ${table}`,
    why: 'What belongs there stays in the journal, until its marks.',
    mend: 'leasegate migrate',
  }
}

function forEver(table: string): Finding {
  return {
    severity: 'warning',
    what: `table ${table} keeps its rows for ever`,
    why: 'The disk fills, and people stay on record longer than was said.',
    mend: 'leasegate migrate',
  }
}

function writes(): Finding {
  return {
    severity: 'critical',
    what: 'whoever reads the record can write to it',
    why: 'The record proves nothing any more.',
    mend: 'Let LEASEGATE_CLICKHOUSE_URL name a user that may only read.',
  }
}
