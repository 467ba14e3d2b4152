import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { openClickHouse } from '../../../src/record/clickhouse.ts'
import { createClickHouseSink } from '../../../src/record/clickhouse-record-sink.ts'
import { toRow } from '../../../src/record/to-rows.ts'
import { decision, item } from '../../record/entries.ts'
import { leasegate } from '../leasegate.ts'

const directory = await mkdtemp(join(tmpdir(), 'leasegate-record-cli-'))
afterAll(() => rm(directory, { recursive: true }))
const here = (retention = '1000d') => ({
  LEASEGATE_CLICKHOUSE_DIRECTORY: directory,
  LEASEGATE_RETENTION_REQUESTS: retention,
})

describe('leasegate migrate', () => {
  test('makes the tables, applies the retention that is set, and has nothing to do then', async () => {
    const first = await leasegate(['migrate'], here())
    expect(first).toMatchObject({ code: 0, stderr: '' })
    expect(first.stdout).toMatch(/^0001_request_halves\.sql applied\n[\s\S]*request_halves: 1000 days\n/)
    expect(await leasegate(['migrate'], here())).toMatchObject({ code: 0, stdout: 'nothing to do\n' })
    const tables = ['request_halves', 'refusal_summaries', 'broker_refusals', 'session_ends']
    const kept = await leasegate(['migrate'], here('900d'))
    expect(kept.stdout).toBe(
      tables.map(table => `kept as before: ${table}: 1000 days, which is longer than set\n`).join(''),
    )
    const shorter = await leasegate(['migrate'], { ...here('900d'), LEASEGATE_RETENTION_SHORTEN: 'yes' })
    expect(shorter.stdout).toBe(tables.map(table => `kept from now on: ${table}: 900 days\n`).join(''))
  })

  test.each(['0d', '90', '9999d', '90h'])('refuses to keep rows for %s', async retention => {
    const ran = await leasegate(['migrate'], here(retention))
    expect(ran).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('LEASEGATE_RETENTION_REQUESTS must be a number of days'),
    })
  })

  test('prints the tables and the rights as SQL, for one server and for a cluster', async () => {
    const alone = await leasegate(['migrate', '--script'])
    expect(alone.stdout).toContain('CREATE TABLE IF NOT EXISTS request_halves')
    const cluster = await leasegate(['migrate', '--script'], { LEASEGATE_CLICKHOUSE_CLUSTER: 'main' })
    expect(cluster.stdout).toContain("CREATE TABLE IF NOT EXISTS request_halves ON CLUSTER 'main'")
    expect(cluster.stdout).toContain('ENGINE = ReplicatedAggregatingMergeTree')
    expect((await leasegate(['migrate', '--access'])).stdout).toContain('CREATE ROLE IF NOT EXISTS leasegate_analyst')
  })
})

describe('leasegate record delete', () => {
  test('counts first, deletes when it is told to', async () => {
    await leasegate(['migrate'], here())
    const clickhouse = await openClickHouse({ kind: 'embedded', directory })
    await createClickHouseSink(clickhouse.writer).write([toRow(item(decision()))])
    await clickhouse.close()
    const asked = await leasegate(['record', 'delete', '--lease', 'lse_1'], here())
    expect(asked).toMatchObject({ code: 1, stdout: '1 requests, 0 leases, 0 approvals, 0 recorded sessions\n' })
    expect(asked.stderr).toContain('--yes')
    const done = await leasegate(['record', 'delete', '--lease', 'lse_1', '--yes'], here())
    expect(done).toMatchObject({ code: 0, stdout: '1 requests, 0 leases, 0 approvals, 0 recorded sessions\ndeleted\n' })
    const again = await leasegate(['record', 'delete', '--lease', 'lse_1', '--yes'], here())
    expect(again.stdout).toBe('0 requests, 0 leases, 0 approvals, 0 recorded sessions\ndeleted\n')
  })

  test.each([[], ['--agent', 'a', '--lease', 'b'], ['--agent', '']].map(args => ({ args })))(
    'wants one of them: $args',
    async ({ args }) => {
      expect(await leasegate(['record', 'delete', ...args, '--yes'], here())).toMatchObject({ code: 2, stdout: '' })
    },
  )
})
