import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { copyCheckpoints } from '../../../src/record/copies/copy-checkpoints.ts'
import { ledgersIn } from '../../../src/record/ledger/own-ledger.ts'
import { createQueryRunner } from '../../../src/record/queries/run-query.ts'
import { createLogger } from '../../../src/support/logger.ts'
import { type QueryServer, startQueryServer } from '../../../src/tap/query-server.ts'
import { openSink, someRows } from '../../record/audit/a-record.ts'
import { openTestDatabase } from '../../record/embedded.ts'
import { leasegate } from '../leasegate.ts'

const database = await openTestDatabase()
const { clickhouse } = database
const directory = await mkdtemp(join(tmpdir(), 'leasegate-audit-'))
const at = (name: string) => join(directory, name)
const env = { LEASEGATE_QUERY_SOCKET: at('query.sock'), LEASEGATE_LEDGER_DIRECTORY: at('ledgers') }
const key = ['--key', at('ledger.pub.pem')] as const
let server: QueryServer

beforeAll(async () => {
  const made = await leasegate(['keys', 'ledger', '--dir', directory])
  expect(made).toMatchObject({ code: 0, stdout: `${at('ledger.key.pem')}\n${at('ledger.pub.pem')}\n` })
  const folder = { directory: at('ledgers'), keyFile: at('ledger.key.pem') }
  const sink = await openSink(folder, clickhouse)
  await sink.write(someRows(1, 8), 'rows')
  await sink.checkpoint()
  await sink.close()
  const log = createLogger({ name: 'tap', level: 'info', destination: { write: () => {} } })
  server = await startQueryServer(at('query.sock'), createQueryRunner(clickhouse.reader), log)
})

afterAll(async () => {
  await server?.stop()
  await database[Symbol.asyncDispose]()
  await rm(directory, { recursive: true })
})

