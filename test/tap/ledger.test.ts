import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { partitionName } from '../../src/lease/lease-id.ts'
import { createClickHouseSink } from '../../src/record/clickhouse-record-sink.ts'
import { RedisJournalReader } from '../../src/record/journal/redis/redis-journal-reader.ts'
import type { RecordSink } from '../../src/record/record-sink.ts'
import { partitionPrefix } from '../../src/redis/keys.ts'
import { createLogger } from '../../src/support/logger.ts'
import { startTap, type Tap } from '../../src/tap/tap.ts'
import { describeTrouble, openSink, verify } from '../record/audit/a-record.ts'
import { openTestDatabase, select } from '../record/embedded.ts'
import { decision, outcome } from '../record/entries.ts'
import { type LedgerFolder, makeLedgerFolder } from '../record/ledger/a-ledger.ts'
import { Valkey } from '../support/stores/valkey.ts'
import { until } from '../support/until.ts'

const database = await openTestDatabase()
const { clickhouse } = database
const record = createClickHouseSink(clickhouse.writer)
const valkey = await Valkey.start()
const link = await valkey.connected()
/** Has no deadline of its own: a busy machine is no fault. */
const redis = link.waiting('journal', `${partitionPrefix('00')}journal`)
const closing: (() => unknown)[] = []
let folder: LedgerFolder

beforeEach(async () => {
  await database.clear()
  await redis.flushall()
  folder = await makeLedgerFolder()
})
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
  await folder[Symbol.asyncDispose]()
})
afterAll(async () => {
  redis.disconnect()
  await valkey.stop()
  await database[Symbol.asyncDispose]()
})

interface Running {
  readonly tap: Tap
  readonly stop: () => Promise<void>
  /** As a crash would leave it: nothing is finished, given back or signed. */
  readonly die: () => void
}

async function start(consumer: string, inner: RecordSink = record, takeOverAfterMs = 60_000): Promise<Running> {
  const log = createLogger({ name: consumer, level: 'info', destination: { write: () => {} } })
  const own = valkey.link()
  const journal = new RedisJournalReader(own, { consumer, takeOverAfterMs })
  const sink = await openSink(folder, clickhouse, consumer, inner)
  const tap = startTap({ journal, sink, log, limits: { maxAgeMs: 100, backoffMs: [1, 5] } })
  const die = (): void => {
    journal.close()
    own.close()
  }
  const stop = async (): Promise<void> => {
    await tap.stop(2000)
    await sink.checkpoint()
    await sink.close()
    die()
  }
  closing.push(async () => {
    await tap.stop(50)
    await sink.close().catch(() => {})
    die()
  })
  return { tap, stop, die }
}

const entryOf = (n: number) => decision({ auditId: `a-${n}`, decidedAt: Date.now(), lease: `lse_${n % 4}` })

async function journal(from: number, count: number, taps: readonly Tap[]): Promise<void> {
  const settled = '{"decision":"allow","reason":"","approval":""}'
  const entries = Array.from({ length: count }, (_, index) => [from + index, entryOf(from + index)] as const)
  await Promise.all(
    entries.map(([n, entry]) => {
      const key = `${partitionPrefix(partitionName(n % 4))}journal`
      return redis.xadd(key, '*', 'e', JSON.stringify(entry), 's', settled)
    }),
  )
  for (const [n, entry] of entries) {
    const tap = taps[n % taps.length]
    if (n % 3 === 0) tap?.onOutcome(outcome(entry, { phase: 'open', flags: [], details: '' }))
    tap?.onOutcome(outcome(entry))
    if (n % 10 === 0) tap?.onGone([entry], Date.now())
  }
}

async function drained(): Promise<boolean> {
  const keys = [0, 1, 2, 3].map(n => `${partitionPrefix(partitionName(n))}journal`)
  const lengths = await Promise.all(keys.map(key => redis.xlen(key)))
  return lengths.every(length => length === 0)
}

async function expectGood(requests: number): Promise<void> {
  const { troubles, counts } = await verify(folder, clickhouse)
  expect(troubles.map(describeTrouble)).toEqual([])
  const [found] = await select(
    clickhouse.reader,
    'SELECT toUInt32(uniqExact(audit_id)) AS n FROM request_halves WHERE decision IS NOT NULL',
  )
  expect(found).toEqual({ n: requests })
  expect(counts.good).toBeGreaterThanOrEqual(requests)
}

