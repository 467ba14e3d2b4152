import { describe, expect, test } from 'vitest'
import type { QueryResult } from '../../../src/record/queries/run-query.ts'
import { createTimeline } from '../../../src/record/queries/timeline-news.ts'

const START = Date.UTC(2026, 8, 1, 10)
const request = {
  time: '2026-09-01 10:00:00.000',
  what: 'create pods/exec web-1 in shop',
  command: 'ls -la',
  decision: 'allow',
  reason: '',
  approval: '',
  status: 0,
  duration_ms: null as number | null,
  state: 'open',
  end_reason: '',
  audit_id: 'a-1',
}
const event = {
  ...request,
  audit_id: '',
  what: 'lease issued by fixer',
  command: '',
  decision: '',
  state: '',
  status: null,
}
const done = { ...request, state: 'done', status: 101, duration_ms: 125_000, end_reason: 'lease cut' }

function result(...rows: readonly object[]): QueryResult {
  const names = Object.keys(request)
  return {
    columns: names.map(name => ({ name, type: 'String' })),
    rows: rows.map(row => names.map(name => (row as Record<string, unknown>)[name])),
  }
}

describe('createTimeline', () => {
  test('tells each thing once', () => {
    const timeline = createTimeline()
    expect(timeline.news(result(event, done), START)).toEqual([
      '10:00:00  -        lease issued by fixer',
      '10:00:00  allow    create pods/exec web-1 in shop: ls -la                    101  2m5s  lease cut',
    ])
    expect(timeline.news(result(event, done), START + 1000)).toEqual([])
  })

  test('tells of a request that runs, and again at its end, with the time of the end', () => {
    const timeline = createTimeline()
    expect(timeline.news(result(request), START + 500)).toEqual([])
    expect(timeline.open()).toBe(1)
    expect(timeline.news(result(request), START + 3000)).toEqual([expect.stringMatching(/^10:00:00 {2}allow .* open$/)])
    expect(timeline.news(result(done), START + 200_000)).toEqual([
      expect.stringMatching(/^10:02:05 {2}ended .* lease cut$/),
    ])
    expect(timeline.open()).toBe(0)
  })

  test('a request that is over when it is first seen is told once, with reason and approval', () => {
    const denied = {
      ...done,
      decision: 'deny',
      status: 403,
      duration_ms: 4,
      end_reason: 'denied',
      reason: 'out-of-scope',
      approval: 'apr_1',
    }
    expect(createTimeline().news(result(denied), START)[0]).toMatch(
      /^10:00:00 {2}deny .* 403 {2}4ms {2}out-of-scope {2}apr_1$/,
    )
  })
})
