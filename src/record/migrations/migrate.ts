import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import type { ClickHouseClient } from '@clickhouse/client'
import { RecordError } from '../record-sink.ts'

export interface Migration {
  readonly version: number
  readonly name: string
  readonly checksum: string
  /** Each may run again without harm: a crash between two leaves the migration to be repeated. */
  readonly statements: readonly string[]
}

const APPLIED = `
CREATE TABLE IF NOT EXISTS schema_migrations
(
    version    UInt32 COMMENT 'Number of the migration',
    name       String COMMENT 'Its file',
    checksum   String COMMENT 'SHA-256 of its text',
    applied_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When it was complete'
)
ENGINE = ReplacingMergeTree
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

/** Applies what is missing and returns the names of it. Rejects when an applied migration was changed afterwards. */
export async function migrate(writer: ClickHouseClient, migrations = readMigrations()): Promise<readonly string[]> {
  await writer.command({ query: APPLIED })
  const applied = await appliedChecksums(writer)
  for (const { version, name, checksum } of migrations) {
    const before = applied.get(version)
    if (before !== undefined && before !== checksum) {
      throw new RecordError('migration-changed', `${name} is not the migration that made this database`)
    }
  }
  const missing = migrations.filter(({ version }) => !applied.has(version))
  for (const migration of missing) await apply(writer, migration)
  return missing.map(({ name }) => name)
}

async function apply(writer: ClickHouseClient, { version, name, checksum, statements }: Migration): Promise<void> {
  for (const query of statements) await writer.command({ query })
  // Written with the literal values of our own files, since query parameters need a SELECT here.
  await writer.command({
    query:
      'INSERT INTO schema_migrations (version, name, checksum) SELECT {version:UInt32}, {name:String}, {checksum:String}',
    query_params: { version, name, checksum },
  })
}

async function appliedChecksums(writer: ClickHouseClient): Promise<ReadonlyMap<number, string>> {
  const result = await writer.query({
    query: 'SELECT version, checksum FROM schema_migrations FINAL',
    format: 'JSONEachRow',
  })
  const rows = await result.json<{ readonly version: number; readonly checksum: string }>()
  return new Map(rows.map(({ version, checksum }) => [version, checksum]))
}
