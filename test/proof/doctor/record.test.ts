import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import type { RecordReader } from '../../../src/proof/doctor/store/record.ts'
import { examineRecord } from '../../../src/proof/doctor/store/record.ts'
import { toScript } from '../../../src/record/migrations/migrate.ts'
import { createQueryRunner } from '../../../src/record/queries/run-query.ts'
import { applyRetention } from '../../../src/record/upkeep/retention.ts'
import { openTestDatabase } from '../../record/embedded.ts'

const database = await openTestDatabase()
const { writer, reader } = database.clickhouse
afterAll(() => database[Symbol.asyncDispose]())

const YEARS = { requests: 3650, events: 3650, minutes: 3650, sessions: 3650 }
const tap: RecordReader = { through: 'tap', ask: createQueryRunner(reader) }
const found = async (how: RecordReader = tap) =>
  (await examineRecord(how)).findings.map(({ severity, what }) => [severity, what])

/** What somebody does who runs `leasegate migrate` and may shorten what is kept, or the script it prints. */
async function mend(): Promise<void> {
  const statements = toScript(null)
    .split(/;\n/)
    .filter(each => each.trim() !== '')
  for (const query of statements) await writer.command({ query })
  await applyRetention(writer, YEARS, { mayShorten: () => true })
}

describe('examineRecord', () => {
  beforeEach(mend)

  test('finds nothing in a record that is whole, ends by itself, and is read without the right to write', async () => {
    expect(await found()).toEqual([])
  })

  test.each([
    {
      name: 'a table that is missing',
      spoil: 'DROP TABLE approval_events SYNC',
      want: ['error', 'the record has no table approval_events'],
    },
    {
      name: 'a table without an end',
      spoil: 'ALTER TABLE request_halves REMOVE TTL',
      want: ['warning', 'table request_halves keeps its rows for ever'],
    },
  ])('$name is found, and gone after the mend', async ({ spoil, want }) => {
    await writer.command({ query: spoil })
    expect(await found()).toEqual([want])
    await mend()
    expect(await found()).toEqual([])
  })

  test('a tap that answers without limits is found', async () => {
    expect(await found({ through: 'tap', ask: createQueryRunner(writer) })).toEqual([
      ['critical', 'whoever may send queries to the tap can write to the record'],
    ])
  })

  test("a server's user is held to what it was granted, not to the limits of our own session", async () => {
    expect(await found({ ...tap, through: 'server' })).toEqual([
      [
        'warning',
        'the user default of LEASEGATE_CLICKHOUSE_URL can take from the record: ALTER on *.*, DROP on *.*, TRUNCATE on *.*',
      ],
    ])
  })

  test('what a user cannot see is not called missing', async () => {
    const analyst: RecordReader = {
      through: 'server',
      ask: async request => {
        const sql = request.kind === 'sql' ? request.sql : ''
        if (sql.includes('FINAL')) return { columns: [], rows: [['GRANT SELECT ON leasegate.requests TO ann']] }
        return sql.includes('system.tables') ? { columns: [], rows: [] } : tap.ask(request)
      },
    }
    expect(await found(analyst)).toEqual([])
  })
})
