import { afterAll, describe, expect, test } from 'vitest'
import { createClickHouseSink } from '../../../src/record/clickhouse-record-sink.ts'
import { createQueryRunner } from '../../../src/record/queries/run-query.ts'
import { toOutcomeRow, toRow } from '../../../src/record/to-rows.ts'
import { openTestDatabase, select } from '../embedded.ts'
import { approvalEvent, decision, item, leaseEvent, outcome } from '../entries.ts'

const database = await openTestDatabase()
const run = createQueryRunner(database.clickhouse.reader, Date.now)
afterAll(() => database[Symbol.asyncDispose]())

const entry = decision()
await createClickHouseSink(database.clickhouse.writer).write([
  toRow(item(leaseEvent())),
  toRow(item(approvalEvent())),
  toRow(item(entry)),
  toOutcomeRow(outcome(entry), ''),
])

interface Column {
  readonly table: string
  readonly name: string
  readonly type: string
}

const columns = (await select(
  database.clickhouse.reader,
  `SELECT table, name, type FROM system.columns WHERE database = currentDatabase() AND table IN
    (SELECT name FROM system.tables WHERE database = currentDatabase() AND (engine = 'View' OR name LIKE '%\\_events'))
    ORDER BY table, position`,
)) as unknown as readonly Column[]

/** What people ask of a column first: which rows have it, which have not. The engine reads a part of the column for each of them. */
function conditions({ name, type }: Column): readonly string[] {
  if (type.startsWith('Array')) return [`empty(${name})`, `length(${name}) = 0`, `${name} = []`, `has(${name}, 'x')`]
  if (type.startsWith('Nullable')) return [`${name} IS NULL`, `isNotNull(${name})`]
  return type.includes('String') ? [`${name} = ''`, `${name} != ''`, `empty(${name})`, `length(${name}) = 0`] : []
}

describe('a view', () => {
  test('there are some', () => {
    expect(new Set(columns.map(({ table }) => table)).size).toBeGreaterThan(4)
  })

  test.each([...Map.groupBy(columns, ({ table }) => table)].map(([table, theirs]) => ({ table, theirs })))(
    'answers every plain condition on each column of $table, with as many rows as there are',
    async ({ table, theirs }) => {
      const count = async (where: string): Promise<number | string> =>
        run({ kind: 'sql', sql: `SELECT count() FROM ${table} WHERE ${where}` }).then(
          ({ rows }) => Number(rows[0]?.[0]),
          error => `${where}: ${error.message.slice(0, 120)}`,
        )
      const all = Number(await count('1'))
      for (const column of theirs) {
        for (const condition of conditions(column)) {
          const [yes, no] = [await count(condition), await count(`NOT (${condition})`)]
          expect(Number(yes) + Number(no), `${yes}, ${no}`).toBe(all)
        }
      }
    },
  )

  test('says String of no column for which its query gives LowCardinality(String)', async () => {
    const views = await select(
      database.clickhouse.reader,
      `SELECT name, as_select AS query FROM system.tables WHERE database = currentDatabase() AND engine = 'View'`,
    )
    for (const { name, query } of views) {
      const given = await select(database.clickhouse.reader, `DESCRIBE (${query})`)
      const types = new Map(given.map(column => [column['name'], column['type']]))
      const lies = columns.filter(({ table, type }) => table === name && type === 'String')
      expect(lies.map(column => types.get(column.name))).toEqual(lies.map(() => 'String'))
    }
  })
})
