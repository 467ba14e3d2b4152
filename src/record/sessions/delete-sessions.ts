import type { ClickHouseClient } from '@clickhouse/client'
import { uuidv7 } from 'uuidv7'
import { onCluster } from '../migrations/for-cluster.ts'
import type { AroundChange, Whose } from '../upkeep/delete-rows.ts'

/** Whose sessions: those of an agent, a person or a lease, or one by its audit id. */
export type WhoseSessions = Whose | { readonly kind: 'session'; readonly name: string }

/** Where a session is, its key first: without it the rest is noise. */
const TABLES = ['session_keys', 'session_commands', 'session_chunks', 'session_ends'] as const

interface Deleting {
  /** For those who look for it later, without the name of whose it was. */
  readonly by: string
  readonly why: string
  readonly cluster?: string | null
  readonly around?: AroundChange
}

/** How many there are that can be deleted. */
export async function countSessions(client: ClickHouseClient, whose: WhoseSessions): Promise<number> {
  return (await auditIds(client, toCondition(whose))).length
}

/**
 * Leaves a row that says that somebody had it deleted, then takes the keys, then all the rest, from every replica. Broken off in the
 * middle, it can be run again. Before the leases' own rows go: they say whose sessions these are.
 */
export async function deleteSessions(
  writer: ClickHouseClient,
  whose: WhoseSessions,
  deleting: Deleting,
): Promise<void> {
  const { by, why, cluster = null, around = (_, act) => act() } = deleting
  const ids = await auditIds(writer, toCondition(whose))
  for (let from = 0; from < ids.length; from += AT_ONCE) {
    const some = ids.slice(from, from + AT_ONCE)
    await writer.insert({
      table: 'session_deletions',
      values: some.map(id => ({ at: now(), audit_id: id, by, why })),
      format: 'JSONEachRow',
      clickhouse_settings: { async_insert: 0, insert_deduplication_token: uuidv7() },
    })
    const where = `audit_id IN (${some.map(quoted)})`
    for (const table of TABLES) {
      await around({ table, where, what: 'delete' }, async () => {
        const query = `ALTER TABLE ${table} ${onCluster(cluster)} DELETE WHERE ${where}`
        await writer.command({ query, clickhouse_settings: { mutations_sync: '2' } })
      })
    }
  }
}

/** Sessions in one statement: it has to be short enough for the server to parse. */
const AT_ONCE = 1000

async function auditIds(client: ClickHouseClient, where: string): Promise<readonly string[]> {
  const parts = TABLES.map(table => `SELECT audit_id FROM ${table} WHERE ${where}`)
  const query = parts.join(' UNION DISTINCT ')
  const result = await client.query({ query, format: 'JSONEachRow' })
  return (await result.json<{ readonly audit_id: string }>()).map(row => row.audit_id)
}

/** A session has a lease, and the lease has whose it is; of requests that were recorded before, their rows say it. */
function toCondition({ kind, name }: WhoseSessions): string {
  if (kind === 'session') return `audit_id = ${quoted(name)}`
  if (kind === 'lease') return `lease = ${quoted(name)}`
  const of = `${kind} = ${quoted(name)} AND lease != ''`
  return `lease IN (SELECT lease FROM lease_events WHERE ${of} UNION DISTINCT SELECT lease FROM request_halves WHERE ${of})`
}

function now(): string {
  return new Date().toISOString().replace('T', ' ').replace('Z', '')
}

function quoted(text: string): string {
  return `'${text.replace(/['\\]/g, '\\$&')}'`
}
