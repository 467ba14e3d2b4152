import { describe, expect, test } from 'vitest'
import type { Approval } from '../../../src/approval/approval.ts'
import { Watch } from '../../../src/broker/notices/watched.ts'
import type { Page, PageOf } from '../../../src/lease/lease-store.ts'
import { RedisError } from '../../../src/redis/redis-error.ts'

const NOW = Date.UTC(2026, 8, 1)

function question(id: string): Approval {
  return { id, askedAt: NOW - 60_000, endsAt: NOW + 60_000, signed: '', state: 'pending' } as Approval
}

function watching(pages: Page<Approval>[], ended: Partial<Approval> = { state: 'approved', decidedBy: 'hana' }) {
  const asked: PageOf[] = []
  const away = new Set<string>()
  const time = { now: NOW }
  const approvals = {
    pending: async (page: PageOf) => {
      asked.push(page)
      return pages.shift() ?? { items: [], next: null }
    },
    find: async (id: string) => {
      if (away.has(id)) throw new RedisError('unavailable', 'away')
      return { ...question(id), ...ended } as Approval
    },
  }
  const watch = new Watch({ approvals, yesesTo: async () => [], clock: () => time.now })
  return { watch, asked, away, time, seen: () => [...watch.all()].map(({ id }) => id) }
}

describe('Watch', () => {
  test('of what was away nothing is passed over once it is back', async () => {
    const { watch, asked, seen } = watching([
      { items: [question('b')], next: null, missing: ['01'] },
      { items: [question('a'), question('b')], next: null },
    ])
    await watch.take()
    expect(seen()).toEqual(['b'])
    await watch.take()
    expect(seen().toSorted()).toEqual(['a', 'b'])
    await watch.take()
    expect(asked.map(({ after, partial }) => ({ after, partial }))).toEqual([
      { after: '', partial: true },
      { after: '', partial: true },
      { after: 'b', partial: true },
    ])
  })

  test('one whose part of the store is away is open for us until that is back, and holds up no other', async () => {
    const { watch, away, time } = watching([{ items: [question('a'), question('b')], next: null }])
    await watch.take()
    away.add('a')
    const over = () => [...watch.all()].map(({ id, over }) => [id, over?.stage ?? null])
    time.now += 2000
    await watch.lookAgain()
    expect(over()).toEqual([
      ['a', null],
      ['b', 'answered'],
    ])
    away.clear()
    time.now += 2000
    await watch.lookAgain()
    expect(over()[0]).toEqual(['a', 'answered'])
  })

  test('one that its agent took back ended without an answer', async () => {
    const { watch, time } = watching([{ items: [question('a')], next: null }], {
      state: 'withdrawn',
      decidedBy: 'fixer',
    })
    await watch.take()
    time.now += 2000
    await watch.lookAgain()
    expect([...watch.all()].map(({ over }) => over?.stage)).toEqual(['expired'])
  })
})
