import fc from 'fast-check'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { createClickHouseSink } from '../../src/record/clickhouse-record-sink.ts'
import { findRowKeys } from '../../src/record/clickhouse-row-keys.ts'
import type { RecordSink } from '../../src/record/record-sink.ts'
import { createLogger } from '../../src/support/logger.ts'
import { startTap } from '../../src/tap/tap.ts'
import { openTestDatabase, select } from '../record/embedded.ts'
import { decision, item, leaseEvent, outcome } from '../record/entries.ts'
import { until } from '../support/until.ts'
import { MemoryJournal, MemorySink } from './fakes.ts'

const database = await openTestDatabase()
const { writer, reader } = database.clickhouse
const clickhouse = createClickHouseSink(writer)
const log = createLogger({ name: 'tap', level: 'error', destination: { write: () => {} } })
const limits = { maxAgeMs: 10, backoffMs: [1, 5] } as const

afterAll(() => database[Symbol.asyncDispose]())
beforeEach(() => database.clear())

const entries = (count: number) =>
  Array.from({ length: count }, (_, n) => decision({ auditId: `a-${n}`, decidedAt: Date.UTC(2026, 8, 1) + n }))

const states = () => select(reader, 'SELECT audit_id, state, status FROM requests ORDER BY decided_at')

describe('startTap', () => {
  test('decisions and outcomes become rows, and only then the journal forgets', async () => {
    const journal = new MemoryJournal()
    const tap = startTap({ journal, sink: clickhouse, log, limits })
    const [one, two] = entries(2)
    if (one === undefined || two === undefined) throw new Error('two entries')
    tap.onOutcome(outcome(two, { status: 404 }))
    journal.append(item(one), item(two), item(leaseEvent()))
    tap.onOutcome(outcome(one))
    await until('an empty journal', () => journal.items.size === 0)
    await tap.stop()
    expect(await states()).toEqual([
      { audit_id: 'a-0', state: 'done', status: 200 },
      { audit_id: 'a-1', state: 'done', status: 404 },
    ])
    expect(await select(reader, 'SELECT lease FROM leases')).toEqual([{ lease: 'lse_1' }])
  })

  test('while the record cannot be written nothing is acknowledged, and afterwards everything is there', async () => {
    const journal = new MemoryJournal()
    let away = true
    let failures = 0
    const flaky: RecordSink = {
      write: rows => {
        if (!away) return clickhouse.write(rows)
        failures += 1
        return Promise.reject(new Error('connect ECONNREFUSED'))
      },
    }
    const tap = startTap({ journal, sink: flaky, log, limits })
    const many = entries(50)
    journal.append(...many.map(entry => item(entry)))
    for (const entry of many) tap.onOutcome(outcome(entry))
    await until('some failures', () => failures > 5)
    expect(journal.items.size).toBe(50)
    away = false
    await until('an empty journal', () => journal.items.size === 0)
    await tap.stop()
    expect(await tap.status()).toMatchObject({ outcomes: 50, outcomesLost: 0, outcomesHeld: 0, failingSeconds: 0 })
    expect((await states()).map(({ state }) => state)).toEqual(many.map(() => 'done'))
  })

  test('killed between insert and acknowledgement: the next tap writes the same rows', async () => {
    const journal = new MemoryJournal()
    journal.append(...entries(10).map(entry => item(entry)))
    const first = startTap({ journal, sink: clickhouse, log, limits })
    await until('all rows', async () => (await states()).length === 10)
    await first.stop()
    const again = new MemoryJournal()
    again.append(...entries(12).map(entry => item(entry)))
    const second = startTap({ journal: again, sink: clickhouse, log, limits })
    await until('an empty journal', () => again.items.size === 0)
    await second.stop()
    expect(await states()).toHaveLength(12)
  })

  test('a stop while the record is away acknowledges nothing', async () => {
    const journal = new MemoryJournal()
    const sink = new MemorySink()
    sink.mode = 'away'
    const tap = startTap({ journal, sink, log, limits })
    journal.append(...entries(3).map(entry => item(entry)))
    await until('an attempt to write', () => sink.attempts > 0)
    await tap.stop(20)
    expect(journal.items.size).toBe(3)
  })

  test('what cannot be read, and what ClickHouse refuses, is set aside and holds up nobody', async () => {
    const journal = new MemoryJournal()
    const sink = new MemorySink()
    sink.refuses = ({ values }) => values['audit_id'] === 'a-1'
    const tap = startTap({ journal, sink, log, limits })
    const poison = { stream: 'journal-0', id: 'p-0', problem: 'entry: not JSON' }
    const [first, bad, last] = entries(3).map(entry => item(entry))
    if (first === undefined || bad === undefined || last === undefined) throw new Error('three items')
    journal.append(first, poison, bad, last)
    await until('an empty journal', () => journal.items.size === 0)
    await tap.stop()
    expect(journal.setAsideItems).toEqual([poison, { stream: bad.stream, id: bad.id, problem: 'refused' }])
    expect(sink.rows.map(({ values }) => values['audit_id'])).toEqual(['a-0', 'a-2'])
  })

  test('a request whose answer Envoy never heard has one row, with its decision', async () => {
    const journal = new MemoryJournal()
    const id = '0d5e6a52-3c1b-4d2f-9d58-0c2f6e3a9b10'
    const other = '1d5e6a52-3c1b-4d2f-9d58-0c2f6e3a9b11'
    const entry = decision({ auditId: id, decidedAt: Date.now() })
    const tap = startTap({
      journal,
      sink: clickhouse,
      log,
      limits: { ...limits, holdMs: 20 },
      findKeys: ids => findRowKeys(reader, ids),
    })
    const lost = { key: null, status: 503, details: 'ext_authz_error', forwarded: false } as const
    tap.onOutcome(outcome(entry, { ...lost, requestId: id }))
    tap.onOutcome(outcome(entry, { ...lost, requestId: other }))
    tap.onOutcome(outcome(entry, { ...lost, requestId: other, phase: 'open' }))
    journal.append(item(entry))
    await until('no outcome to be held', async () => (await tap.status()).outcomesHeld === 0)
    await tap.stop()
    expect(await select(reader, 'SELECT audit_id, decision, state, status FROM requests ORDER BY audit_id')).toEqual([
      { audit_id: id, decision: 'allow', state: 'committed, not forwarded', status: 503 },
      { audit_id: other, decision: 'none', state: 'done', status: 503 },
    ])
  })

  test('a journal that is away is asked again, and an acknowledgement that failed is repeated', async () => {
    const journal = new MemoryJournal()
    const sink: RecordSink = {
      write: async rows => {
        await clickhouse.write(rows)
        journal.away = true
      },
    }
    const tap = startTap({ journal, sink, log, limits })
    journal.append(...entries(3).map(entry => item(entry)))
    await until('the loss of the journal', () => journal.away)
    expect(journal.items.size).toBe(3)
    journal.away = false
    await until('an empty journal', () => journal.items.size === 0)
    await tap.stop()
    expect(await states()).toHaveLength(3)
  })

  test('however decisions, outcomes, outages and restarts interleave, every decision has exactly one row', async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('decide' as const), n: fc.nat(15) }),
      fc.record({ kind: fc.constant('end' as const), n: fc.nat(15) }),
      fc.record({ kind: fc.constant('open' as const), n: fc.nat(15) }),
      fc.record({ kind: fc.constantFrom('away' as const, 'up' as const, 'restart' as const), n: fc.constant(0) }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async steps => {
        await database.clear()
        await play(steps)
      }),
      { numRuns: 8 },
    )
  })
})

