import { afterAll, beforeEach } from 'vitest'
import { createClickHouseSink } from '../../../src/record/clickhouse-record-sink.ts'
import type { Row } from '../../../src/record/record-sink.ts'
import { toOutcomeRow, toRow } from '../../../src/record/to-rows.ts'
import { type Found, openTestDatabase, select } from '../embedded.ts'
import { decision, item, outcome } from '../entries.ts'

/** One engine for all that `views.test.ts` has: a process can own one directory. */
export const database = await openTestDatabase()
export const { writer, reader } = database.clickhouse
export const sink = createClickHouseSink(writer)

afterAll(() => database[Symbol.asyncDispose]())
beforeEach(() => database.clear())

export const ENTRY = decision()
export const DECIDED = toRow(item(ENTRY))
export const ENDED = toOutcomeRow(outcome(ENTRY), '')

/** Each row is a batch of its own, and so a part of its own. */
export async function writeEach(rows: readonly Row[]): Promise<void> {
  for (const row of rows) await sink.write([row])
}

export const requests = (): Promise<Found[]> => select(reader, 'SELECT * FROM requests ORDER BY decided_at, audit_id')
