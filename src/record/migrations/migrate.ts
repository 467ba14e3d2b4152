import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import type { ClickHouseClient } from '@clickhouse/client'
import { RecordError } from '../record-sink.ts'
import { forCluster } from './for-cluster.ts'

export interface Migration {
  readonly version: number
  readonly name: string
  readonly checksum: string
  /** Each may run again without harm: a crash between two leaves the migration to be repeated. */
  readonly statements: readonly string[]
}

const APPLIED = `
CREATE TABLE IF NOT EXISTS schema_migrations /*ON CLUSTER*/
(
    version    UInt32 COMMENT 'Number of the migration',
    name       String COMMENT 'Its file',
    checksum   String COMMENT 'SHA-256 of its text',
    applied_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When it was complete'
)
ENGINE = /*Replicated*/ReplacingMergeTree
ORDER BY version
COMMENT 'Migrations that were applied to this database'`

/** The files beside this one, in order. */
export function readMigrations(directory: URL = new URL('.', import.meta.url)): readonly Migration[] {
  return readdirSync(directory)
    .filter(name => /^\d{4}_.*\.sql$/.test(name))
    .sort()
    .map(name => toMigration(name, readFileSync(new URL(name, directory), 'utf8')))
}

function toMigration(name: string, sql: string): Migration {
  return {
    version: Number.parseInt(name, 10),
    name,
    checksum: createHash('sha256').update(sql).digest('hex'),
    statements: sql
      .split(/;[ \t]*(?:\n|$)/)
      .map(statement => statement.trim())
      .filter(statement => statement !== ''),
  }
}

export interface MigrateOptions {
  /** Name of a cluster that the writer's server belongs to; null: this one server alone. */
  readonly cluster?: string | null
  readonly migrations?: readonly Migration[]
}

/** Applies what is missing and returns the names of it. Rejects when an applied migration was changed afterwards. */
export async function migrate(
  writer: ClickHouseClient,
  { cluster = null, migrations = readMigrations() }: MigrateOptions = {},
): Promise<readonly string[]> {
  const applied = await appliedChecksums(writer)
  for (const { version, name, checksum } of migrations) {
    const before = applied.get(version)
    if (before !== undefined && before !== checksum) {
      throw new RecordError('migration-changed', `${name} is not the migration that made this database`)
    }
  }
  const missing = migrations.filter(({ version }) => !applied.has(version))
  // Not before it is needed: who only writes rows needs no right to make tables where somebody else has made them.
  if (missing.length > 0) await writer.command({ query: forCluster(APPLIED, cluster) })
  for (const migration of missing) await apply(writer, migration, cluster)
  return missing.map(({ name }) => name)
}

/** All statements as one script, for those who want to read them, or to run them by hand. */
export function toScript(cluster: string | null, migrations = readMigrations()): string {
  const statements = [APPLIED.trim(), ...migrations.flatMap(migration => migration.statements)]
  return statements.map(statement => `${forCluster(statement, cluster)};\n`).join('\n')
}

async function apply(
  writer: ClickHouseClient,
  { version, name, checksum, statements }: Migration,
  cluster: string | null,
): Promise<void> {
  for (const statement of statements) await writer.command({ query: forCluster(statement, cluster) })
  // Written with the literal values of our own files, since query parameters need a SELECT here.
  await writer.command({
    query:
      'INSERT INTO schema_migrations (version, name, checksum) SELECT {version:UInt32}, {name:String}, {checksum:String}',
    query_params: { version, name, checksum },
  })
}

async function appliedChecksums(writer: ClickHouseClient): Promise<ReadonlyMap<number, string>> {
  if (!(await isThere(writer))) return new Map()
  const result = await writer.query({
    query: 'SELECT version, checksum FROM schema_migrations FINAL',
    format: 'JSONEachRow',
  })
  const rows = await result.json<{ readonly version: number; readonly checksum: string }>()
  return new Map(rows.map(({ version, checksum }) => [version, checksum]))
}

async function isThere(writer: ClickHouseClient): Promise<boolean> {
  const result = await writer.query({ query: 'EXISTS TABLE schema_migrations', format: 'JSONEachRow' })
  const [row] = await result.json<{ readonly result: number }>()
  return row?.result === 1
}
