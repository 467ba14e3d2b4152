import { afterAll, describe, expect, test } from 'vitest'
import { createClickHouseSink } from '../../../src/record/clickhouse-record-sink.ts'
import { toRow } from '../../../src/record/to-rows.ts'
import { keepCounting } from '../../../src/record/upkeep/keep-counting.ts'
import { createLogger } from '../../../src/support/logger.ts'
import { openTestDatabase, select } from '../embedded.ts'
import { decision, item } from '../entries.ts'

const database = await openTestDatabase()
const { writer, counter, reader } = database.clickhouse
const lines: string[] = []
const log = createLogger({ name: 'tap', level: 'warn', destination: { write: line => void lines.push(line) } })

afterAll(() => database[Symbol.asyncDispose]())

const counted = async (): Promise<unknown> =>
  (await select(reader, 'SELECT sum(requests) AS n FROM minute_counts'))[0]?.['n']

describe('keepCounting', () => {
  test('counts what has settled round after round, goes on after a round that failed, and stops', async () => {
    // Marks that have settled long ago, in place of those that an insert makes.
    await writer.command({ query: 'DETACH TABLE touch_minutes' })
    const entries = [1, 2, 3].map(n => decision({ auditId: `a-${n}`, decidedAt: decision().decidedAt + n * 60_000 }))
    await createClickHouseSink(writer).write(entries.map(entry => toRow(item(entry))))
    await writer.command({ query: 'RENAME TABLE minute_counts TO elsewhere' })
    const marks = `SELECT toDateTime(toStartOfMinute(decided_at), 'UTC'), 1, 0, 0 FROM request_halves`
    await writer.command({
      query: `INSERT INTO minute_marks (minute, touched, counted, settles_at) ${marks}`,
      clickhouse_settings: { insert_deduplication_token: 'marks' },
    })
    const counting = keepCounting(counter, null, log, 20)
    await expect.poll(() => lines.length).toBeGreaterThan(0)
    expect(lines[0]).toContain('minutes could not be counted')
    await writer.command({ query: 'RENAME TABLE elsewhere TO minute_counts' })
    await expect.poll(counted).toBe(3)
    await counting.stop()
    expect(await select(reader, 'SELECT sum(requests) AS n FROM requests_by_minute')).toEqual([{ n: 3 }])
  })
})
