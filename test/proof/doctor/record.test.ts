import { describe, expect, test } from 'vitest'
import { type AskRecord, examineRecord } from '../../../src/proof/doctor/store/record.ts'

/** Answers as ClickHouse does; the real one is asked in the test of the whole. */
function answering({
  readonly = 1,
  tables = ['request_halves', 'lease_events', 'approval_events'],
  ttl = 1,
}): AskRecord {
  return async request => {
    const sql = request.kind === 'sql' ? request.sql : ''
    const rows = sql.includes('getSetting')
      ? [[readonly]]
      : sql.includes('system.tables')
        ? tables.map(name => [name, ttl])
        : [['1']]
    return { columns: [], rows }
  }
}

const found = async (given: Parameters<typeof answering>[0]) =>
  (await examineRecord(answering(given))).findings.map(({ severity, what }) => [severity, what])

describe('examineRecord', () => {
  test('finds nothing in a record that is whole, ends by itself, and is read without the right to write', async () => {
    expect(await found({})).toEqual([])
  })

  test.each([
    {
      name: 'a table that is missing',
      given: { tables: ['request_halves', 'lease_events'] },
      want: ['error', 'the record has no table approval_events'],
    },
    {
      name: 'a table without an end',
      given: { tables: ['request_halves', 'lease_events', 'approval_events'], ttl: 0 },
      want: ['warning', 'table request_halves keeps its rows for ever'],
    },
    {
      name: 'a reader that may write',
      given: { readonly: 0 },
      want: ['critical', 'whoever reads the record can write to it'],
    },
  ])('$name is found', async ({ given, want }) => {
    expect(await found(given)).toContainEqual(want)
  })
})
