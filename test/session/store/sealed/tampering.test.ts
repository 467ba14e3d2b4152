import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createQueryRunner } from '../../../../src/record/queries/run-query.ts'
import { keysOf } from '../../../../src/session/store/keys/key-file.ts'
import { createSessionSource } from '../../../../src/session/store/reading/session-source.ts'
import { openTestDatabase, select } from '../../../record/embedded.ts'
import { cases } from '../../../support/more-cases.ts'
import { until } from '../../../support/until.ts'
import { aHead, aRing, makeFolder, openStore, output, readAll, recordOf, remove, sourceOf } from '../a-store.ts'

const database = await openTestDatabase()
const { clickhouse } = database
const { writer } = clickhouse
const ring = aRing()
const source = sourceOf(clickhouse, ring)
const [first, second] = [aHead({ auditId: 'a-first' }), aHead({ auditId: 'a-second', lease: 'lse_2' })]
const SEED = process.env['SEED'] ?? '20261129'

type Row = Record<string, string | number | boolean>
type Tables = Record<'session_keys' | 'session_chunks' | 'session_ends', Row[]>

const COLUMNS = {
  session_keys: ['audit_id', 'lease', 'started_at', 'verb', 'protocol', 'tty', 'key_id', 'wrapped'],
  session_chunks: ['audit_id', 'lease', 'started_at', 'n', 'kind', 'sealed_base64'],
  session_ends: ['started_at', 'audit_id', 'lease', 'ended_at', 'why', 'chunks', 'bytes', 'stored', 'hash'],
} as const

let written: Tables
let folder: string

beforeAll(async () => {
  folder = await makeFolder()
  const store = await openStore(folder, () => ring)
  const shipper = store.ship(recordOf(clickhouse))
  for (const head of [first, second]) {
    const session = await store.sink.open(head)
    // As large as to make several chunks, of what does not compress.
    for (let n = 0; n < 8; n++) await session.append([output(randomBytes(100_000), n)])
    await session.end({ at: '2026-11-29T10:00:00.000Z', why: 'done' })
  }
  await until('both to be in the record', async () => (await store.spool.sessions()).length === 0)
  await shipper.stop()
  await store.sink.stop(null)
  written = await readTables()
})
afterAll(async () => {
  await database[Symbol.asyncDispose]()
  await remove(folder)
})

async function readTables(): Promise<Tables> {
  const of = (table: string, columns: string) =>
    select(clickhouse.reader, `SELECT ${columns} FROM ${table}`) as Promise<Row[]>
  return {
    session_keys: await of('session_keys', '*'),
    session_chunks: await of('session_chunks', '* EXCEPT sealed, base64Encode(sealed) AS sealed_base64'),
    session_ends: await of('session_ends', '*'),
  }
}

async function put(tables: Tables): Promise<void> {
  for (const [table, rows] of Object.entries(tables)) {
    await writer.command({ query: `TRUNCATE TABLE ${table} SYNC` })
    if (rows.length === 0) continue
    const columns = COLUMNS[table as keyof Tables] as unknown as [string, ...string[]]
    const settings = { insert_deduplication_token: randomBytes(8).toString('hex') }
    await writer.insert({ table, columns, values: rows, format: 'JSONEachRow', clickhouse_settings: settings })
  }
}

/** Everything that both say, or the error: what somebody sees who reads. */
async function seen(): Promise<string> {
  const read = async (auditId: string) =>
    readAll(source, auditId).then(
      all => (all === null ? 'none' : JSON.stringify(all)),
      error => `${error.code}: ${error.message}`,
    )
  return [await read(first.auditId), await read(second.auditId)].join('\n')
}

let state = Number(SEED)
/** The same each time: a run that finds something can be run again. */
function below(limit: number): number {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0
  return Math.floor((state / 2 ** 32) * limit)
}
const pick = <T>(of: readonly T[]): T => of[below(of.length)] as T

function changed(value: string | number | boolean, column: string): string | number | boolean {
  if (typeof value === 'boolean') return !value
  if (typeof value === 'number') return value + 1 + below(5)
  if (column === 'sealed_base64') return changedBytes(value)
  // A digit of a time or a count, so that it is one afterwards; a letter of what is text.
  const digits = /^[\d :.-]+$/.test(value)
  const at = digits ? value.length - 1 : below(value.length)
  const other = digits ? String((Number(value[at]) + 1) % 10) : String.fromCharCode(97 + below(26))
  const edited = value.slice(0, at) + other + value.slice(at + 1)
  return edited === value ? `${value}x` : edited
}

function changedBytes(base64: string): string {
  const bytes = Buffer.from(base64, 'base64')
  const at = below(bytes.length)
  if (below(4) === 0) return bytes.subarray(0, at).toString('base64')
  bytes[at] = (bytes[at] ?? 0) ^ (1 << below(8))
  return bytes.toString('base64')
}