/** Fails, hangs or goes on as the test says, before the insert or after it. */
function between(act: (moment: 'before' | 'after', rows: number) => Promise<void>): RecordSink {
  return {
    write: async (rows, name) => {
      await act('before', rows.length)
      await record.write(rows, name)
      await act('after', rows.length)
    },
  }
}

const never = (): Promise<void> => new Promise(() => {})

describe('taps that keep ledgers', () => {
  test.each([1, 2, 3])('two of them, and one that is stopped while the other runs: nothing is found (%i)', async () => {
    const taps = [await start('a'), await start('b')]
    await journal(
      0,
      120,
      taps.map(({ tap }) => tap),
    )
    await taps[0]!.stop()
    await journal(120, 60, [taps[1]!.tap])
    await until('the journal to be read', drained)
    await taps[1]!.stop()
    await expectGood(180)
  })

  test.each(['before', 'after'] as const)(
    'one that dies %s an insert, and starts again: nothing is found, and nothing while it is away',
    async moment => {
      let [hangs, hanging] = [false, false]
      const dead = await start(
        'a',
        between(async at => {
          if (!hangs || at !== moment) return
          hanging = true
          await never()
        }),
      )
      await journal(0, 40, [dead.tap])
      await until('the journal to be read', drained)
      hangs = true
      await journal(40, 40, [dead.tap])
      await until('the insert to begin', () => hanging)
      dead.die()
      expect((await verify(folder, clickhouse)).troubles.map(describeTrouble).filter(one => !SIGNED.test(one))).toEqual(
        [],
      )
      const again = await start('a')
      await journal(80, 20, [again.tap])
      await until('the journal to be read', drained)
      await again.stop()
      await expectGood(100)
    },
  )

  test.each(['before', 'after'] as const)(
    'one that dies %s an insert, and another takes over: nothing is found',
    async moment => {
      let began = 0
      const dead = await start(
        'a',
        between(async at => {
          if (at !== moment) return
          began += 1
          await never()
        }),
      )
      await journal(0, 40, [dead.tap])
      await until('the insert to begin', () => began > 0)
      dead.die()
      const heir = await start('b', record, 500)
      await journal(40, 40, [heir.tap])
      await until('the journal to be read', drained)
      await heir.stop()
      const { troubles } = await verify(folder, clickhouse)
      // The dead one came to nothing that could be signed.
      expect(troubles.map(describeTrouble).filter(one => !SIGNED.test(one))).toEqual([])
    },
  )

  test('an answer that was lost, and a record that is away for a while: nothing is found', async () => {
    let tries = 0
    // Each batch fails before its insert, then after it, and then goes well.
    const flaky = await start(
      'a',
      between(async moment => {
        if (moment === 'before') tries += 1
        if (tries % 3 === (moment === 'before' ? 1 : 2)) throw new Error('lost')
      }),
    )
    await journal(0, 90, [flaky.tap])
    await until('the journal to be read', drained)
    await flaky.stop()
    await expectGood(90)
  })

  test('a row that the record refuses is entered nowhere, and the others are', async () => {
    const picky: RecordSink = {
      write: async (rows, name) => {
        if (rows.some(({ values }) => values['audit_id'] === 'a-7'))
          await record.write([{ table: 'request_halves', values: { lease: '\ud800' } }])
        await record.write(rows, name)
      },
    }
    const tap = await start('a', picky)
    await journal(0, 20, [tap.tap])
    await until('the journal to be read', drained)
    await tap.stop()
    await expectGood(19)
  })

  test('rows that are older than what is kept may be gone, others may not', async () => {
    const tap = await start('a')
    await journal(0, 40, [tap.tap])
    await until('the journal to be read', drained)
    await tap.stop()
    await clickhouse.writer.command({ query: 'TRUNCATE TABLE request_halves SYNC' })
    const later = Date.now() + 91 * 86_400_000
    const { troubles, counts } = await verify(folder, clickhouse, { now: later })
    expect(troubles).toEqual([])
    expect(counts.expired).toBeGreaterThanOrEqual(80)
    expect((await verify(folder, clickhouse)).troubles.length).toBeGreaterThanOrEqual(80)
  })
})

/** What was killed within its first minute has nothing that was signed. */
const SIGNED = /nothing of it was ever signed/
