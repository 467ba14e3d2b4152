import { describe, expect, test } from 'vitest'
import { RedisLeaseLedger } from '../../../src/lease/redis/redis-lease-ledger.ts'
import { isPoison } from '../../../src/record/journal/journal.ts'
import type { RedisLink } from '../../../src/redis/connect/connect-redis.ts'
import { REFUSALS_PREFIX } from '../../../src/redis/keys.ts'
import { aDecision } from '../a-journal-entry.ts'
import { ids, start, take } from './a-journal.ts'

describe('refusals', () => {
  const refused = (source: string, auditId: string) => ({
    id: auditId,
    source,
    now: Date.now(),
    entry: JSON.stringify(aDecision({ auditId, source })),
  })

  test('each source has so many in full, the rest is counted by source and minute', async () => {
    const { link, read } = await start()
    const ledger = new RedisLeaseLedger(link, { refusalsPerMinute: 3 })
    for (let i = 0; i < 10; i++) await ledger.refuse(refused('10.0.0.1', `loud-${i}`))
    await ledger.refuse(refused('10.0.0.2', 'quiet'))
    const items = await take(read(), Number.POSITIVE_INFINITY)
    expect(ids(items)).toEqual(expect.arrayContaining(['loud-0', 'loud-1', 'loud-2', 'quiet']))
    // A minute may turn in between: then the next three came in full too, and the rest of the last one as a summary.
    const said = items.map(item => (!isPoison(item) && item.entry.kind === 'refusals' ? item.entry.count : 1))
    expect(said.reduce((sum, count) => sum + count, 0) + (await overs(link))).toBe(11)
    expect(items.length).toBeLessThan(11)
  })

  test('summaries are written once their minute is over', async () => {
    const { link, read } = await start()
    const past = Math.floor(Date.now() / 60_000) * 60_000 - 120_000
    await link.ask('past', redis => redis.hset(`${REFUSALS_PREFIX}over:${past}`, '10.0.0.1', '17', '*', '5'))
    await link.ask('past', redis => redis.zadd(`${REFUSALS_PREFIX}minutes`, past, String(past)))
    const items = await take(read(), 2)
    expect(items.map(item => !isPoison(item) && item.entry)).toEqual([
      { kind: 'refusals', source: '10.0.0.1', minute: past, count: 17 },
      { kind: 'refusals', source: '*', minute: past, count: 5 },
    ])
    expect(
      await link.ask('over', redis => redis.exists(`${REFUSALS_PREFIX}over:${past}`, `${REFUSALS_PREFIX}minutes`)),
    ).toBe(0)
  })

  test('a full stream and a crowd of sources only count', async () => {
    const { link } = await start()
    const full = new RedisLeaseLedger(link, { refusalsMark: 2 })
    for (let i = 0; i < 6; i++) await full.refuse(refused(`10.0.0.${i}`, `full-${i}`))
    expect(await link.ask('length', redis => redis.xlen(`${REFUSALS_PREFIX}stream`))).toBe(2)
    expect(await overs(link)).toBe(4)
  })

  async function overs(link: RedisLink): Promise<number> {
    const keys = await link.ask('keys', redis => redis.keys(`${REFUSALS_PREFIX}over:*`))
    const counts = await Promise.all(keys.map(key => link.ask('over', redis => redis.hvals(key))))
    return counts.flat().reduce((sum, count) => sum + Number(count), 0)
  }
})
