/**
 * Runs statements in a process of its own, since rights are decided when the engine starts.
 * argv: directory, configuration file. stdin: JSON list of `{sql}` or `{migrate: definer}`. stdout: JSON list of rows or `{error}`.
 */
import { text } from 'node:stream/consumers'
import { ClickHouseLogLevel, createClient } from '@clickhouse/client'
import { Session } from 'chdb'
import { createChdbConnection } from 'chdb/connection'
import { migrate, readMigrations } from '../../../src/record/migrations/migrate.ts'
import { applyRetention } from '../../../src/record/upkeep/retention.ts'

type Step = { readonly sql: string } | { readonly migrate: string }

const [directory = '', config = ''] = process.argv.slice(2)
// The first to open the directory brings the arguments; ours come after and share the engine.
const first = new Session(directory, { connectionArgs: [`--config-file=${config}`] })
const connection = createChdbConnection({ path: directory }) as never
const writer = createClient({ connection, log: { level: ClickHouseLogLevel.OFF } })
const inDatabase = async (): Promise<void> => void (await writer.command({ query: 'USE leasegate' }))
await inDatabase().catch(() => {})
const answers: unknown[] = []
for (const step of JSON.parse(await text(process.stdin)) as Step[]) {
  answers.push(
    await take(step).catch((error: Error & { type?: string }) => ({
      error: error.type ?? error.message,
      says: error.message,
    })),
  )
}
process.stdout.write(JSON.stringify(answers))
first.close()
process.exit(0)

async function take(step: Step): Promise<unknown> {
  if ('migrate' in step) return made(step.migrate)
  if (!/^(SELECT|SHOW|DESCRIBE)/.test(step.sql)) return writer.command({ query: step.sql }).then(() => 'done')
  const result = await writer.query({ query: step.sql, format: 'JSONCompact' })
  return (await result.json<unknown[]>()).data
}

/** As whoever is the definer of the views: '' is the user itself. */
async function made(definer: string): Promise<unknown> {
  const named = definer === '' ? 'SQL SECURITY DEFINER' : `DEFINER = ${definer} SQL SECURITY DEFINER`
  const migrations = readMigrations().map(migration => ({
    ...migration,
    statements: migration.statements.map(statement => statement.replace(/^SQL SECURITY DEFINER$/m, named)),
  }))
  await writer.command({ query: 'CREATE DATABASE IF NOT EXISTS leasegate' })
  await inDatabase()
  const applied = await migrate(writer, { migrations })
  await applyRetention(writer, { requests: 90, events: 400, minutes: 100, sessions: 100 })
  return applied.length
}
