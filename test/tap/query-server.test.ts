import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { createClickHouseSink } from '../../src/record/clickhouse-record-sink.ts'
import { createQueryRunner, type QueryRunner } from '../../src/record/queries/run-query.ts'
import { createTapQueryRunner } from '../../src/record/queries/tap-query-runner.ts'
import { toRow } from '../../src/record/to-rows.ts'
import { createLogger } from '../../src/support/logger.ts'
import { startQueryServer } from '../../src/tap/query-server.ts'
import { openTestDatabase } from '../record/embedded.ts'
import { decision, item } from '../record/entries.ts'

const directory = await mkdtemp(join(tmpdir(), 'leasegate-query-'))
const path = join(directory, 'query.sock')
const database = await openTestDatabase()
const log = createLogger({ name: 'tap', level: 'error', destination: { write: () => {} } })
// A file that was left behind is in the way.
await writeFile(path, '')
const server = await startQueryServer(path, createQueryRunner(database.clickhouse.reader), log)
const run = createTapQueryRunner(path)

afterAll(async () => {
  await server.stop()
  await database[Symbol.asyncDispose]()
  await rm(directory, { recursive: true })
})

function raw(method: string, url: string, body: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath: path, path: url, method }, response => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

describe('startQueryServer', () => {
  test('the socket belongs to this user alone', async () => {
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  })

  test('answers a saved query and plain SQL with columns and rows', async () => {
    await createClickHouseSink(database.clickhouse.writer).write([toRow(item(decision()))])
    const timeline = await run({
      kind: 'saved',
      name: 'lease-timeline',
      params: { lease: 'lse_1', since: '2026-01-01' },
    })
    expect(timeline.columns[0]).toEqual({ name: 'time', type: "DateTime64(3, 'UTC')" })
    expect(timeline.rows).toHaveLength(1)
    const sql = await run({ kind: 'sql', sql: "SELECT agent FROM requests WHERE lease = 'lse_1'" })
    expect(sql.rows).toEqual([['fixer']])
  })

  test('many at once are all answered', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => run({ kind: 'sql', sql: `SELECT ${n}` })))
    expect(answers.map(({ rows }) => rows[0]?.[0])).toEqual(Array.from({ length: 20 }, (_, n) => n))
  })

  test('a query that would write is refused', async () => {
    const attempt = run({ kind: 'sql', sql: 'DROP TABLE request_halves' })
    await expect(attempt).rejects.toMatchObject({ code: 'wrong', message: expect.stringContaining('only SELECT') })
  })

  test.each([
    { name: 'another path', method: 'POST', url: '/', body: '{}' },
    { name: 'another method', method: 'GET', url: '/query', body: '' },
    { name: 'no JSON', method: 'POST', url: '/query', body: '{' },
    { name: 'another shape', method: 'POST', url: '/query', body: '{"kind":"sql","sql":1}' },
    {
      name: 'too much',
      method: 'POST',
      url: '/query',
      body: JSON.stringify({ kind: 'sql', sql: ' '.repeat(300_000) }),
    },
  ])('refuses $name and goes on', async ({ method, url, body }) => {
    expect(await raw(method, url, body)).toBe(400)
    expect((await run({ kind: 'sql', sql: 'SELECT 1' })).rows).toEqual([[1]])
  })

  test('a bug in a query is not told to the client', async () => {
    const broken: QueryRunner = () => Promise.reject(new TypeError('secret detail'))
    const other = join(directory, 'other.sock')
    const failing = await startQueryServer(other, broken, log)
    const answer = createTapQueryRunner(other)({ kind: 'sql', sql: 'SELECT 1' })
    await expect(answer).rejects.toMatchObject({ code: 'failed', message: 'the query could not be run' })
    await failing.stop()
  })
})

describe('createTapQueryRunner', () => {
  test('says where it looked for a tap when none is there', async () => {
    const nobody = createTapQueryRunner(join(directory, 'nobody.sock'))
    await expect(nobody({ kind: 'sql', sql: 'SELECT 1' })).rejects.toMatchObject({
      code: 'failed',
      message: expect.stringContaining('nobody.sock'),
    })
  })
})
