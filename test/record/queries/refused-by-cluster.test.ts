import { afterAll, expect, test } from 'vitest'
import { createClickHouseSink } from '../../../src/record/clickhouse-record-sink.ts'
import { createQueryRunner } from '../../../src/record/queries/run-query.ts'
import { toOutcomeRow, toRow } from '../../../src/record/to-rows.ts'
import { openTestDatabase } from '../embedded.ts'
import { decision, item, outcome } from '../entries.ts'

const database = await openTestDatabase()
afterAll(() => database[Symbol.asyncDispose]())

test('refused-by-cluster names a template of which nothing passes, and one of which something does', async () => {
  const now = Date.now()
  const asked = (auditId: string, template: string) => decision({ auditId, template, decidedAt: now - 60_000 })
  const all = [
    asked('a', 'brand-new'),
    asked('b', 'brand-new'),
    asked('c', 'old'),
    asked('d', 'old'),
    asked('e', 'fine'),
  ]
  const statuses = [403, 403, 403, 200, 200]
  await createClickHouseSink(database.clickhouse.writer).write(
    all.flatMap((entry, index) => [
      toRow(item(entry)),
      toOutcomeRow(outcome(entry, { status: statuses[index] ?? 0 }), ''),
    ]),
  )
  // What the boundary refused itself is another matter.
  const denied = asked('f', 'fine')
  await createClickHouseSink(database.clickhouse.writer).write([
    toRow(item({ ...denied, intent: 'deny', reason: 'out-of-scope' }, { decision: 'deny', reason: '', approval: '' })),
    toOutcomeRow(outcome(denied, { status: 403, forwarded: false, details: 'ext_authz_denied' }), ''),
  ])
  const run = createQueryRunner(database.clickhouse.reader, () => now)
  const { columns, rows } = await run({ kind: 'saved', name: 'refused-by-cluster', params: {} })
  const at = (name: string) => columns.findIndex(column => column.name === name)
  const told = rows.map(row => ['template', 'requests', 'refused', 'all_refused'].map(name => String(row[at(name)])))
  expect(told).toEqual([
    ['brand-new', '2', '2', expect.stringMatching(/^(1|true)$/)],
    ['old', '2', '1', expect.stringMatching(/^(0|false)$/)],
  ])
})
