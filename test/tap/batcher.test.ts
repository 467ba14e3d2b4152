import { describe, expect, test } from 'vitest'
import type { Row } from '../../src/record/record-sink.ts'
import { BATCH_LIMITS, Batcher, type BatchLimits } from '../../src/tap/batcher.ts'
import { MemorySink, until } from './fakes.ts'

const row = (n: number): Row => ({ table: 'request_halves', values: { n } })
const rows = (count: number): Row[] => Array.from({ length: count }, (_, n) => row(n))
const numbers = (sink: MemorySink) => sink.rows.map(({ values }) => values['n'])

function start(limits: Partial<BatchLimits> = {}) {
  const sink = new MemorySink()
  const problems: Error[] = []
  const all = { ...BATCH_LIMITS, maxAgeMs: 20, backoffMs: [1, 4], ...limits } as const
  const batcher = new Batcher(sink, all, error => problems.push(error))
  return { sink, batcher, problems }
}

describe('Batcher', () => {
  test('a full batch does not wait, the rest waits for its age', async () => {
    const { sink, batcher } = start({ maxRows: 10, maxAgeMs: 30_000 })
    void batcher.write(rows(25)).catch(() => {})
    await until(() => sink.rows.length === 20)
    expect(sink.batches.map(batch => batch.length)).toEqual([10, 10])
    expect(batcher.length).toBe(5)
    await batcher.stop(1000)
    expect(numbers(sink)).toEqual(rows(25).map(({ values }) => values['n']))
  })

  test('what comes within the age is written together', async () => {
    const { sink, batcher } = start()
    await Promise.all([batcher.write(rows(3)), batcher.write(rows(2))])
    expect(sink.batches).toHaveLength(1)
    await batcher.stop(1000)
  })

  test('a write resolves only when the sink has the rows, which come in order after an outage', async () => {
    const { sink, batcher, problems } = start({ maxRows: 4 })
    sink.mode = 'away'
    let resolved = false
    const written = batcher.write(rows(10)).then(() => {
      resolved = true
    })
    await until(() => sink.attempts > 4)
    expect(resolved).toBe(false)
    expect(problems.length).toBeGreaterThan(2)
    sink.mode = 'up'
    await written
    expect(numbers(sink)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    await batcher.stop(1000)
  })

  test('a refused row is found and named, all others are written', async () => {
    const { sink, batcher } = start()
    sink.refuses = ({ values }) => values['n'] === 7 || values['n'] === 13
    const refusals = await batcher.write(rows(20))
    expect(refusals.flatMap((refusal, n) => (refusal === null ? [] : [n]))).toEqual([7, 13])
    expect(numbers(sink)).toEqual(
      rows(20)
        .map((_, n) => n)
        .filter(n => n !== 7 && n !== 13),
    )
    await batcher.stop(1000)
  })

  test('loose rows are kept up to the limit while the sink is away, the rest is counted', async () => {
    const { sink, batcher } = start({ maxLoose: 5 })
    sink.mode = 'away'
    for (const one of rows(8)) batcher.offer(one)
    expect(batcher.dropped).toBe(3)
    sink.mode = 'up'
    await until(() => sink.rows.length === 5)
    batcher.offer(row(9))
    await until(() => sink.rows.length === 6)
    expect(batcher.dropped).toBe(3)
    await batcher.stop(1000)
  })

  test('a stop writes what is there', async () => {
    const { sink, batcher } = start({ maxAgeMs: 30_000 })
    const written = batcher.write(rows(3))
    await batcher.stop(1000)
    expect(await written).toEqual([null, null, null])
    expect(sink.rows).toHaveLength(3)
  })

  test.each(['away', 'hang'] as const)('a stop gives up in time when the sink is gone: %s', async mode => {
    const { sink, batcher } = start()
    sink.mode = mode
    const written = batcher.write(rows(3))
    batcher.offer(row(4))
    const rejected = expect(written).rejects.toThrow()
    await batcher.stop(50)
    await rejected
    expect(batcher.dropped).toBe(1)
    await expect(batcher.write(rows(1))).rejects.toThrow()
  })
})