describe('leasegate audit', () => {
  test('verifies the record, an export of it with the key alone, and a proof by itself', async () => {
    const verified = await leasegate(['audit', 'verify', ...key], env)
    expect(verified).toMatchObject({ code: 0, stderr: '' })
    expect(verified.stdout).toContain('Every row is as it was entered')
    expect(await leasegate(['audit', 'export', at('export')], env)).toMatchObject({ code: 0 })
    const offline = await leasegate(['audit', 'verify', '--export', at('export'), '-o', 'json', ...key])
    expect(offline).toMatchObject({ code: 0, stderr: '' })
    expect(JSON.parse(offline.stdout).checks).toHaveLength(5)
    const proof = await leasegate(['audit', 'proof', 'a-3', ...key], env)
    expect(proof).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^c2sp\.org\/tlog-proof@v1\nextra .*\nindex \d+\n/),
    })
    await writeFile(at('a-3.tlog-proof'), proof.stdout)
    const checked = await leasegate(['audit', 'check-proof', at('a-3.tlog-proof'), ...key])
    expect(checked.code).toBe(0)
    expect(JSON.parse(checked.stdout)).toEqual(expect.arrayContaining(['leasegate/decision/2', 'a-3', 'allow']))
  })

  test('compares with what was fetched from a second place, and names a ledger that has not what it had', async () => {
    const [name = ''] = await ledgersIn(at('ledgers'))
    const taker = {
      put: async (path: string, note: string) => {
        await mkdir(dirname(at(`fetched/${path}`)), { recursive: true })
        await writeFile(at(`fetched/${path}`), note)
      },
    }
    const folder = join(at('ledgers'), name)
    await copyCheckpoints({ folder, ledger: name, taker }, AbortSignal.timeout(60_000))
    const same = await leasegate(['audit', 'verify', '--checkpoints', at('fetched'), ...key], env)
    expect(same).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/\d checkpoints in the second place that the/),
    })
    await mkdir(at('none'))
    const gone = await leasegate(
      ['audit', 'verify', '--checkpoints', at('fetched'), '--ledgers', at('none'), ...key],
      env,
    )
    expect(gone).toMatchObject({
      code: 1,
      stdout: expect.stringContaining(`ledger ${name}: it is gone: the second place`),
    })
    const half = { ...env, LEASEGATE_LEDGER_S3_URL: 'https://s3.example.com' }
    const unset = await leasegate(['audit', 'verify', ...key], half)
    expect(unset).toMatchObject({ code: 2, stderr: expect.stringContaining('LEASEGATE_LEDGER_S3_BUCKET') })
  })

  test('wants the quorum of a file of witnesses', async () => {
    await writeFile(at('witnesses'), 'quorum none\n')
    const none = await leasegate(['audit', 'verify', '--witnesses', at('witnesses'), ...key], env)
    expect(none).toMatchObject({ code: 0, stdout: expect.stringContaining('A quorum of witnesses has seen') })
    await writeFile(at('witnesses'), 'quorum ours\n')
    const wrong = await leasegate(['audit', 'verify', '--witnesses', at('witnesses'), ...key], env)
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('line 1 is no quorum') })
  })

  test('takes no day away that is kept, and wants the key that signs', async () => {
    const signing = { ...env, LEASEGATE_LEDGER_KEY_FILE: at('ledger.key.pem') }
    const kept = await leasegate(['audit', 'prune', '--yes', '--why', 'no reason'], signing)
    expect(kept).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/: nothing goes; .* is not older than what is/),
    })
    const keyless = await leasegate(['audit', 'prune'], env)
    expect(keyless).toMatchObject({ code: 2, stderr: expect.stringContaining('LEASEGATE_LEDGER_KEY_FILE') })
  })

  test('a proof that was changed is none', async () => {
    const proof = (await leasegate(['audit', 'proof', 'a-2', ...key], env)).stdout
    const [format, extra = '', ...rest] = proof.split('\n')
    const other = Buffer.from(extra.slice(6), 'base64').toString().replace('"allow"', '"deny"')
    await writeFile(at('forged'), [format, `extra ${Buffer.from(other).toString('base64')}`, ...rest].join('\n'))
    expect(await leasegate(['audit', 'check-proof', at('forged'), ...key])).toMatchObject({ code: 1, stdout: '' })
    await writeFile(at('moved'), proof.replace(/^index \d+$/m, 'index 1'))
    expect(await leasegate(['audit', 'check-proof', at('moved'), ...key])).toMatchObject({ code: 1, stdout: '' })
  })

  test('names what was changed, and ends with 1', async () => {
    const query = "ALTER TABLE request_halves UPDATE decision = 'deny' WHERE audit_id = 'a-5' AND decision IS NOT NULL"
    await clickhouse.writer.command({ query, clickhouse_settings: { mutations_sync: '2' } })
    const found = await leasegate(['audit', 'verify', ...key], env)
    expect(found).toMatchObject({ code: 1, stderr: 'leasegate: there is 1 finding\n' })
    expect(found.stdout).toMatch(/decision a-5 of .* was changed after it was written \(entry \d+ of ledger tap-a-/)
    expect(await leasegate(['audit', 'proof', 'a-5', ...key], env)).toMatchObject({ code: 1, stdout: '' })
  })

  test('without a ledger, and without a public key, it says so', async () => {
    const none = await leasegate(['audit', 'verify', ...key], { LEASEGATE_QUERY_SOCKET: at('query.sock') })
    expect(none).toMatchObject({ code: 2, stderr: expect.stringContaining('there is no ledger') })
    const wrong = await leasegate(['audit', 'verify', '--key', at('ledger.key.pem')], env)
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('private key') })
  })
})

describe('leasegate keys ledger', () => {
  test('keeps the private key to its owner, and never goes over an older one', async () => {
    expect((await stat(at('ledger.key.pem'))).mode & 0o777).toBe(0o600)
    const before = await readFile(at('ledger.key.pem'), 'utf8')
    expect(await leasegate(['keys', 'ledger', '--dir', directory])).toMatchObject({ code: 2, stdout: '' })
    expect(await readFile(at('ledger.key.pem'), 'utf8')).toBe(before)
  })
})
