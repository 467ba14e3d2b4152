import { appendFileSync, cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Row } from '../../../src/record/record-sink.ts'
import { createLogger } from '../../../src/support/logger.ts'
import { LooseRows } from '../../../src/tap/outcomes/loose-rows.ts'
import { RowsOnDisk } from '../../../src/tap/outcomes/rows-on-disk.ts'
import { Writer } from '../../../src/tap/writer.ts'
import { MemorySink } from '../fakes.ts'

const log = createLogger({ name: 'tap', level: 'fatal', destination: { write: () => {} } })
const row = (n: number): Row => ({ table: 'request_halves', values: { n } })
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

  test('what finds no room is written all the same, and counted when it is given up', async () => {
    const sink = new MemorySink()
    const { loose, giveUp } = startTap(sink, LONG, 60)
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
    const { loose } = startTap(sink, LONG, 60)
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
