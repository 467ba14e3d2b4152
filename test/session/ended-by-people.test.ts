import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { RedisStreamEnds } from '../../src/lease/stream/redis-stream-ends.ts'
import { RedisJournalReader } from '../../src/record/journal/redis/redis-journal-reader.ts'
import type { RedisLink } from '../../src/redis/connect/connect-redis.ts'
import { EndedByPeople } from '../../src/session/ended-by-people.ts'
import type { LiveStream } from '../../src/session/live-streams.ts'
import { aLease } from '../lease/a-lease.ts'
import { Valkey } from '../support/stores/valkey.ts'
import { until } from '../support/until.ts'

let valkey: Valkey
let link: RedisLink
let ends: RedisStreamEnds
const ending: (() => Promise<void>)[] = []
beforeAll(async () => {
  valkey = await Valkey.start()
  link = await valkey.connected()
  ends = new RedisStreamEnds(link)
})
afterEach(async () => {
  for (const end of ending.splice(0)) await end()
})
afterAll(() => valkey.stop())

/** An authorizer's look at what people ended, with the streams that it has open. */
function authorizer(given: Partial<ConstructorParameters<typeof EndedByPeople>[0]> = {}) {
  const cuts: [auditId: string, reason: string][] = []
  const streams = new EndedByPeople({ ends, everyMs: 20, onCut: () => {}, onFailure: () => {}, ...given })
  const stop = new AbortController()
  const running = streams.run(stop.signal)
  ending.push(async () => {
    stop.abort()
    await running
  })
  const aStream = (lease = aLease().id): LiveStream => {
    const auditId = randomUUID()
    return { auditId, lease, cut: reason => void cuts.push([auditId, reason]) }
  }
  return { streams, cuts, aStream }
}

const end = (auditId: string) => ends.end({ auditId, event: '{"kind":"stop"}' })

describe('one stream that a person ends', () => {
  test('is cut, wherever it is, and nothing beside it, also under the same lease', async () => {
    const [one, another] = [authorizer(), authorizer()]
    const stays = one.aStream()
    const ended = another.aStream(stays.lease)
    one.streams.open(stays)
    another.streams.open(ended)
    await end(ended.auditId)
    await until('the cut to be told', () => ends.wasCut(ended.auditId))
    expect(another.cuts).toEqual([[ended.auditId, 'session_ended']])
    // Whoever looks again sees what was ended as long as it is told.
    const later = one.aStream()
    one.streams.open(later)
    await end(later.auditId)
    await until('the next one', () => ends.wasCut(later.auditId))
    expect(one.cuts).toEqual([[later.auditId, 'session_ended']])
    expect(another.cuts).toHaveLength(1)
  })

  test('is cut as well when it was ended before anybody knew of it', async () => {
    const { streams, cuts, aStream } = authorizer()
    const stream = aStream()
    await end(stream.auditId)
    expect(await ends.wasCut(stream.auditId)).toBe(false)
    streams.open(stream)
    await until('the cut', () => cuts.length === 1)
  })

  test('is not told of as cut where nobody has it open, or it is over', async () => {
    const { streams, cuts, aStream } = authorizer()
    const [over, open] = [aStream(), aStream()]
    for (const stream of [over, open]) streams.open(stream)
    streams.close(over)
    await end(over.auditId)
    await end(open.auditId)
    await until('the one that is open', () => ends.wasCut(open.auditId))
    expect(cuts).toEqual([[open.auditId, 'session_ended']])
    expect(await ends.wasCut(over.auditId)).toBe(false)
  })

  test('is cut as soon as the store says so again', async () => {
    let isAway = true
    let failures = 0
    const { streams, cuts, aStream } = authorizer({
      ends: {
        ended: async partitions => {
          if (isAway) throw new Error('away')
          return ends.ended(partitions)
        },
        cut: stream => ends.cut(stream),
      },
      onFailure: () => {
        failures += 1
      },
    })
    const stream = aStream()
    streams.open(stream)
    await end(stream.auditId)
    await until('the store to be missed', () => failures > 2)
    expect(cuts).toEqual([])
    isAway = false
    await until('the cut', () => cuts.length === 1)
  })

  test('is told of as cut also where the store did not take that at first', async () => {
    let failed = 0
    const { streams, cuts, aStream } = authorizer({
      ends: {
        ended: partitions => ends.ended(partitions),
        cut: async stream => {
          failed += 1
          if (failed < 3) throw new Error('away')
          await ends.cut(stream)
        },
      },
    })
    const stream = aStream()
    streams.open(stream)
    await end(stream.auditId)
    await until('it to be told', () => ends.wasCut(stream.auditId))
    expect(cuts).toEqual([[stream.auditId, 'session_ended']])
  })

  test('is in the journal once', async () => {
    const reader = new RedisJournalReader(link, { consumer: randomUUID() })
    await reader.acknowledge(await reader.read(1000, AbortSignal.timeout(5000)))
    const auditId = randomUUID()
    const event = {
      kind: 'stop',
      event: 'end',
      at: 1,
      subject: { kind: 'session', name: auditId },
      by: 'g',
      reason: 'r',
    }
    await ends.end({ auditId, event: JSON.stringify(event) })
    const items = await reader.read(1000, AbortSignal.timeout(5000))
    expect(items).toMatchObject([{ entry: event }])
    reader.close()
  })
})
