import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Checked } from '../../../src/findings/report.ts'
import { createQueryRunner } from '../../../src/record/queries/run-query.ts'
import { createLogger } from '../../../src/support/logger.ts'
import { type QueryServer, startQueryServer } from '../../../src/tap/query-server.ts'
import { openTestDatabase, type TestDatabase } from '../../record/embedded.ts'
import { leasegate } from '../leasegate.ts'

let dir: string
let database: TestDatabase
let server: QueryServer
const at = (name: string) => join(dir, name)

const EVENT = {
  auditID: '0d5e6a52-3c1b-4d2f-9d58-0c2f6e3a9b10',
  stage: 'ResponseComplete',
  verb: 'get',
  requestURI: '/version?timeout=32s',
  user: { username: 'the-boundary' },
  impersonatedUser: { username: 'leasegate:fixer', groups: ['leasegate:agents'] },
  responseStatus: { code: 200 },
  requestReceivedTimestamp: '2026-09-01T10:00:00.000000Z',
  sourceIPs: ['10.0.0.7'],
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'leasegate-reconcile-'))
  database = await openTestDatabase()
  const log = createLogger({ name: 'tap', level: 'error', destination: { write: () => {} } })
  server = await startQueryServer(at('query.sock'), createQueryRunner(database.clickhouse.reader), log)
  await writeFile(at('around.log'), `${JSON.stringify(EVENT)}\n`)
  const others = { ...EVENT, user: { username: 'admin' }, impersonatedUser: undefined }
  await writeFile(at('others.log'), `${JSON.stringify(others)}\n`)
  await writeFile(at('broken.log'), `${JSON.stringify(others)}\n{"half":\n`)
  await writeFile(at('empty.log'), '')
})
afterAll(async () => {
  await server.stop()
  await database[Symbol.asyncDispose]()
  await rm(dir, { recursive: true })
})

const ask = (...args: readonly string[]) =>
  leasegate(['reconcile', ...args], { LEASEGATE_QUERY_SOCKET: at('query.sock') })

describe('leasegate reconcile', () => {
  test('is content with a log of others, and says what it could not look at', async () => {
    const ran = await ask('--audit-log', at('others.log'))
    expect(ran).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('no finding') })
    expect(ran.stdout).toContain("– The boundary's account acts as leased identities alone")
  })

  test('names a request that has no row, and its exit code is 1', async () => {
    const ran = await ask('--audit-log', at('others.log'), at('around.log'))
    expect(ran).toMatchObject({ code: 1, stderr: 'leasegate: there is 1 finding\n' })
    expect(ran.stdout).toContain('CRITICAL  no row for get /version by leasegate:fixer via the-boundary')
  })

  test('knows who the boundary is when it is told, and writes JSON', async () => {
    const ran = await ask('--audit-log', at('around.log'), '-o', 'json', '--boundary-user', 'another')
    const { checks }: { readonly checks: readonly Checked[] } = JSON.parse(ran.stdout)
    expect(checks.filter(({ findings }) => findings.length > 0).map(({ name }) => name)).toEqual(['nobody-else'])
  })

  test('writes JUnit', async () => {
    expect((await ask('--audit-log', at('around.log'), '-o', 'junit')).stdout).toMatch(/failures="1"/)
  })

  test.each(['broken.log', 'empty.log'])('does not call %s good', async name => {
    const ran = await ask('--audit-log', at(name))
    expect(ran.code).toBe(1)
    expect(ran.stdout).toContain('UNKNOWN')
  })

  test.each([
    { name: 'nothing to read', args: [], says: '--audit-log FILE, or --listen ADDRESS' },
    { name: 'a file that is not there', args: ['--audit-log', '/none'], says: 'cannot read /none' },
    { name: 'the world without certificates', args: ['--listen', '0.0.0.0:8080'], says: 'loopback' },
    { name: 'half of the certificates', args: ['--listen', '127.0.0.1:1', '--tls-cert', 'x'], says: 'go together' },
    { name: 'no duration', args: ['--listen', '127.0.0.1:1', '--grace', 'x'], says: '--grace' },
  ])('refuses $name in one line', async ({ args, says }) => {
    const ran = await ask(...args)
    expect(ran).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(says) })
    expect(ran.stderr).toMatch(/^leasegate: [^\n]+\n$/)
  })
})
