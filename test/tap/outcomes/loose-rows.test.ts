import { describe, expect, test } from 'vitest'
import type { Row } from '../../../src/record/record-sink.ts'
import { createLogger } from '../../../src/support/logger.ts'
import { type LooseLimits, LooseRows } from '../../../src/tap/outcomes/loose-rows.ts'
import { Writer } from '../../../src/tap/writer.ts'
import { until } from '../../support/until.ts'
import { MemorySink } from '../fakes.ts'

const row = (n: number): Row => ({ table: 'request_halves', values: { n } })
const log = createLogger({ name: 'tap', level: 'error', destination: { write: () => {} } })

function start(limits: Partial<LooseLimits> = {}) {
  const sink = new MemorySink()
  const writer = new Writer(sink, { backoffMs: [1, 4], slowMs: 5000 }, log)
  const loose = new LooseRows(writer, { maxRows: 10, maxAgeMs: 20, maxLoose: 1000, ...limits })
  const offer = (from: number, count: number) => {
    for (let n = from; n < from + count; n++) loose.offer(row(n))
  }
  return { sink, writer, loose, offer }
}

describe('LooseRows', () => {
  test('a full batch does not wait, the rest waits for its age', async () => {
    const { sink, loose, offer } = start({ maxAgeMs: 30_000 })
    offer(0, 25)
    await until('20 rows', () => sink.rows.length === 20)
    expect(sink.batches.map(batch => batch.length)).toEqual([10, 10])
    expect(loose.held).toBe(5)
    await loose.flush()
    expect(sink.rows).toHaveLength(25)
    expect(new Set(sink.names).size).toBe(3)
  })

  test('what comes within the age is written together', async () => {
    const { sink, offer } = start()
    offer(0, 3)
    await until('3 rows', () => sink.rows.length === 3)
    expect(sink.batches).toHaveLength(1)
  })

  test('rows are kept up to the limit while the sink is away, the rest is counted', async () => {
    const { sink, loose, offer } = start({ maxLoose: 5 })
    sink.mode = 'away'
    offer(0, 8)
    expect(loose).toMatchObject({ held: 5, lost: 3 })
    sink.mode = 'up'
    await until('5 rows', () => sink.rows.length === 5)
    offer(9, 1)
    await until('6 rows', () => sink.rows.length === 6)
    expect(loose).toMatchObject({ held: 0, lost: 3 })
  })

  test('refused rows and those given up at a stop are counted', async () => {
    const { sink, writer, loose, offer } = start()
    sink.refuses = ({ values }) => values['n'] === 1
    offer(0, 3)
    await loose.flush()
    expect(loose.lost).toBe(1)
    sink.mode = 'hang'
    offer(3, 4)
    const flushed = loose.flush()
    writer.giveUp()
    await flushed
    expect(loose).toMatchObject({ held: 0, lost: 5 })
  })
})