/** One edit: what was done, in words. */
function tamper(tables: Tables): string {
  const name = pick(['session_chunks', 'session_chunks', 'session_keys', 'session_ends'] as const)
  const rows = tables[name]
  const [at, other] = [below(rows.length), below(rows.length)]
  const [row, another] = [rows[at] as Row, rows[other] as Row]
  const kind = pick(['edit', 'edit', 'edit', 'delete', 'copy', 'swap'])
  const column = pick(COLUMNS[name].filter(one => one !== 'audit_id'))
  if (kind === 'delete') rows.splice(at, 1)
  else if (kind === 'copy') rows.push({ ...row, [column]: changed(row[column] as string, column) })
  else if (kind === 'swap') {
    // What they say changes places, and their keys stay.
    const said = name === 'session_chunks' ? 'sealed_base64' : name === 'session_keys' ? 'wrapped' : 'hash'
    if (row[said] === another[said]) return tamper(tables)
    rows[at] = { ...row, [said]: another[said] as string }
    rows[other] = { ...another, [said]: row[said] as string }
  } else rows[at] = { ...row, [column]: changed(row[column] as string, column) }
  return `${kind} ${name}.${column} of row ${at} (${other})`
}

describe('what is stored of sessions', () => {
  const edits = cases(50, 100)
  test(`${edits} random edits are all found, and nothing is where nothing was done`, async () => {
    await put(written)
    const right = await seen()
    expect(right).not.toMatch(/^(altered|gone|none)/m)
    const unseen: string[] = []
    for (let n = 0; n < edits; n++) {
      const tables = structuredClone(written)
      const what = tamper(tables)
      await put(tables)
      if (!/^(altered|gone|no-key|none)/m.test(await seen())) unseen.push(what)
    }
    // Without its row of the end a session is whole: the seal says that it ended. The ledger misses the row.
    expect(unseen.filter(what => !what.startsWith('delete session_ends'))).toEqual([])
    await put(written)
    expect(await seen()).toBe(right)
  }, 300_000)

  test.each([
    { name: 'missing', change: (rows: Row[]) => rows.filter(({ n }) => n !== 1), says: 'chunk 1 is missing' },
    {
      name: 'cut off',
      change: (rows: Row[]) => rows.filter(({ n }) => Number(n) < 2),
      says: /chunk 2, of \d, is missing/,
    },
    {
      name: 'in the place of another',
      change: (rows: Row[]) => rows.map(row => ({ ...row, n: [1, 0, 2, 3, 4, 5][Number(row['n'])] ?? 9 })),
      says: 'chunk 0 was altered, or is not this chunk',
    },
    {
      name: 'of another session',
      change: (rows: Row[]) =>
        rows.map(row => ({ ...row, audit_id: row['audit_id'] === 'a-first' ? 'a-second' : 'a-first' })),
      says: /chunk \d was altered, or is not this chunk/,
    },
    {
      name: 'there twice, the same',
      change: (rows: Row[]) => [...rows, ...rows],
      says: null,
    },
  ])('a chunk that is $name', async ({ change, says }) => {
    await put({ ...written, session_chunks: change(written.session_chunks) })
    const read = readAll(source, first.auditId)
    if (says === null) expect((await read)?.events).toHaveLength(8)
    else await expect(read).rejects.toMatchObject({ code: 'altered', message: expect.stringMatching(says) })
  })

  test('a key that was swapped for one of another session, or that no key here opens', async () => {
    const [one, two] = written.session_keys as [Row, Row]
    const swapped = [one, two].map((row, n) => ({ ...row, wrapped: [two, one][n]?.['wrapped'] as string }))
    await put({ ...written, session_keys: swapped })
    await expect(source.open(first.auditId)).rejects.toMatchObject({ code: 'altered' })
    await put(written)
    await expect(sourceOf(clickhouse, aRing()).open(first.auditId)).rejects.toMatchObject({ code: 'no-key' })
  })

  test('a session that comes while it is asked for is there or is not there yet, and never gone', async () => {
    const run = createQueryRunner(clickhouse.reader)
    const answers = new Set<string>()
    for (let before = 0; answers.size < 2 || before < 8; before++) {
      expect(before, 'a question after which it is still not there').toBeLessThan(20)
      await put({ session_keys: [], session_chunks: [], session_ends: [] })
      let asked = 0
      const source = createSessionSource(
        async question => {
          if (asked++ === before) await put(written)
          return run(question)
        },
        keysOf(() => ring),
      )
      answers.add((await source.open(first.auditId)) === null ? 'not there yet' : 'there')
    }
    expect(answers).toEqual(new Set(['there', 'not there yet']))
  }, 120_000)

  test('nothing that was typed or shown lies there in clear', async () => {
    await put(written)
    const store = await openStore(folder, () => ring)
    const head = aHead()
    const session = await store.sink.open(head)
    await session.append([output('very-secret-words '.repeat(1000))])
    const { execFileSync } = await import('node:child_process')
    const found = (of: string) => execFileSync('grep', ['-rlaE', 'very-secret-words', of, '--']).toString()
    for (const of of [folder, database.directory]) expect(() => found(of)).toThrow()
    await store.sink.stop(null)
  })
})
