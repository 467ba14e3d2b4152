import { describe, expect, test } from 'vitest'
import type { SentinelSaid } from '../../src/redis/sentinel/sentinel.ts'
import { believed } from '../../src/redis/sentinel/sentinels.ts'

const named = (host: string, epoch: number): SentinelSaid => ({
  sentinel: 's:26379',
  kind: 'primary',
  at: { host, port: 6379 },
  epoch,
  others: 2,
})
const silent: SentinelSaid = { sentinel: 's:26379', kind: 'problem', why: 'no answer' }

describe('believed', () => {
  test.each([
    { name: 'all agree', said: [named('a', 3), named('a', 3), named('a', 3)], newest: 3, at: 'a' },
    { name: 'one alone answers', said: [silent, silent, named('a', 3)], newest: 3, at: 'a' },
    { name: 'one knows of a later failover', said: [named('a', 3), named('a', 3), named('b', 4)], newest: 3, at: 'b' },
    { name: 'one that was cut off answers alone', said: [named('a', 3), silent, silent], newest: 4, at: null },
    {
      name: 'half of them know less than was known',
      said: [named('a', 3), named('a', 3), silent, silent],
      newest: 4,
      at: null,
    },
    { name: 'most of them know less, set up anew', said: [named('a', 0), named('a', 0), silent], newest: 4, at: 'a' },
    {
      name: 'set up anew, and not one of two alike',
      said: [named('a', 1), named('b', 0), silent],
      newest: 4,
      at: null,
    },
    {
      name: 'one of three names another place, after as many failovers: by hand, one by one',
      said: [named('b', 0), named('a', 0), named('a', 0)],
      newest: 0,
      at: 'a',
    },
    { name: 'two places, and one of them silent', said: [named('b', 0), named('a', 0), silent], newest: 0, at: null },
    { name: 'nobody answers', said: [silent, silent, silent], newest: -1, at: null },
  ])('$name', ({ said, newest, at }) => {
    expect(believed(said, { newest, listed: said.length })?.at.host ?? null).toBe(at)
  })
})
