import { cp, rm } from 'node:fs/promises'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { TABLES } from '../../../src/record/audit/rows.ts'
import { openTestDatabase, select } from '../embedded.ts'
import { makeLedgerFolder } from '../ledger/a-ledger.ts'
import { describeTrouble, openSink, someRows, verify } from './a-record.ts'

/** What two taps wrote, and their ledgers: each test of `verify-record.test.ts` finds both as they were written. */
const database = await openTestDatabase()
export const { clickhouse } = database
export const { writer } = clickhouse
export const folder = await makeLedgerFolder()
const backup = `${folder.directory}-backup`

afterAll(async () => {
  await folder[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
})

export const random = numbers(20_261_129)
export const pick = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)]!

beforeAll(async () => {
  for (const [owner, from] of [
    ['tap-a', 0],
    ['tap-b', 100],
  ] as const) {
    const sink = await openSink(folder, clickhouse, owner)
    for (let batch = 0; batch < 3; batch++) {
      await sink.write(someRows(from + batch * 20, 20), `${owner} ${batch}`)
      await sink.checkpoint()
    }
    await sink.close()
  }
  await cp(folder.directory, backup, { recursive: true })
  for (const table of TABLES.keys()) await writer.command({ query: `CREATE TABLE saved_${table} AS ${table}` })
  for (const table of TABLES.keys()) await copy(table, `saved_${table}`)
})

/** As it was written. */
beforeEach(async () => {
  await rm(folder.directory, { recursive: true })
  await cp(backup, folder.directory, { recursive: true })
})

/** Tables that an edit changed: only they are put back. */
export const changed = new Set<string>()

export async function copy(from: string, to: string): Promise<void> {
  await writer.command({ query: "SET deduplicate_insert = 'disable'" })
  await writer.command({ query: `TRUNCATE TABLE ${to} SYNC` })
  await writer.command({ query: `INSERT INTO ${to} SELECT * FROM ${from}` })
}

export const troublesNow = async (): Promise<readonly string[]> =>
  (await verify(folder, clickhouse)).troubles.map(describeTrouble)

export interface Edit {
  readonly name: string
  /** Resolves with what has to be named. */
  readonly act: () => Promise<string>
}

export const change = (table: string, sql: string) => {
  changed.add(table)
  return writer.command({ query: `ALTER TABLE ${table} ${sql}`, clickhouse_settings: { mutations_sync: '2' } })
}

export async function oneOf(table: string, where: string, columns: string) {
  const rows = await select(writer, `SELECT ${columns} FROM ${table} WHERE ${where}`)
  return pick(rows)
}

/** Mulberry32: the same numbers every time. */
function numbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
