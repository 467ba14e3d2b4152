import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createClickHouseSink } from '../../../src/record/clickhouse-record-sink.ts'
import { createQueryRunner } from '../../../src/record/queries/run-query.ts'
import { savedQueries } from '../../../src/record/queries/saved-queries.ts'
import { toRow } from '../../../src/record/to-rows.ts'
import { createLogger } from '../../../src/support/logger.ts'
import { type QueryServer, startQueryServer } from '../../../src/tap/query-server.ts'
import { openTestDatabase, type TestDatabase } from '../../record/embedded.ts'
import { decision, item, leaseEvent } from '../../record/entries.ts'
import { leasegate } from '../leasegate.ts'

let dir: string
let database: TestDatabase
let server: QueryServer
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'leasegate-query-'))
  database = await openTestDatabase()
  await createClickHouseSink(database.clickhouse.writer).write([
    toRow(item(decision())),
    toRow(item(leaseEvent({ lease: 'lse_2' }))),
  ])
  const log = createLogger({ name: 'tap', level: 'error', destination: { write: () => {} } })
  server = await startQueryServer(join(dir, 'query.sock'), createQueryRunner(database.clickhouse.reader), log)
})
afterAll(async () => {
  await server.stop()
  await database[Symbol.asyncDispose]()
  await rm(dir, { recursive: true })
})

const ask = (...args: readonly string[]) => leasegate(args, { LEASEGATE_QUERY_SOCKET: join(dir, 'query.sock') })

describe('leasegate query', () => {
  test('answers a saved query, its parameters written in any way, as table, CSV and JSON', async () => {
    const since = ['--since', '2026-01-01']
    const asTable = await ask('query', 'lease-timeline', '--lease', 'lse_1', ...since)
    expect(asTable).toMatchObject({ code: 0, stderr: '' })
    expect(asTable.stdout.split('\n')[0]).toMatch(/^TIME +/)
    const asJson = await ask('query', 'lease-timeline', '--param', 'lease=lse_1', '-o', 'json', ...since)
    expect(JSON.parse(asJson.stdout)).toHaveLength(1)
    const asCsv = await ask('query', 'lease-timeline', '--lease=lse_1', ...since, '-o', 'csv')
    expect(asCsv.stdout.split('\r\n')).toHaveLength(3)
  })

  test('lists the questions without a server', async () => {
    const ran = await leasegate(['query', '--list'])
    expect(ran).toMatchObject({ code: 0, stdout: expect.stringMatching(/^lease-timeline +Everything/m) })
    expect(ran.stdout.trimEnd().split('\n').length).toBe(savedQueries().length + 1)
    expect(ran.stdout).toMatch(/^lease-report +One lease as a page/m)
    const one = await leasegate(['query', 'lease-timeline', '--list'])
    expect(one.stdout).toContain('    --lease  the lease')
  })

  test.each([
    { name: 'an unknown question', args: ['nothing'], says: 'there is no query of this name' },
    { name: 'a missing parameter', args: ['lease-timeline'], says: 'lease' },
    { name: 'an unknown parameter', args: ['lease-timeline', '--leaze', 'x'], says: 'there is no parameter leaze' },
    { name: 'no question', args: [], says: 'leasegate query --list' },
  ])('refuses $name in one line', async ({ args, says }) => {
    const ran = await ask('query', ...args)
    expect(ran).toMatchObject({ code: 2, stdout: '' })
    expect(ran.stderr).toMatch(/^leasegate: [^\n]+\n$/)
    expect(ran.stderr).toContain(says)
  })
})

describe('leasegate query lease-report', () => {
  test.each([['lse_2'], ['--lease', 'lse_2'], ['--param', 'lease=lse_2']])(
    'prints a page of the lease: %s %s',
    async (...named) => {
      const asHtml = await ask('query', 'lease-report', ...named, '-o', 'html')
      expect(asHtml).toMatchObject({
        code: 0,
        stderr: '',
        stdout: expect.stringMatching(/^<!doctype html>[\s\S]*lse_2/),
      })
      const asMarkdown = await ask('query', 'lease-report', ...named, '-o', 'md')
      expect(asMarkdown).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/^# Report of a lease: `restart-web`$/m),
      })
    },
  )

  test.each([
    { name: 'a lease that is not on record', args: ['lse_9', '-o', 'md'], code: 1, says: 'no lease lse_9' },
    { name: 'no lease', args: ['-o', 'html'], code: 2, says: 'name the lease' },
    { name: 'another parameter', args: ['lse_2', '--since', '7d'], code: 2, says: 'there is no parameter since' },
    { name: 'another format', args: ['lse_2', '-o', 'csv'], code: 2, says: '-o html or -o md' },
  ])('refuses $name in one line', async ({ args, code, says }) => {
    const ran = await ask('query', 'lease-report', ...args)
    expect(ran).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(says) })
    expect(ran.stderr).toMatch(/^leasegate: [^\n]+\n$/)
  })

  test('is the only question that is answered with a page', async () => {
    const ran = await ask('query', 'denials', '-o', 'html')
    expect(ran).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('only lease-report') })
  })
})

describe('leasegate sql', () => {
  test('reads', async () => {
    const ran = await ask('sql', "SELECT count() AS n FROM requests WHERE lease = 'lse_1'", '-o', 'json')
    expect(Number(JSON.parse(ran.stdout)[0].n)).toBe(1)
  })

  test.each(['DROP TABLE request_halves', "SELECT * FROM file('/etc/passwd')", 'SELECT 1; SELECT 2'])(
    'does not run %s',
    async sql => expect(await ask('sql', sql)).toMatchObject({ code: 2, stdout: '' }),
  )

  test('says so when no tap answers', async () => {
    const ran = await leasegate(['sql', 'SELECT 1'], { LEASEGATE_QUERY_SOCKET: join(dir, 'none.sock') })
    expect(ran).toMatchObject({ code: 3, stdout: '' })
    expect(ran.stderr).toMatch(/^leasegate: no tap answers at [^\n]+\n$/)
  })
})
