import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { createClickHouseSink } from '../../../src/record/clickhouse-record-sink.ts'
import { toRow } from '../../../src/record/to-rows.ts'
import { applyRetention } from '../../../src/record/upkeep/retention.ts'
import { openTestDatabase, select } from '../embedded.ts'
import { approvalEvent, decision, item, leaseEvent } from '../entries.ts'

const database = await openTestDatabase()
const { writer } = database.clickhouse
const sink = createClickHouseSink(writer)
const DAY = 86_400_000
const daysAgo = (days: number): number => Date.now() - days * DAY

afterAll(() => database[Symbol.asyncDispose]())
beforeEach(() => database.clear())

const keep = (change: object, mayShorten = () => true) =>
  applyRetention(writer, { requests: 1000, events: 1000, minutes: 1000, sessions: 1000, ...change }, { mayShorten })

async function left(table: string): Promise<unknown> {
  await writer.command({ query: `OPTIMIZE TABLE ${table} FINAL` })
  return (await select(writer, `SELECT count() AS n FROM ${table}`))[0]?.['n']
}

describe('applyRetention', () => {
  test('says what it changed, and changes nothing the second time', async () => {
    await keep({})
    expect(await keep({ events: 500 })).toEqual([
      'kept from now on: lease_events: 500 days',
      'kept from now on: approval_events: 500 days',
      'kept from now on: hold_events: 500 days',
      'kept from now on: stop_events: 500 days',
      'kept from now on: session_deletions: 500 days',
    ])
    expect(await keep({ events: 500 })).toEqual([])
  })

  test('never shortens what somebody lengthened, or keeps for ever, unless it is told to', async () => {
    await keep({})
    await writer.command({ query: 'ALTER TABLE lease_events MODIFY TTL toDateTime(at) + toIntervalDay(3000)' })
    await writer.command({ query: 'ALTER TABLE approval_events REMOVE TTL' })
    const said = await keep({ events: 1200 }, () => false)
    expect(said.toSorted()).toEqual([
      'kept as before: approval_events: for ever, which is longer than set',
      'kept as before: lease_events: 3000 days, which is longer than set',
      'kept from now on: hold_events: 1200 days',
      'kept from now on: session_deletions: 1200 days',
      'kept from now on: stop_events: 1200 days',
    ])
    const ttl =
      "SELECT name FROM system.tables WHERE database = currentDatabase() AND engine_full LIKE '%1200%' ORDER BY name"
    const kept = [{ name: 'hold_events' }, { name: 'session_deletions' }, { name: 'stop_events' }]
    expect(await select(writer, ttl)).toEqual(kept)
    expect(await keep({}, () => true)).toHaveLength(5)
  })

  test('rows that are older go, also when a shorter time is set later; each table by its own setting', async () => {
    await keep({})
    await sink.write([
      toRow(item(decision({ auditId: 'old', decidedAt: daysAgo(31) }))),
      toRow(item(decision({ auditId: 'new', decidedAt: daysAgo(2) }))),
      toRow(item(leaseEvent({ lease: 'lse_old', at: daysAgo(31) }))),
      toRow(item(leaseEvent({ lease: 'lse_new', at: daysAgo(2) }))),
      toRow(item(approvalEvent({ at: daysAgo(31) }))),
    ])
    await keep({ requests: 30 })
    await expect.poll(() => left('request_halves')).toBe(1)
    expect([await left('lease_events'), await left('approval_events'), await left('minute_marks')]).toEqual([2, 1, 2])
    await keep({ events: 30, minutes: 30 })
    await expect.poll(() => left('lease_events')).toBe(1)
    await expect.poll(() => left('approval_events')).toBe(0)
    await expect.poll(() => left('minute_marks')).toBe(1)
  })
})
