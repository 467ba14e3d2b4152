import { afterEach, describe, expect, test } from 'vitest'
import type { LiveStream } from '../../src/session/live-streams.ts'
import { WatchedStreams } from '../../src/session/watched-streams.ts'
import { until } from '../support/until.ts'

const MARK_MS = 15_000
const ending: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const end of ending.splice(0)) await end()
})

/** An authorizer with a clock that stands until the test moves it; `marks` is what the store says of each lease. */
function authorizer() {
  const marks = new Map<string, number | Error | 'never answers'>()
  const cuts: string[] = []
  let [now, looks, setBy] = [1_000_000, 0, 0]
  const watchedUntil = async (lease: string): Promise<number> => {
    looks += 1
    const said = marks.get(lease) ?? 0
    if (said === 'never answers') return new Promise(() => {})
    if (said instanceof Error) throw said
    return said
  }
  const clocks = { now: () => now + setBy, steady: () => now }
  const streams = new WatchedStreams({ watchedUntil, ...clocks, markMs: MARK_MS, everyMs: 5, onCut: () => {} })
  const stop = new AbortController()
  const running = streams.run(stop.signal)
  ending.push(async () => {
    stop.abort()
    await running
  })
  const open = (auditId: string, lease: string, watched = true): LiveStream => {
    const cut = (reason: string) => void cuts.push(`${auditId} ${reason}`)
    const stream: LiveStream = { auditId, lease, ...(watched ? { watched: true } : {}), cut }
    streams.open(stream)
    return stream
  }
  const looked = async () => {
    const [from, ticks] = [looks, 3]
    await until('some looks', () => looks >= from + ticks)
  }
  const pass = (ms: number) => {
    now += ms
  }
  const set = (ms: number) => {
    setBy = ms
  }
  return { streams, marks, cuts, open, looked, pass, set, at: () => now }
}

describe('a session that somebody has to watch', () => {
  test('is cut when nobody does, and nothing beside it', async () => {
    const { marks, cuts, open, looked, at } = authorizer()
    marks.set('watched', at() + MARK_MS)
    open('watched', 'watched')
    open('unwatched', 'unwatched')
    open('free', 'unwatched', false)
    await until('the cut', () => cuts.length > 0)
    await looked()
    expect(cuts).toEqual(['unwatched session_unwatched'])
  })

  test('runs as long as marks follow each other, and ends with the last', async () => {
    const { marks, cuts, open, looked, pass, at } = authorizer()
    for (let renewed = 0; renewed < 5; renewed++) {
      marks.set('lse', at() + MARK_MS)
      if (renewed === 0) open('one', 'lse')
      await looked()
      pass(MARK_MS - 1)
    }
    await looked()
    expect(cuts).toEqual([])
    pass(1)
    await until('the cut', () => cuts.length > 0)
  })

  test('ends at once when whoever watched has left', async () => {
    const { marks, cuts, open, looked, at } = authorizer()
    marks.set('lse', at() + MARK_MS)
    open('one', 'lse')
    await looked()
    marks.set('lse', 0)
    await until('the cut', () => cuts.length > 0)
  })

  test.each([new Error('away'), 'never answers'] as const)(
    'ends with the last mark that was seen when the store says nothing (%s)',
    async silence => {
      const { marks, cuts, open, looked, pass, at } = authorizer()
      marks.set('lse', at() + 4000)
      open('one', 'lse')
      await looked()
      marks.set('lse', silence)
      pass(3999)
      const other = open('closes', 'other')
      marks.set('other', at() + MARK_MS)
      await looked()
      expect(cuts).toEqual([])
      pass(1)
      await until('the cut', () => cuts.length > 0)
      expect(cuts).toEqual(['one session_unwatched'])
      expect(other.watched).toBe(true)
    },
  )

  test('ends with its last mark where the time of the machine is set back, and the store says nothing since', async () => {
    const { marks, cuts, open, looked, pass, at, set } = authorizer()
    marks.set('lse', at() + MARK_MS)
    open('one', 'lse')
    await looked()
    set(-7_200_000)
    marks.set('lse', new Error('away'))
    pass(MARK_MS)
    await until('the cut', () => cuts.length > 0)
  })

  test('of which no mark was ever seen runs no longer than a mark counts', async () => {
    const { marks, cuts, open, pass } = authorizer()
    marks.set('lse', 'never answers')
    open('one', 'lse')
    pass(MARK_MS)
    await until('the cut', () => cuts.length > 0)
  })

  test('that has ended is cut no more', async () => {
    const { streams, marks, cuts, open, looked, at } = authorizer()
    marks.set('lse', at() + MARK_MS)
    const [over, goes] = [open('over', 'lse'), open('goes', 'lse')]
    streams.close(over)
    await looked()
    marks.set('lse', 0)
    await until('the other to be cut', () => cuts.length > 0)
    streams.close(goes)
    expect(cuts).toEqual(['goes session_unwatched'])
  })
})
