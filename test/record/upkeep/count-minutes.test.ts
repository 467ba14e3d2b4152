import fc from 'fast-check'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { createClickHouseSink } from '../../../src/record/clickhouse-record-sink.ts'
import type { Row } from '../../../src/record/record-sink.ts'
import { toOutcomeRow, toRow } from '../../../src/record/to-rows.ts'
import { countMinutes } from '../../../src/record/upkeep/count-minutes.ts'
import { type Found, openTestDatabase, select } from '../embedded.ts'
import { asked, decision, item, outcome } from '../entries.ts'

const database = await openTestDatabase()
const { writer, reader } = database.clickhouse
const sink = createClickHouseSink(writer)
const MINUTE = 60_000
const START = Date.UTC(2026, 8, 1, 23, 58)

afterAll(() => database[Symbol.asyncDispose]())
beforeEach(() => database.clear())

const settled = () => ({ now: Date.now() + 20_000 })
const minutes = (view: string): Promise<Found[]> => select(reader, `SELECT * FROM ${view} ORDER BY ALL`)
const inTable = (): Promise<Found[]> => select(reader, 'SELECT sum(requests) AS n FROM minute_counts')

const ENTRY = decision({ decidedAt: START })
const DECIDED = toRow(item(ENTRY))
const ENDED = toOutcomeRow(outcome(ENTRY, { status: 503, bytesOut: 70 }), '')

describe('requests_by_minute', () => {
  test('says what the requests say, before they are counted and after', async () => {
    await sink.write([DECIDED, ENDED])
    const before = await minutes('requests_by_minute')
    expect(before).toMatchObject([
      {
        minute: '2026-09-01 23:58:00',
        agent: 'fixer',
        decision: 'allow',
        verb: 'get',
        namespace: 'shop',
        requests: 1,
        ended: 1,
        failed: 1,
        bytes_out: 70,
        boundary_us: 2500,
        boundary_5ms: 1,
      },
    ])
    expect(await countMinutes(writer, settled())).toBe(1)
    expect(await inTable()).toEqual([{ n: 1 }])
    expect(await minutes('requests_by_minute')).toEqual(before)
    expect(await countMinutes(writer, settled())).toBe(0)
  })

  test('does not count what has not settled', async () => {
    await sink.write([DECIDED, ENDED])
    expect(await countMinutes(writer)).toBe(0)
    expect(await inTable()).toEqual([{ n: 0 }])
  })

  test('a kind of request that is not there any more after the other half came is gone', async () => {
    await sink.write([ENDED])
    await countMinutes(writer, settled())
    expect(await minutes('requests_by_minute')).toMatchObject([{ decision: 'none', requests: 1 }])
    await sink.write([DECIDED])
    expect(await minutes('requests_by_minute')).toMatchObject([{ decision: 'allow', requests: 1 }])
    await countMinutes(writer, settled())
    expect(await minutes('requests_by_minute')).toMatchObject([{ decision: 'allow', requests: 1 }])
  })

  test('a report of an open stream leaves a counted minute alone', async () => {
    await sink.write([DECIDED])
    await countMinutes(writer, settled())
    await sink.write([toOutcomeRow(outcome(ENTRY, { phase: 'open', bytesOut: 10 }), '')])
    expect(await countMinutes(writer, settled())).toBe(0)
    expect(await minutes('requests_by_minute')).toEqual(await minutes('minutes_from_requests'))
  })

  type Step = { readonly kind: 'write'; readonly which: readonly number[] } | { readonly kind: 'count' | 'merge' }

  const halves: readonly Row[] = Array.from({ length: 8 }, (_, n) => {
    const entry = decision({
      auditId: `a-${n}`,
      decidedAt: START + (n % 3) * MINUTE + n,
      agent: n % 2 === 0 ? 'fixer' : 'cleaner',
      info: asked({ verb: n < 4 ? 'get' : 'list' }),
    })
    const running = outcome(entry, { phase: 'open', durationMs: 5, bytesOut: 1 })
    // What has ended has sent no less than it had while it ran.
    return [toRow(item(entry)), toOutcomeRow(running, ''), toOutcomeRow(outcome(entry, { bytesOut: 1 + n }), '')]
  }).flat()

  const steps = fc.array<Step>(
    fc.oneof(
      { weight: 4, arbitrary: fc.record({ kind: fc.constant('write' as const), which: some() }) },
      { weight: 2, arbitrary: fc.constant({ kind: 'count' as const }) },
      { weight: 1, arbitrary: fc.constant({ kind: 'merge' as const }) },
    ),
    { minLength: 1, maxLength: 8 },
  )

  function some(): fc.Arbitrary<number[]> {
    return fc.array(fc.nat(halves.length - 1), { minLength: 1, maxLength: 10 })
  }

  async function take(step: Step): Promise<void> {
    if (step.kind === 'write') await sink.write(step.which.flatMap(n => halves[n] ?? []))
    if (step.kind === 'count') await countMinutes(writer, settled())
    if (step.kind !== 'merge') return
    for (const table of ['request_halves', 'minute_marks', 'minute_counts']) {
      await writer.command({ query: `OPTIMIZE TABLE ${table} FINAL` })
    }
  }

  test('whatever comes in any order, late, twice or in other batches, it equals the requests after every step', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async all => {
        await database.clear()
        for (const step of all) {
          await take(step)
          expect(await minutes('requests_by_minute')).toEqual(await minutes('minutes_from_requests'))
        }
      }),
      {
        numRuns: 8,
        // A report of what ran that comes after its end was counted.
        examples: [
          [
            [
              { kind: 'write', which: [2, 0] },
              { kind: 'count' },
              { kind: 'write', which: [1, 3] },
              { kind: 'write', which: [0] },
            ],
          ],
        ],
      },
    )
  })
})
