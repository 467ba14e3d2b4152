import { appendFileSync, cpSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Row } from '../../../src/record/record-sink.ts'
import { toGoneRow, toOutcomeRow } from '../../../src/record/to-rows.ts'
import { createLogger } from '../../../src/support/logger.ts'
import { LooseRows } from '../../../src/tap/outcomes/loose-rows.ts'
import { RowsOnDisk } from '../../../src/tap/outcomes/rows-on-disk.ts'
import { Writer } from '../../../src/tap/writer.ts'
import { decision, outcome } from '../../record/entries.ts'
import { MemorySink } from '../fakes.ts'

const log = createLogger({ name: 'tap', level: 'fatal', destination: { write: () => {} } })
const row = (n: number, more: Row['values'] = {}): Row => ({
  table: 'request_halves',
  values: {
    decided_at: '2026-11-29 10:00:00.000',
    agent: 'a',
    lease: 'lse_1',
    audit_id: `a-${n}`,
    status: 200,
    ...more,
  },
})
/** Room for one row and not for two. */
const ONE_ROW = 200
const LONG = { maxRows: 10, maxAgeMs: 600_000, maxLoose: 1000 }

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lg-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function startTap(sink: MemorySink, limits = LONG, maxBytes?: number) {
  const writer = new Writer(sink, { backoffMs: [1, 4], slowMs: 5000 }, log)
  const loose = new LooseRows(writer, limits, new RowsOnDisk(folder, log, maxBytes))
  return { loose, giveUp: () => writer.giveUp() }
}

describe('RowsOnDisk', () => {
  test('what a process held that died, the next one writes', async () => {
    const dying = startTap(new MemorySink())
    for (let n = 0; n < 3; n++) dying.loose.offer(row(n))
    const sink = new MemorySink()
    const { loose } = startTap(sink)
    await loose.flush()
    expect(sink.rows).toEqual([row(0), row(1), row(2)])
    expect(readdirSync(folder)).toEqual([])
  })

  test('a batch has the same name whoever writes it, so that the record has it once', async () => {
    const sink = new MemorySink()
    const { loose } = startTap(sink)
    loose.offer(row(0))
    // It dies when the record has the batch, and before it can forget it.
    const before = `${folder}-before`
    cpSync(folder, before, { recursive: true })
    await loose.flush()
    cpSync(before, folder, { recursive: true })
    rmSync(before, { recursive: true })
    await startTap(sink).loose.flush()
    expect(sink.rows).toEqual([row(0), row(0)])
    expect(new Set(sink.names).size).toBe(1)
  })

  test('what is given up at a stop is not lost', async () => {
    const away = new MemorySink()
    away.mode = 'hang'
    const stopping = startTap(away)
    stopping.loose.offer(row(0))
    const flushed = stopping.loose.flush()
    stopping.giveUp()
    await flushed
    expect(stopping.loose).toMatchObject({ held: 0, lost: 0 })
    const sink = new MemorySink()
    await startTap(sink).loose.flush()
    expect(sink.rows).toEqual([row(0)])
  })

  test('a row that was cut in the middle is left out, those before it are not', async () => {
    startTap(new MemorySink()).loose.offer(row(0))
    for (const name of readdirSync(folder)) appendFileSync(join(folder, name), '{"table":"request_halves","val')
    const sink = new MemorySink()
    await startTap(sink).loose.flush()
    expect(sink.rows).toEqual([row(0)])
  })

  test('nothing goes into another table', async () => {
    startTap(new MemorySink()).loose.offer(row(0))
    const other = JSON.stringify({ table: 'lease_events', values: { event: 'granted' } })
    for (const name of readdirSync(folder)) appendFileSync(join(folder, name), `${other}\n7\nnull\n`)
    const sink = new MemorySink()
    await startTap(sink).loose.flush()
    expect(sink.rows).toEqual([row(0)])
  })

  test.each([
    { name: 'a decision', more: { decision: 'allow' } },
    { name: 'a part of one', more: { namespace: 'shop' } },
    { name: 'a column that no outcome has', more: { other: 1 } },
    { name: 'a value that is none', more: { status: ['200'] } },
  ])('nothing is written by $name', async ({ more }) => {
    startTap(new MemorySink()).loose.offer(row(0))
    for (const name of readdirSync(folder)) appendFileSync(join(folder, name), `${JSON.stringify(row(1, more))}\n`)
    const sink = new MemorySink()
    await startTap(sink).loose.flush()
    expect(sink.rows).toEqual([row(0)])
  })

  test('every row that a tap makes of an outcome is taken', async () => {
    const entry = decision()
    const rows = [
      toOutcomeRow(outcome(entry, { phase: 'open' }), ''),
      toOutcomeRow(outcome(entry, { exitCode: 1 }), ''),
      toOutcomeRow({ ...outcome(entry), key: null }, 'own'),
      toGoneRow({ ...entry }, 7),
    ]
    const dying = startTap(new MemorySink())
    for (const each of rows) dying.loose.offer(each)
    const sink = new MemorySink()
    await startTap(sink).loose.flush()
    expect(sink.rows).toEqual(rows)
  })

  test('what one process after the other leaves takes the room of one', async () => {
    for (let n = 0; n < 5; n++) {
      const away = new MemorySink()
      away.mode = 'hang'
      startTap(away, LONG, ONE_ROW).loose.offer(row(n))
    }
    const sizes = readdirSync(folder).map(name => statSync(join(folder, name)).size)
    expect(sizes.reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(ONE_ROW)
  })

  test('what finds no room is written all the same, and counted when it is given up', async () => {
    const sink = new MemorySink()
    const { loose, giveUp } = startTap(sink, LONG, ONE_ROW)
    for (let n = 0; n < 3; n++) loose.offer(row(n))
    await loose.flush()
    expect(sink.rows).toHaveLength(3)
    sink.mode = 'hang'
    for (let n = 0; n < 3; n++) loose.offer(row(n))
    const flushed = loose.flush()
    giveUp()
    await flushed
    expect(loose.lost).toBe(3)
  })

  test('room comes back with what is written', async () => {
    const sink = new MemorySink()
    const { loose } = startTap(sink, LONG, ONE_ROW)
    for (let n = 0; n < 20; n++) {
      loose.offer(row(n))
      expect(readdirSync(folder)).toHaveLength(1)
      await loose.flush()
      expect(readdirSync(folder)).toHaveLength(0)
    }
    sink.mode = 'hang'
    loose.offer(row(20))
    const next = new MemorySink()
    await startTap(next).loose.flush()
    expect(next.rows).toEqual([row(20)])
  })
})
