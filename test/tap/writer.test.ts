import { describe, expect, test } from 'vitest'
import type { Row } from '../../src/record/record-sink.ts'
import { createLogger } from '../../src/support/logger.ts'
import { type Batch, Writer } from '../../src/tap/writer.ts'
import { until } from '../support/until.ts'
import { MemorySink } from './fakes.ts'

const row = (n: number): Row => ({ table: 'request_halves', values: { n } })
const numbers = (sink: MemorySink) => sink.rows.map(({ values }) => values['n'])

function batch(from: number, count: number, source = 'journal'): Batch {
  const all = Array.from({ length: count }, (_, index) => from + index)
  return { rows: all.map(row), source, ids: all.map(n => `${n}-0`) }
}

function start(slowMs = 5000) {
  const sink = new MemorySink()
  const lines: { readonly msg: string; readonly level: number }[] = []
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) }
  const log = createLogger({ name: 'tap', level: 'info', destination })
  return { sink, lines, writer: new Writer(sink, { backoffMs: [1, 4], slowMs }, log) }
}

describe('Writer', () => {
  test('writes one batch at a time, in their order, also over an outage', async () => {
    const { sink, writer, lines } = start()
    sink.mode = 'away'
    const written = Promise.all([writer.write(batch(0, 3)), writer.write(batch(3, 2)), writer.write(batch(5, 1))])
    await until('some attempts to write', () => sink.attempts > 4)
    expect(writer.written).toMatchObject({ rows: 0, batches: 0 })
    expect(writer.written.failingSince).not.toBeNull()
    sink.mode = 'up'
    await written
    expect(numbers(sink)).toEqual([0, 1, 2, 3, 4, 5])
    expect(writer.written).toMatchObject({ rows: 6, batches: 3, failingSince: null })
    expect(new Set(lines.map(({ msg }) => msg))).toEqual(
      new Set(['the record cannot be written', 'the record is written again']),
    )
  })

  test('has the sink look at the next batch while another one is written, and at no other that waits', async () => {
    const { sink, writer } = start()
    sink.mode = 'hang'
    const given = [batch(0, 3), batch(3, 2), batch(5, 1)]
    const written = given.map(one => expect(writer.write(one)).rejects.toThrow('gave up'))
    await until('the first to be on its way', () => sink.attempts > 0)
    expect(sink.attempts).toBe(1)
    expect(sink.prepared).toEqual(given.slice(0, 2).map(({ rows }) => rows))
    writer.giveUp()
    await Promise.all(written)
  })

  test('a refused row is found and named, all others are written', async () => {
    const { sink, writer } = start()
    sink.refuses = ({ values }) => values['n'] === 7 || values['n'] === 13
    const refusals = await writer.write(batch(0, 20))
    expect(refusals.flatMap((refusal, n) => (refusal === null ? [] : [n]))).toEqual([7, 13])
    expect(numbers(sink)).toHaveLength(18)
  })

  test('the same rows of the same source have the same name every time, also when a refused one splits them', async () => {
    const names = async (given: Batch) => {
      const { sink, writer } = start()
      sink.refuses = ({ values }) => values['n'] === 3
      await writer.write(given)
      return sink.names
    }
    const first = await names(batch(0, 6))
    expect(first.length).toBeGreaterThan(2)
    expect(new Set(first).size).toBe(first.length)
    expect(await names(batch(0, 6))).toEqual(first)
    for (const other of [batch(10, 6), batch(0, 6, 'another')]) {
      expect((await names(other)).filter(name => first.includes(name ?? ''))).toEqual([])
    }
  })

  test('says when an insert takes long', async () => {
    const { sink, writer, lines } = start(10)
    sink.mode = 'hang'
    const hanging = expect(writer.write(batch(0, 1))).rejects.toThrow('gave up')
    await until('the warning', () => lines.some(({ msg }) => msg === 'the record takes long to write'))
    writer.giveUp()
    await hanging
  })

  test.each(['away', 'hang'] as const)('gives up when it is told to: %s', async mode => {
    const { sink, writer } = start()
    sink.mode = mode
    const rejected = expect(writer.write(batch(0, 3))).rejects.toThrow()
    const behind = expect(writer.write(batch(3, 3))).rejects.toThrow()
    await until('an attempt to write', () => sink.attempts > 0)
    writer.giveUp()
    await Promise.all([rejected, behind])
  })
})
