import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { whyNotReadOnly } from '../../../src/record/queries/read-only.ts'
import { createQueryRunner } from '../../../src/record/queries/run-query.ts'
import { savedQueries } from '../../../src/record/queries/saved-queries.ts'
import { openTestDatabase, select } from '../embedded.ts'

const database = await openTestDatabase()
const run = createQueryRunner(database.clickhouse.reader)
const outside = await mkdtemp(join(tmpdir(), 'leasegate-outside-'))
const written = join(outside, 'written')
let visits = 0
const server: Server = createServer((_, response) => {
  visits += 1
  response.end('1\n')
}).listen(0, '127.0.0.1')
await new Promise(resolve => server.once('listening', resolve))
const { port } = server.address() as AddressInfo
const visited = `http://127.0.0.1:${port}/`

afterAll(async () => {
  server.close()
  await rm(outside, { recursive: true })
  await database[Symbol.asyncDispose]()
})

const FILE = "file('/etc/passwd'"

describe('createQueryRunner', () => {
  test.each([
    { name: 'INTO OUTFILE', sql: `SELECT 1 INTO OUTFILE '${written}'` },
    { name: 'INTO OUTFILE behind a comment', sql: `SELECT 1 INTO/* */OUTFILE '${written}'` },
    { name: 'INTO OUTFILE behind another kind of space', sql: `SELECT 1 INTO\u00a0OUTFILE '${written}'` },
    { name: 'file() as a function', sql: `SELECT ${FILE})` },
    { name: 'file() in other letters', sql: "SELECT FiLe('/etc/passwd')" },
    { name: 'file() with its name quoted', sql: "SELECT `file`('/etc/passwd')" },
    { name: 'file() with its name escaped', sql: `SELECT "\\x66ile"('/etc/passwd')` },
    { name: 'file() behind a comment', sql: "SELECT file -- \n ('/etc/passwd')" },
    { name: 'file() behind a nested comment', sql: "SELECT /* /* */ ' */ file('/etc/passwd') -- '" },
    { name: 'file() behind a hash comment', sql: "SELECT # ' \n file('/etc/passwd') -- '" },
    { name: 'file() behind a heredoc', sql: "SELECT $$'$$, file('/etc/passwd'), $$'$$" },
    { name: 'file() behind typographic quotes', sql: "SELECT ‘'’, file('/etc/passwd'), ‘'’" },
    { name: 'file() behind an escaped quote', sql: "SELECT 'a\\'', file('/etc/passwd'), 'a'" },
    { name: 'file() by APPLY', sql: "SELECT * APPLY(file) FROM (SELECT '/etc/passwd')" },
    { name: 'file() by APPLY without parentheses', sql: "SELECT * APPLY file FROM (SELECT '/etc/passwd')" },
    { name: 'file() explained', sql: `EXPLAIN QUERY TREE SELECT ${FILE})` },
    { name: 'file() in a subquery', sql: `WITH x AS (SELECT ${FILE}) AS y) SELECT * FROM x` },
    { name: 'file() as a table', sql: `SELECT * FROM ${FILE}, LineAsString)` },
    { name: 'file() described', sql: `DESCRIBE ${FILE})` },
    { name: 'file() described as a table', sql: `DESC TABLE ${FILE}, LineAsString)` },
    { name: 'a file in place of a table', sql: 'SELECT * FROM default.`/etc/passwd`' },
    { name: 'a file in place of a table name', sql: "SELECT * FROM '/etc/passwd'" },
    { name: 'url()', sql: `SELECT * FROM url('${visited}', LineAsString)` },
    { name: 'url() described', sql: `DESCRIBE url('${visited}', CSV)` },
    { name: 's3()', sql: `SELECT * FROM s3('${visited}a.csv', CSV)` },
    { name: 'remote()', sql: "SELECT * FROM remote('127.0.0.1', system.one)" },
    { name: 'mysql()', sql: "SELECT * FROM mysql('127.0.0.1:3306', 'a', 'b', 'c', 'd')" },
    { name: 'executable()', sql: "SELECT * FROM executable('id', TSV, 'a String')" },
    { name: 'eval()', sql: `SELECT * FROM eval('SELECT ${FILE.replaceAll("'", "\\'")})')` },
    { name: 'a second statement', sql: 'SELECT 1; DROP TABLE request_halves' },
    { name: 'INSERT', sql: 'INSERT INTO lease_events (lease) VALUES (1)' },
    { name: 'INSERT explained', sql: `EXPLAIN INSERT INTO FUNCTION file('${written}', CSV, 'a Int') SELECT 1` },
    { name: 'DROP', sql: 'DROP TABLE request_halves' },
    { name: 'ALTER … DELETE', sql: 'ALTER TABLE request_halves DELETE WHERE 1' },
    { name: 'CREATE', sql: 'CREATE TABLE x (a Int8) ENGINE = Memory' },
    { name: 'SET', sql: 'SET readonly = 0' },
    { name: 'SETTINGS', sql: 'SELECT 1 SETTINGS readonly = 0' },
    { name: 'a lifted limit', sql: 'SELECT 1 SETTINGS max_execution_time = 0' },
    { name: 'KILL', sql: 'KILL QUERY WHERE 1' },
    { name: 'SYSTEM', sql: 'SYSTEM STOP MERGES' },
    { name: 'BACKUP', sql: `BACKUP TABLE request_halves TO File('${written}')` },
    { name: 'USE', sql: 'USE system' },
    { name: 'a parameter for a name', sql: 'SELECT * FROM {t:Identifier}' },
    { name: 'nothing', sql: ' -- \n ;' },
    { name: 'an unclosed string', sql: "SELECT 'a" },
  ])('does not run $name', async ({ sql }) => {
    const before = visits
    await expect(run({ kind: 'sql', sql })).rejects.toMatchObject({ code: 'wrong' })
    expect(existsSync(written)).toBe(false)
    expect(visits).toBe(before)
  })

  test.each([
    { name: 'SELECT', sql: "SELECT count() FROM requests WHERE what = 'it''s; INTO OUTFILE file('" },
    { name: 'WITH', sql: 'WITH 1 AS a SELECT a -- fine\n;' },
    { name: 'SHOW', sql: 'SHOW TABLES' },
    { name: 'DESCRIBE', sql: 'DESCRIBE requests' },
    { name: 'EXPLAIN', sql: 'EXPLAIN SELECT * FROM leases' },
    { name: 'a union in parentheses', sql: '(SELECT 1 AS a) UNION ALL (SELECT 2)' },
    { name: 'numbers()', sql: 'SELECT sum(number) FROM numbers(10) WHERE number % 2 = 0 AND number >= 1' },
    {
      name: 'lambdas, arrays, maps, casts',
      sql: "SELECT arrayMap(x -> x::String || '!', [1, 2]), map('a', 1)['a'], 1.5e3",
    },
  ])('runs $name', async ({ sql }) => {
    const { columns } = await run({ kind: 'sql', sql })
    expect(columns.length).toBeGreaterThan(0)
  })

  test('even a query that the check would let through cannot write', async () => {
    await expect(select(database.clickhouse.reader, 'SELECT 1')).resolves.toHaveLength(1)
    const write = database.clickhouse.reader.command({ query: "INSERT INTO lease_events (lease) VALUES ('x')" })
    await expect(write).rejects.toMatchObject({ type: 'READONLY' })
    const lift = database.clickhouse.reader.command({ query: 'SET readonly = 0' })
    await expect(lift).rejects.toMatchObject({ type: 'READONLY' })
  })
})

describe('whyNotReadOnly', () => {
  test('lets every saved query through', () => {
    for (const { sql } of savedQueries()) expect(whyNotReadOnly(sql, ['file', 'url', 'merge'])).toBeNull()
  })

  test('whatever stands around it, a query that calls file() outside a string is refused', () => {
    const around = fc.string({
      unit: fc.constantFrom("'", '"', '`', '\\', '-', '/', '*', '#', '$', '\n', ' ', 'a', '(', ')'),
    })
    fc.assert(
      fc.property(around, around, (before, after) => {
        const sql = `SELECT ${before} file(1) ${after}`
        const why = whyNotReadOnly(sql, [])
        // Only where file( is inside one string, one quoted name or one comment, which ClickHouse reads the same way.
        if (why === null) expect(before).toMatch(/['"`]|--|\/\*/)
      }),
    )
  })
})
