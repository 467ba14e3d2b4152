import { afterEach, describe, expect, test } from 'vitest'
import type { LiveStream } from '../../src/session/live-streams.ts'
import { TimedStreams } from '../../src/session/timed-streams.ts'
import { until } from '../support/until.ts'

const EVERY_MS = 5
const ending: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const end of ending.splice(0)) await end()
})

type Says = 'yes' | 'nothing' | 'failure' | 'lost'

/** An authorizer with a clock that stands until the test moves it, and a store with so many seconds. */
function authorizer(given: { left: number; endMs?: number }) {
  const store = { ...given, says: 'yes' as Says, asked: 0, slow: Promise.resolve() }
  const taken = new Map<string, number>()
  const back: [auditId: string, seconds: number][] = []
  const cuts: string[] = []
  const failures: unknown[] = []
  let [now, looks] = [1_000_000, 0]
  const take = async ({ auditId }: LiveStream, part: number): Promise<number> => {
    store.asked += 1
    const { says } = store
    if (says === 'failure') throw new Error('away')
    if (says === 'nothing') return new Promise(() => {})
    const key = `${auditId}/${part}`
    const seconds = taken.get(key) ?? Math.min(10, store.left)
    if (!taken.has(key)) store.left -= seconds
    if (seconds > 0) taken.set(key, seconds)
    if (says === 'lost') throw new Error('no answer')
    return seconds
  }
  const giveBack = async ({ auditId }: LiveStream, seconds: number): Promise<void> => {
    await store.slow
    back.push([auditId, seconds])
    store.left += seconds
  }
  const streams = new TimedStreams({
    seconds: { take, giveBack },
    now: () => {
      looks += 1
      return now
    },
    everyMs: EVERY_MS,
    endMs: given.endMs ?? 50,
    onCut: () => {},
    onFailure: (_, error) => failures.push(error),
  })
  const stop = new AbortController()
  const running = streams.run(stop.signal)
  const end = async (): Promise<void> => {
    stop.abort()
    await running
  }
  ending.push(end)
  const open = (auditId: string, seconds?: number): LiveStream => {
    const cut = (reason: string) => void cuts.push(`${auditId} ${reason} at ${now - 1_000_000}`)
    const stream: LiveStream = { auditId, lease: 'lse', ...(seconds === undefined ? {} : { seconds }), cut }
    streams.open(stream)
    return stream
  }
  /** In steps, with looks in between. */
  const pass = async (ms: number) => {
    for (let step = 0; step < ms; step += 500) {
      now += 500
      const from = looks
      await until('some looks', () => looks >= from + 4)
    }
  }
  return { streams, store, back, cuts, failures, open, pass, end }
}

describe('a session whose seconds are counted', () => {
  test('runs as long as further ones are there, and is cut before what it had is over', async () => {
    const { store, cuts, back, open, pass } = authorizer({ left: 7 })
    open('one', 10)
    open('free')
    await pass(16_500)
    expect(cuts).toEqual([])
    await pass(1000)
    expect(cuts).toEqual(['one session_spent at 17000'])
    expect(store.left).toBe(0)
    expect(back).toEqual([])
  })

  test('asks before its seconds are over, and not before that', async () => {
    const { store, open, pass } = authorizer({ left: 100 })
    open('one', 10)
    await pass(4500)
    expect(store.asked).toBe(0)
    await pass(1000)
    expect(store).toMatchObject({ asked: 1, left: 90 })
  })

  test('of less than a slice asks at once', async () => {
    const { store, cuts, open, pass } = authorizer({ left: 0 })
    open('one', 1)
    await until('a question', () => store.asked > 0)
    await pass(1000)
    expect(cuts).toEqual(['one session_spent at 1000'])
  })

  test.each(['failure', 'nothing'] as const)('is cut at the end of what it has when the store says %s', async says => {
    const { store, cuts, open, pass } = authorizer({ left: 100 })
    store.says = says
    open('one', 10)
    await pass(11_000)
    expect(cuts).toEqual(['one session_unpaid at 10000'])
    expect(store.asked).toBeLessThan(8)
  })

  test('takes seconds of which the answer was lost once', async () => {
    const { store, cuts, failures, open, pass } = authorizer({ left: 10 })
    store.says = 'lost'
    open('one', 10)
    await pass(5500)
    expect(failures).not.toEqual([])
    store.says = 'yes'
    await pass(14_000)
    expect(cuts).toEqual([])
    await pass(1000)
    expect(cuts).toEqual(['one session_spent at 20000'])
    expect(store.left).toBe(0)
  })

  test('that ends gives back whole seconds that it did not use', async () => {
    const { streams, back, open, pass } = authorizer({ left: 100 })
    const one = open('one', 10)
    await pass(2500)
    streams.close(one)
    streams.close(one)
    await until('them to be given back', () => back.length > 0)
    const two = open('two', 10)
    await pass(6500)
    streams.close(two)
    await until('those of two slices', () => back.length > 1)
    expect(back).toEqual([
      ['one', 7],
      ['two', 13],
    ])
  })

  test('gives nothing back of what it may not have', async () => {
    const { streams, store, back, open, pass } = authorizer({ left: 100 })
    store.says = 'lost'
    const one = open('one', 10)
    await pass(7000)
    streams.close(one)
    await until('what is known to be unused', () => back.length > 0)
    expect(back).toEqual([['one', 3]])
    expect(store.left).toBe(93)
  })

  test('that ends with all of them has given back what it did not use before that is over', async () => {
    const { streams, store, back, open, pass, end } = authorizer({ left: 100, endMs: 60_000 })
    const { promise, resolve } = Promise.withResolvers<void>()
    store.slow = promise
    const one = open('one', 10)
    await pass(2500)
    streams.close(one)
    const over = end()
    setImmediate(resolve)
    await over
    expect(back).toEqual([['one', 7]])
  })

  test('ends in time where the store does not take them', async () => {
    const { streams, store, back, open, pass, end } = authorizer({ left: 100 })
    store.slow = new Promise(() => {})
    const one = open('one', 10)
    await pass(2500)
    streams.close(one)
    await end()
    expect(back).toEqual([])
  })

  test('goes on with what another one gave back', async () => {
    const { streams, cuts, open, pass } = authorizer({ left: 0 })
    const [short] = [open('short', 10), open('long', 10)]
    await pass(6000)
    streams.close(short as LiveStream)
    await pass(7500)
    expect(cuts).toEqual([])
    await pass(1000)
    expect(cuts).toEqual(['long session_spent at 14000'])
  })
})
