import type { Finding } from '../../../findings/report.ts'
import type { QueryRequest, QueryResult } from '../../../record/queries/run-query.ts'
import type { Examination } from '../examined.ts'
import { judgeGrants, seesAll } from './grants.ts'

export interface RecordReader {
  /** tap: it answers for the embedded engine. server: the user of the URL asks. */
  readonly through: 'tap' | 'server'
  readonly ask: (request: QueryRequest) => Promise<QueryResult>
}

/** Tables that hold the record; what is in none of them is a view. */
const TABLES = [
  'request_halves',
  'lease_events',
  'approval_events',
  'hold_events',
  'stop_events',
  'broker_refusals',
  'refusal_summaries',
  'minute_marks',
  'minute_counts',
  'session_keys',
  'session_chunks',
  'session_ends',
  'session_commands',
  'session_deletions',
]

/** ClickHouse: there, migrated, with an end for what is old, and not to be taken from by whoever asks. */
export async function examineRecord(reader: RecordReader): Promise<Examination> {
  const { version, rows, newest } = await standing(reader)
  const ttls = await tablesWithTtl(reader)
  const { grants, findings, whole } = reader.through === 'tap' ? await limits(reader) : await rights(reader)
  return {
    tried: [`the views and tables of the record, and ${grants}`],
    seen: [
      `ClickHouse ${version}, ${rows} requests in the last day, the newest of ${newest}`,
      ...(whole ? [] : [`tables that this user sees: ${[...ttls.keys()].join(', ') || 'none'}`]),
    ],
    findings: [
      ...(whole ? TABLES.filter(table => !ttls.has(table)).map(missing) : []),
      ...[...ttls].filter(([table, ttl]) => TABLES.includes(table) && !ttl).map(([table]) => forEver(table)),
      ...findings,
    ],
  }
}

async function rowsOf({ ask }: RecordReader, sql: string): Promise<readonly (readonly string[])[]> {
  const { rows } = await ask({ kind: 'sql', sql })
  return rows.map(row => row.map(String))
}

async function standing(reader: RecordReader) {
  const sql = `SELECT version(), count(), if(count() = 0, 'never', toString(max(decided_at)))
    FROM requests WHERE decided_at > now() - INTERVAL 1 DAY`
  const [[version = '', rows = '', newest = ''] = []] = await rowsOf(reader, sql)
  return { version, rows, newest }
}

/** By name, whether what is old ends by itself. */
async function tablesWithTtl(reader: RecordReader): Promise<ReadonlyMap<string, boolean>> {
  const sql = `SELECT name, position(engine_full, ' TTL ') > 0 FROM system.tables
    WHERE database = currentDatabase() AND engine LIKE '%MergeTree'`
  return new Map((await rowsOf(reader, sql)).map(([name = '', ttl]) => [name, ttl === '1']))
}

interface Rights {
  /** What was looked at. */
  readonly grants: string
  readonly findings: readonly Finding[]
  /** Whether a table that is not seen is not there. */
  readonly whole: boolean
}

/** The embedded engine knows one user, who may do everything: what binds readers is the tap's own session. */
async function limits(reader: RecordReader): Promise<Rights> {
  const [[readonly] = []] = await rowsOf(reader, "SELECT getSetting('readonly')")
  return { grants: 'the limits that queries run under', findings: readonly === '0' ? [writes()] : [], whole: true }
}

/** Here the session is ours and says nothing; what the user was granted does. */
async function rights(reader: RecordReader): Promise<Rights> {
  const [[user = ''] = []] = await rowsOf(reader, 'SELECT currentUser()')
  // FINAL merges what roles give; servers before 24.10 do not know it.
  const told = await rowsOf(reader, 'SHOW GRANTS FINAL').catch(() => rowsOf(reader, 'SHOW GRANTS'))
  const lines = told.map(([line = '']) => line)
  return { grants: `the grants of user ${user}`, findings: judgeGrants(user, lines), whole: seesAll(lines) }
}

function missing(table: string): Finding {
  return {
    severity: 'error',
    what: `the record has no table ${table}`,
    why: 'What belongs there stays in the journal, until its marks.',
    mend: 'leasegate migrate   # where that finds nothing to do: run in ClickHouse what leasegate migrate --script prints',
  }
}

function forEver(table: string): Finding {
  return {
    severity: 'warning',
    what: `table ${table} keeps its rows for ever`,
    why: 'The disk fills, and people stay on record longer than was said.',
    mend: 'LEASEGATE_RETENTION_SHORTEN=yes leasegate migrate   # once; what is over is deleted',
  }
}

function writes(): Finding {
  return {
    severity: 'critical',
    what: 'whoever may send queries to the tap can write to the record',
    why: 'The record proves nothing any more.',
    mend: 'Let the tap be of this version, and start it anew.',
  }
}
