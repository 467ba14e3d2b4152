import { describe, expect, test } from 'vitest'
import { followLease } from '../../../src/cli/record/query/follow.ts'
import type { QueryRequest, QueryResult } from '../../../src/record/queries/run-query.ts'

const COLUMNS = ['time', 'what', 'decision', 'status', 'duration_ms', 'state', 'audit_id']
const open = ['2026-09-01 10:00:00.000', 'watch pods in shop', 'allow', 200, null, 'open', 'a-1']
const done = ['2026-09-01 10:00:00.000', 'watch pods in shop', 'allow', 200, 90_000, 'done', 'a-1']

/** Answers each round with the next of these; the last one stays. */
function answering(rounds: readonly { readonly state: string | null; readonly rows: readonly unknown[][] }[]) {
  let round = -1
  return async (request: QueryRequest): Promise<QueryResult> => {
    if (request.kind === 'saved' && request.name === 'lease') {
      round = Math.min(round + 1, rounds.length - 1)
      const state = rounds[round]?.state ?? null
      return { columns: [{ name: 'state', type: 'String' }], rows: state === null ? [] : [[state]] }
    }
    return { columns: COLUMNS.map(name => ({ name, type: 'String' })), rows: rounds[round]?.rows ?? [] }
  }
}

function follow(ask: (request: QueryRequest) => Promise<QueryResult>, more: object = {}) {
  const printed: string[] = []
  const done = followLease({
    ask,
    params: { lease: 'lse_1' },
    print: text => void printed.push(text),
    stopping: new AbortController().signal,
    everyMs: 1,
    quietMs: 5,
    ...more,
  })
  return { printed, done }
}

describe('followLease', () => {
  test('goes on until the lease has ended and its last stream is told', async () => {
    const { printed, done: finished } = follow(
      answering([
        { state: 'active', rows: [open] },
        { state: 'active', rows: [open] },
        { state: 'revoked', rows: [open] },
        { state: 'revoked', rows: [done] },
      ]),
    )
    await finished
    expect(printed).toEqual([
      expect.stringMatching(/^10:00:00 {2}allow .*open\n$/),
      expect.stringMatching(/^10:01:30 {2}ended .*200 {2}1m30s\n$/),
      'the lease is revoked, and everything is told\n',
    ])
  })

  test('ends when it is asked to', async () => {
    const stopping = new AbortController()
    const { done: finished } = follow(answering([{ state: 'active', rows: [open] }]), {
      stopping: stopping.signal,
      everyMs: 60_000,
    })
    stopping.abort()
    await expect(finished).resolves.toBeUndefined()
  })

  test('waits a little for a lease that is not on record yet, and says so in the end', async () => {
    let now = 0
    const clock = () => (now += 500)
    const { done: finished } = follow(answering([{ state: null, rows: [] }]), { clock })
    await expect(finished).rejects.toMatchObject({ code: 'refused', message: 'no lease lse_1 is on record' })
    expect(now).toBeGreaterThan(10_000)
  })

  test('wants to know which lease', async () => {
    await expect(follow(answering([]), { params: {} }).done).rejects.toMatchObject({ code: 'usage' })
  })
})
