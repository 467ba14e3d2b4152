import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { StreamLag } from '../../src/record/journal/journal.ts'
import { createLogger } from '../../src/support/logger.ts'
import { JournalWatch } from '../../src/tap/journal-watch.ts'

const EVERY = 1000

beforeEach(() => void vi.useFakeTimers({ now: Date.UTC(2026, 8, 1) }))
afterEach(() => void vi.useRealTimers())

function start() {
  const lines: Record<string, unknown>[] = []
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) }
  const log = createLogger({ name: 'tap', level: 'info', destination })
  const journal = { lag: async (): Promise<readonly StreamLag[]> => [state.lag] }
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

  test('leaves a journal that does not answer to others', async () => {
    const { look, journal } = start()
    journal.lag = () => Promise.reject(new Error('away'))
    expect(await look({})).toEqual([])
  })
})
