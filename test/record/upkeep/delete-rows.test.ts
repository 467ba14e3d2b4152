import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { createClickHouseSink } from '../../../src/record/clickhouse-record-sink.ts'
import { toOutcomeRow, toRow } from '../../../src/record/to-rows.ts'
import { countMinutes } from '../../../src/record/upkeep/count-minutes.ts'
import { deleteRows, findRows, type Whose } from '../../../src/record/upkeep/delete-rows.ts'
import { openTestDatabase, select } from '../embedded.ts'
import { approvalEvent, decision, item, leaseEvent, outcome } from '../entries.ts'

const database = await openTestDatabase()
const { writer, reader } = database.clickhouse
const DAY = 86_400_000

afterAll(() => database[Symbol.asyncDispose]())

const BOB = 'bob@example.com'
const mine = decision({ auditId: 'mine' })
const second = decision({ auditId: 'second', lease: 'lse_2' })
const bobs = decision({ auditId: 'bobs', lease: "lse_'3\\", agent: 'cleaner', sponsor: BOB })

/** Ada's two leases with fixer, Bob's one with cleaner; Bob answers Ada's question, Ada ends Bob's lease. */
beforeEach(async () => {
  await database.clear()
  await createClickHouseSink(writer).write([
    toRow(item(leaseEvent())),
    toRow(item(leaseEvent({ lease: 'lse_2' }))),
    toRow(item(leaseEvent({ lease: bobs.lease, agent: 'cleaner', sponsor: BOB, by: 'cleaner' }))),
    toRow(
      item(leaseEvent({ lease: bobs.lease, agent: 'cleaner', sponsor: BOB, event: 'revoked', by: 'ada@example.com' })),
    ),
    toRow(item(approvalEvent({ by: BOB }))),
    ...[mine, second, bobs].flatMap(entry => [toRow(item(entry)), toOutcomeRow(outcome(entry), '')]),
  ])
  await countMinutes(writer, { now: Date.now() + DAY })
})

const column = async (query: string): Promise<unknown[]> =>
  (await select(reader, query)).flatMap(row => Object.values(row))

async function left(): Promise<object> {
  return {
    requests: await column('SELECT audit_id FROM requests ORDER BY audit_id'),
    leases: await column('SELECT lease FROM leases ORDER BY lease'),
    approvals: await column('SELECT answered_by FROM approvals'),
    counted: await column('SELECT sum(requests) FROM requests_by_minute'),
  }
}

const ALL = {
  requests: ['bobs', 'mine', 'second'],
  leases: [bobs.lease, 'lse_1', 'lse_2'].toSorted(),
  approvals: [BOB],
  counted: [3],
}

describe('deleteRows', () => {
  test.each<{ whose: Whose; found: object; want: object }>([
    {
      whose: { kind: 'lease', name: 'lse_1' },
      found: { requests: 1, leases: 1, approvals: 1, named: 0 },
      want: {
        ...ALL,
        requests: ['bobs', 'second'],
        leases: [bobs.lease, 'lse_2'].toSorted(),
        approvals: [],
        counted: [2],
      },
    },
    {
      whose: { kind: 'agent', name: 'fixer' },
      found: { requests: 2, leases: 2, approvals: 1, named: 0 },
      want: { requests: ['bobs'], leases: [bobs.lease], approvals: [], counted: [1] },
    },
    {
      whose: { kind: 'sponsor', name: BOB },
      found: { requests: 1, leases: 1, approvals: 0, named: 1 },
      want: { requests: ['mine', 'second'], leases: ['lse_1', 'lse_2'], approvals: ['[deleted]'], counted: [2] },
    },
    {
      whose: { kind: 'sponsor', name: "x' OR 1=1 --" },
      found: { requests: 0, leases: 0, approvals: 0, named: 0 },
      want: ALL,
    },
    {
      whose: { kind: 'lease', name: "\\' OR 1=1 --" },
      found: { requests: 0, leases: 0, approvals: 0, named: 0 },
      want: ALL,
    },
  ])('takes the rows of $whose and no other, out of the counts too', async ({ whose, found, want }) => {
    expect(await findRows(reader, whose)).toEqual(found)
    await deleteRows(writer, whose)
    expect(await left()).toEqual(want)
    await countMinutes(writer, { now: Date.now() + 2 * DAY })
    expect(await left()).toEqual(want)
    expect(await findRows(reader, whose)).toEqual({ requests: 0, leases: 0, approvals: 0, named: 0 })
  })

  test('nothing of them is left in any file', async () => {
    await deleteRows(writer, { kind: 'agent', name: 'fixer' })
    const tables = await column(
      "SELECT name FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree'",
    )
    for (const table of tables) {
      const [kept] = await select(reader, `SELECT count() AS n FROM ${table} WHERE toString(tuple(*)) LIKE '%fixer%'`)
      expect({ table, kept }).toEqual({ table, kept: { n: 0 } })
    }
  })
})
