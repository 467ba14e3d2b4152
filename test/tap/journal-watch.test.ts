import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { StreamLag, Unread } from '../../src/record/journal/journal.ts'
import { createLogger } from '../../src/support/logger.ts'
import { JournalWatch, KnownLag } from '../../src/tap/journal-watch.ts'

const EVERY = 1000

beforeEach(() => void vi.useFakeTimers({ now: Date.UTC(2026, 8, 1) }))
afterEach(() => void vi.useRealTimers())

function start() {
  const lines: Record<string, unknown>[] = []
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) }
  const log = createLogger({ name: 'tap', level: 'info', destination })
  const journal = {
    lagWhereItIs: async (): Promise<readonly StreamLag[]> => [state.lag],
    unread: [] as readonly Unread[],
  }
  const state = { lag: { stream: '00', length: 0, bytes: 0, oldestAt: null as number | null, deadLetters: 0 } }
  const watch = new JournalWatch(journal, { everyMs: EVERY, manyEntries: 100, oldMs: 60_000 }, log)
  const look = async (change: Partial<StreamLag>) => {
    state.lag = { ...state.lag, ...change }
    await vi.advanceTimersByTimeAsync(EVERY)
    return lines.splice(0).map(({ msg }) => msg)
  }
  return { look, watch, journal }
}

const BEHIND = 'the record is behind: the journal keeps'
const CAUGHT_UP = 'the record has caught up with the journal'

describe('JournalWatch', () => {
  test('says when the record is far behind, by number or by age, and when no longer', async () => {
    const { look, watch } = start()
    expect(await look({ length: 99, oldestAt: Date.now() })).toEqual([])
    expect(await look({ length: 100 })).toEqual([BEHIND])
    expect(await look({})).toEqual([BEHIND])
    expect(await look({ length: 1, oldestAt: Date.now() })).toEqual([CAUGHT_UP])
    expect(await look({ oldestAt: Date.now() - 61_000 })).toEqual([BEHIND])
    expect(await look({ length: 0, oldestAt: null })).toEqual([CAUGHT_UP])
    expect(await look({})).toEqual([])
    watch.stop()
    expect(await look({ length: 1000 })).toEqual([])
  })

  test('says when there are more dead letters', async () => {
    const { look } = start()
    const DEAD = 'there are dead letters: leasegate record dead-letters list'
    expect(await look({ deadLetters: 2 })).toEqual([DEAD])
    expect(await look({ deadLetters: 2 })).toEqual([])
    expect(await look({ deadLetters: 1 })).toEqual([])
    expect(await look({ deadLetters: 2 })).toEqual([DEAD])
  })

  test('does not say that the record has caught up while a part of the journal is away', async () => {
    const { look, journal } = start()
    expect(await look({ length: 100 })).toEqual([BEHIND])
    journal.unread = [{ stream: '01', problem: 'away' }]
    expect(await look({ length: 0 })).toEqual([])
    journal.unread = []
    expect(await look({})).toEqual([CAUGHT_UP])
  })

  test('leaves a journal that does not answer to others', async () => {
    const { look, journal } = start()
    journal.lagWhereItIs = () => Promise.reject(new Error('away'))
    expect(await look({})).toEqual([])
  })
})

describe('KnownLag', () => {
  test('a stream whose server is away is behind for as long as that, and what it had stays', async () => {
    const journal = { found: [lagOf('00', 0), lagOf('01', 7)] }
    const known = new KnownLag({ lagWhereItIs: async () => journal.found, unread: [] })
    expect(await known.now()).toMatchObject([{ lagSeconds: 0 }, { stream: '01', entries: 7, lagSeconds: 0 }])
    journal.found = [lagOf('00', 0)]
    vi.setSystemTime(Date.now() + 90_000)
    expect(await known.now()).toMatchObject([{ lagSeconds: 0 }, { stream: '01', entries: 7, lagSeconds: 90 }])
    journal.found = [lagOf('00', 0), lagOf('01', 0)]
    expect(await known.now()).toMatchObject([{ lagSeconds: 0 }, { stream: '01', entries: 0, lagSeconds: 0 }])
  })

  test('one that was never there is behind since the process began', async () => {
    const known = new KnownLag({ lagWhereItIs: async () => [], unread: [{ stream: '02', problem: 'away' }] })
    vi.setSystemTime(Date.now() + 30_000)
    expect(await known.now()).toMatchObject([{ stream: '02', lagSeconds: 30 }])
  })
})

function lagOf(stream: string, length: number): StreamLag {
  return { stream, length, bytes: 0, oldestAt: null, deadLetters: 0 }
}