type Step = { readonly kind: 'decide' | 'end' | 'open' | 'away' | 'up' | 'restart'; readonly n: number }

async function play(steps: readonly Step[]): Promise<void> {
  const journal = new MemoryJournal()
  let away = false
  const sink: RecordSink = { write: rows => (away ? Promise.reject(new Error('away')) : clickhouse.write(rows)) }
  let tap = startTap({ journal, sink, log, limits })
  const all = entries(16)
  const decided = new Set<string>()
  for (const { kind, n } of steps) {
    const entry = all[n] ?? decision()
    if (kind === 'decide') journal.append({ ...item(entry), id: `${n}-0` })
    if (kind === 'decide') decided.add(entry.auditId)
    if (kind === 'end' && decided.has(entry.auditId)) tap.onOutcome(outcome(entry))
    if (kind === 'open' && decided.has(entry.auditId)) tap.onOutcome(outcome(entry, { phase: 'open', durationMs: 1 }))
    if (kind === 'away' || kind === 'up') away = kind === 'away'
    if (kind === 'restart') {
      await tap.stop(away ? 5 : 1000)
      journal.restart()
      tap = startTap({ journal, sink, log, limits })
    }
  }
  away = false
  await until('an empty journal', () => journal.items.size === 0)
  await tap.stop()
  const ids = (await states()).map(({ audit_id }) => audit_id)
  expect(ids.toSorted()).toEqual([...decided].toSorted())
}
