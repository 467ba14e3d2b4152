import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { partitionName } from '../../src/lease/lease-id.ts'
import { createClickHouseSink } from '../../src/record/clickhouse-record-sink.ts'
import { RedisJournalReader } from '../../src/record/journal/redis/redis-journal-reader.ts'
import type { RecordSink } from '../../src/record/record-sink.ts'
import type { RedisLink } from '../../src/redis/connect/connect-redis.ts'
import { partitionPrefix } from '../../src/redis/keys.ts'
import { createLogger } from '../../src/support/logger.ts'
import { startTap, type Tap } from '../../src/tap/tap.ts'
import { aDecision } from '../record/a-journal-entry.ts'
import { openTestDatabase, select } from '../record/embedded.ts'
import { Valkey } from '../support/stores/valkey.ts'
import { until } from '../support/until.ts'

/** The engine is in this process: what two taps share of a server is the one sink. */
const database = await openTestDatabase()
const { writer, reader } = database.clickhouse
const clickhouse = createClickHouseSink(writer)
const valkey = await Valkey.start()
const link = await valkey.connected()
const closing: (() => unknown)[] = []

beforeEach(async () => {
  await database.clear()
  await link.ask('empty', redis => redis.flushall())
  await writer.command({ query: 'SYSTEM STOP MERGES request_halves' })
})
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})
afterAll(async () => {
  await valkey.stop()
  await database[Symbol.asyncDispose]()
})

interface Running {
  readonly tap: Tap
  readonly lines: string[]
  /** As a crash would leave it: nothing is finished, nothing is given back. */
  readonly die: () => void
}

function start(consumer: string, sink: RecordSink, takeOverAfterMs = 60_000): Running {
  const lines: string[] = []
  const log = createLogger({ name: consumer, level: 'info', destination: { write: line => void lines.push(line) } })
  const own: RedisLink = valkey.link()
  const journal = new RedisJournalReader(own, { consumer, takeOverAfterMs })
  const limits = { maxAgeMs: 10, backoffMs: [1, 5], slowMs: 100 } as const
  const tap = startTap({ journal, sink, log, limits })
  const die = (): void => {
    journal.close()
    own.close()
  }
  closing.push(async () => {
    await tap.stop(50)
    die()
  })
  return { tap, lines, die }
}

async function write(from: number, count: number): Promise<void> {
  const settled = '{"decision":"allow","reason":"","approval":""}'
  const decidedAt = Date.now()
  await Promise.all(
    Array.from({ length: count }, (_, index) => {
      const n = from + index
      const key = `${partitionPrefix(partitionName(n % 4))}journal`
      const entry = JSON.stringify(aDecision({ auditId: `a-${n}`, decidedAt, lease: `lse_${n % 4}` }))
      return link.ask('write', redis => redis.xadd(key, '*', 'e', entry, 's', settled))
    }),
  )
}

async function left(): Promise<number> {
  const keys = [0, 1, 2, 3].map(n => `${partitionPrefix(partitionName(n))}journal`)
  const lengths = await Promise.all(keys.map(key => link.ask('length', redis => redis.xlen(key))))
  return lengths.reduce((sum, length) => sum + length, 0)
}

/** As inserted: copies are not merged away in these tests. */
async function inserted(): Promise<unknown> {
  const sql = 'SELECT toUInt32(count()) AS halves, toUInt32(uniqExact(audit_id)) AS requests FROM request_halves'
  return (await select(reader, sql))[0]
}

describe('two taps', () => {
  test('share the journal: each item is written by one of them', async () => {
    const taps = [start('a', clickhouse), start('b', clickhouse)]
    for (let from = 0; from < 600; from += 100) await write(from, 100)
    await until('an empty journal', async () => (await left()) === 0)
    expect(await inserted()).toEqual({ halves: 600, requests: 600 })
    const statuses = await Promise.all(taps.map(({ tap }) => tap.status()))
    expect(statuses.reduce((sum, { rowsWritten }) => sum + rowsWritten, 0)).toBe(600)
  })

  test('an old one that is told to stop while the new one runs loses nothing and doubles nothing', async () => {
    const old = start('old', clickhouse)
    await write(0, 100)
    start('new', clickhouse)
    const writing = write(100, 300)
    await old.tap.stop()
    await writing
    await until('an empty journal', async () => (await left()) === 0)
    expect(await inserted()).toEqual({ halves: 400, requests: 400 })
  })

  test('what a dead one had in hand is taken over, also when it had written it already', async () => {
    const wrote: number[] = []
    const half: RecordSink = {
      write: async (rows, name) => {
        await clickhouse.write(rows, name)
        wrote.push(rows.length)
        // Dies between the insert and the acknowledgement.
        await new Promise(() => {})
      },
    }
    await write(0, 40)
    const dead = start('dead', half)
    await until('one that has written', () => wrote.length === 1)
    dead.die()
    await write(40, 40)
    start('heir', clickhouse, 200)
    await until('an empty journal', async () => (await left()) === 0)
    expect(await inserted()).toEqual({ halves: 80, requests: 80 })
  })

  test('one that was only slow writes later what the other has written by then, and it is there once', async () => {
    const go = Promise.withResolvers<void>()
    let began = 0
    const slow: RecordSink = {
      write: async (rows, name) => {
        began += 1
        await go.promise
        await clickhouse.write(rows, name)
      },
    }
    await write(0, 40)
    const sluggish = start('slow', slow)
    await until('one that has begun', () => began === 1)
    start('quick', clickhouse, 100)
    await until('an empty journal', async () => (await left()) === 0)
    go.resolve()
    await until('its rows', async () => (await sluggish.tap.status()).rowsWritten >= 10)
    expect(await inserted()).toEqual({ halves: 40, requests: 40 })
    expect(sluggish.lines.join('')).toContain('the record takes long to write')
  })
})

describe('a record that is slow', () => {
  test('costs time and nothing else, and the operator hears of it', async () => {
    const slow: RecordSink = {
      write: async (rows, name) => {
        await new Promise(resolve => setTimeout(resolve, 150))
        await clickhouse.write(rows, name)
      },
    }
    const { tap, lines } = start('tap', slow)
    for (let from = 0; from < 400; from += 100) await write(from, 100)
    await until('the tap to tell what waits', async () => {
      // Its own connection may still be on its way.
      const status = await tap.status().catch(() => null)
      return status !== null && status.journal.reduce((sum, { entries }) => sum + entries, 0) > 0
    })
    await until('an empty journal', async () => (await left()) === 0)
    expect(await inserted()).toEqual({ halves: 400, requests: 400 })
    expect(await tap.status()).toMatchObject({ failedWrites: 0, outcomesLost: 0 })
    expect(lines.join('')).toContain('the record takes long to write')
  })
})
