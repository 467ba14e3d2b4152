import { randomUUID } from 'node:crypto'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { createClient } from '@clickhouse/client'
import fc from 'fast-check'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { createClickHouseSink } from '../../../src/record/clickhouse-record-sink.ts'
import { takeBlocks } from '../../../src/record/insert/embedded-blocks.ts'
import type { Row, Table } from '../../../src/record/record-sink.ts'
import { toRow } from '../../../src/record/to-rows.ts'
import { createLogger } from '../../../src/support/logger.ts'
import { Writer } from '../../../src/tap/writer.ts'
import { openTestDatabase, select } from '../embedded.ts'
import { decision, item, leaseEvent } from '../entries.ts'

const database = await openTestDatabase()
const { writer } = database.clickhouse
const sink = createClickHouseSink(writer)
const quiet = createLogger({ name: 'tap', level: 'error', destination: { write: () => {} } })

afterAll(() => database[Symbol.asyncDispose]())
beforeEach(() => database.clear())

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
] as const satisfies readonly Table[]
/** A table more has to be in the list. */
type Missing = Exclude<Table, (typeof TABLES)[number]>
null as unknown as Missing satisfies never

interface Column {
  readonly name: string
  readonly type: string
  readonly default_type: string
}
type Value = string | number | boolean | null | readonly string[] | undefined

const days = ['1925-01-02', '1969-12-31', '1970-01-01', '2026-11-30', '2199-12-31']
const time = fc
  .tuple(
    fc.constantFrom(...days),
    fc.constantFrom('00:00:00', '10:59:07', '23:59:59'),
    fc.integer({ min: 0, max: 999 }),
  )
  .map(([day, at, ms]) => `${day} ${at}.${String(ms).padStart(3, '0')}`)
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom(
    '',
    '\0',
    'a\0b',
    '🦊',
    '\ufffd',
    '\u2028',
    '\\N',
    'NULL',
    '"',
    "'",
    '\t\n\r\\',
    'x'.repeat(127),
    'ü'.repeat(64),
    '🦊'.repeat(5000),
  ),
)
const whole = (min: number, max: number) =>
  fc.oneof(fc.constantFrom(min, max, 0, Math.min(max, 2 ** 32)), fc.integer({ min, max }))
const most = Number.MAX_SAFE_INTEGER

function aValue(type: string): fc.Arbitrary<Value> {
  const plain = type.replace(/^SimpleAggregateFunction\(\w+, (.*)\)$/, '$1').replace(/^LowCardinality\((.*)\)$/, '$1')
  const base = plain.replace(/^Nullable\((.*)\)$/, '$1')
  const of: Record<string, fc.Arbitrary<Value>> = {
    String: text,
    Bool: fc.boolean(),
    UInt16: whole(0, 65_535),
    UInt32: whole(0, 2 ** 32 - 1),
    UInt64: whole(0, most),
    Int32: whole(-(2 ** 31), 2 ** 31 - 1),
    Int64: whole(-most, most),
    "DateTime('UTC')": fc.constantFrom('1970-01-01 00:00:00', '2026-11-30 10:59:07', '2106-02-07 06:28:15'),
    "DateTime64(3, 'UTC')": time,
    'Array(String)': fc.array(text, { maxLength: 4 }),
  }
  const known = of[base]
  if (known === undefined) throw new Error(`what is in a ${type}?`)
  return fc.oneof({ weight: 8, arbitrary: known }, fc.constant(null), fc.constant(undefined))
}

/** Rows that lack what they like: null, or nothing at all. A chunk has always what is sealed. */
function rowsOf(columns: readonly Column[]): fc.Arbitrary<readonly Row['values'][]> {
  const shape = Object.fromEntries(
    columns
      .filter(({ default_type }) => default_type !== 'EPHEMERAL')
      .map(({ name, type }) => [name, name === 'sealed' ? text : aValue(type)]),
  )
  const row = fc
    .record(shape)
    .map(values => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)))
  return fc.array(row as fc.Arbitrary<Row['values']>, { minLength: 1, maxLength: 25 })
}

/** As rows were written before: as JSON, which the engine reads. What is no text had to be base64. */
async function asJson(table: Table, copy: string, rows: readonly Row['values'][]): Promise<void> {
  const named = (name: string) => (table === 'session_chunks' && name === 'sealed' ? 'sealed_base64' : name)
  const columns = [...new Set(rows.flatMap(row => Object.keys(row)))]
  const said = (row: Row['values'], name: string) =>
    named(name) === name ? (row[name] ?? null) : Buffer.from(String(row[name] ?? '')).toString('base64')
  await writer.insert({
    table: copy,
    columns: columns.map(named) as [string, ...string[]],
    values: rows.map(row => columns.map(name => said(row, name))),
    format: 'JSONCompactEachRow',
    clickhouse_settings: { insert_deduplication_token: randomUUID(), input_format_null_as_default: 1 },
  })
}

const all = (table: string) => select(writer, `SELECT * FROM ${table} ORDER BY ALL`)

describe('toNativeBlock', () => {
  test.each(TABLES)('%s: rows are what they would be, were they written as JSON', async table => {
    const columns = (await select(writer, `DESCRIBE TABLE ${table}`)) as unknown as Column[]
    const copy = `${table}_copy`
    await writer.command({ query: `CREATE TABLE ${copy} AS ${table}` })
    // Old rows would expire.
    await writer.command({ query: `SYSTEM STOP MERGES ${copy}` })
    await writer.command({ query: `SYSTEM STOP MERGES ${table}` })
    const property = fc.asyncProperty(rowsOf(columns), async rows => {
      await writer.command({ query: `TRUNCATE TABLE ${copy}` })
      await writer.command({ query: `TRUNCATE TABLE ${table}` })
      // A row of nothing at all has no columns to name.
      fc.pre(rows.some(row => Object.keys(row).length > 0))
      await asJson(table, copy, rows)
      await sink.write(
        rows.map(values => ({ table, values })),
        randomUUID(),
      )
      expect(await all(table)).toEqual(await all(copy))
    })
    await fc.assert(property, { numRuns: 6, endOnFailure: true })
    await writer.command({ query: `DROP TABLE ${copy}` })
  })

  test('bytes that are no text come as they are', async () => {
    const sealed = Buffer.from(Array.from({ length: 70_000 }, (_, n) => (n % 7 === 0 ? 10 : n % 256)))
    await sink.write([{ table: 'session_chunks', values: { audit_id: 'a', n: 1, kind: 'events', sealed } }])
    const found = await select(writer, 'SELECT hex(sealed) AS sealed FROM session_chunks')
    expect(found).toEqual([{ sealed: sealed.toString('hex').toUpperCase() }])
  })

  test.each<{ name: string; values: Row['values'] }>([
    { name: 'half a surrogate pair', values: { audit_id: 'a', path: '/\ud83e' } },
    { name: 'half a pair in a long text', values: { audit_id: 'a', path: `${'x'.repeat(500)}\udd8a` } },
    { name: 'a number past its column', values: { audit_id: 'a', status: 65_536 } },
    { name: 'a number below it', values: { audit_id: 'a', bytes_in: -1 } },
    { name: 'a number that is not whole', values: { audit_id: 'a', bytes_in: 1.5 } },
    { name: 'no number', values: { audit_id: 'a', bytes_in: Number.NaN } },
    { name: 'a day that there is not', values: { audit_id: 'a', started_at: '2026-13-01 00:00:00.000' } },
    { name: 'no time, of the same second', values: { audit_id: 'a', decided_at: '2026-09-01 10:00:00.0:0' } },
    { name: 'a text for a number', values: { audit_id: 'a', status: 'canary' } },
    { name: 'a list for a text', values: { audit_id: 'a', path: ['canary'] } },
  ])('$name is refused, and the rows beside it are kept', async ({ values }) => {
    const rows: Row[] = ['a-1', 'a-2', 'a-3'].map(auditId => toRow(item(decision({ auditId }))))
    rows.splice(1, 0, { table: 'request_halves', values })
    const limits = { backoffMs: [1, 1], slowMs: 60_000 } as const
    const kept = new Writer(sink, limits, quiet)
    const refusals = await kept.write({ rows, source: 'test', ids: rows.map((_, n) => `${n}`) })
    expect(refusals.map(refusal => refusal !== null)).toEqual([false, true, false, false])
    expect(JSON.stringify(refusals)).not.toContain('canary')
    const found = await select(writer, 'SELECT audit_id FROM request_halves ORDER BY audit_id')
    expect(found.map(row => row['audit_id'])).toEqual(['a-1', 'a-2', 'a-3'])
  })
})

describe('takeBlocks', () => {
  const folder = join(database.directory, 'inserts')

  test('leaves nothing behind, whether the engine takes a block or not', async () => {
    await sink.write([toRow(item(leaseEvent()))])
    const broken = {
      query: 'INSERT INTO lease_events (lease) FORMAT Native',
      values: Readable.from([Buffer.from('?')]),
    }
    await expect(writer.exec(broken)).rejects.toThrow()
    expect(await readdir(folder)).toEqual([])
  })

  test('takes away what a crash left', async () => {
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, 'left.native'), 'rows')
    await takeBlocks({ exec: async () => null } as unknown as Parameters<typeof takeBlocks>[0], database.directory)
    expect(await readdir(folder)).toEqual([])
  })
})

describe('a server', () => {
  test('is given the same bytes by HTTP', async () => {
    // The engine behind the protocol: what comes in is what it is asked.
    const server = createServer(async (request, response) => {
      const params = new URLSearchParams((request.url ?? '').split('?')[1])
      const body = await buffer(request)
      const query = params.get('query')
      const asked = query === null ? { query: body.toString() } : { query, values: Readable.from([body]) }
      const { stream } = await writer.exec(asked)
      response.end(await buffer(stream))
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const client = createClient({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
    const batch = [
      toRow(item(leaseEvent({ reason: 'a\0b 🦊', namespaces: ['shop', ''] }))),
      toRow(item(leaseEvent({ lease: 'lse_2' }))),
    ]
    await createClickHouseSink(client).write(batch, 'by-http')
    const byServer = await all('lease_events')
    await client.close()
    await new Promise(resolve => server.close(resolve))
    await database.clear()
    await sink.write(batch, 'by-hand')
    expect(byServer).toHaveLength(2)
    expect(byServer).toEqual(await all('lease_events'))
  })
})
