import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { freePort } from '../../../local/process/ports.ts'
import { judgeJournal } from '../../../src/proof/doctor/store/journal.ts'
import { judgeStore } from '../../../src/proof/doctor/store/store.ts'
import type { RedisLink } from '../../../src/redis/connect-redis.ts'
import { readStore } from '../../../src/redis/read-store.ts'
import { until } from '../../support/until.ts'
import { Valkey } from '../../support/valkey.ts'

describe('judgeStore', () => {
  let valkey: Valkey
  let link: RedisLink
  const set = (name: string, value: string) => link.ask('set', redis => redis.config('SET', name, value))
  const judged = async (durability: 'always' | 'everysec' = 'always', now = Date.now) =>
    judgeStore(await readStore(link, now), durability)

  beforeAll(async () => {
    valkey = await Valkey.start()
    link = await valkey.connected()
  })
  afterAll(() => valkey.stop())
  beforeEach(async () => {
    await set('appendonly', 'yes')
    await set('appendfsync', 'always')
    await set('maxmemory-policy', 'noeviction')
    await set('maxmemory', '0')
  })

  test('finds nothing on a server that is set up as it should be', async () => {
    expect((await judged()).findings).toEqual([])
    await set('appendfsync', 'everysec')
    expect((await judged('everysec')).findings).toEqual([])
  })

  test.each([
    { setting: 'appendonly', value: 'no', severity: 'critical', finds: /appendonly off/ },
    { setting: 'appendfsync', value: 'everysec', severity: 'error', finds: /appendfsync is everysec/ },
    {
      setting: 'maxmemory-policy',
      value: 'allkeys-lru',
      severity: 'critical',
      finds: /maxmemory-policy is allkeys-lru/,
    },
  ])('$setting $value is found, and gone after the mend', async ({ setting, value, severity, finds }) => {
    await set(setting, value)
    const { findings } = await judged()
    expect(findings).toEqual([expect.objectContaining({ severity, what: expect.stringMatching(finds) })])
    const [, name = '', wanted = ''] = /^redis-cli CONFIG SET (\S+) (\S+)/.exec(findings[0]?.mend ?? '') ?? []
    await set(name, wanted)
    expect((await judged()).findings).toEqual([])
  })

  test('memory that is nearly full is found', async () => {
    const { info } = await readStore(link, Date.now)
    await set('maxmemory', String(Math.round(Number(info.get('used_memory')) * 1.1)))
    expect((await judged()).findings.map(({ what }) => what)).toEqual([
      expect.stringMatching(/uses \d+ % of its memory/),
    ])
  })

  test('a clock that differs is found', async () => {
    const { findings } = await judged('always', () => Date.now() - 5000)
    expect(findings.map(({ what }) => what)).toEqual(["the store's clock differs from ours by 5 s"])
  })

  test('a replica is found, and a primary that would go on without it, until the mend', async () => {
    const port = await freePort()
    await set('port', String(port))
    const replica = await Valkey.start()
    const its = await replica.connected()
    await its.ask('replicaof', redis => redis.replicaof('127.0.0.1', port))
    const ofReplica = judgeStore(await readStore(its, Date.now), 'always')
    expect(ofReplica.findings.map(({ what }) => what)).toContain('the address leads to a replica, which cannot write')
    await until('the replica to be known', async () => (await judged()).findings.length > 0)
    expect((await judged()).findings.map(({ what }) => what)).toEqual([
      'the store has replicas and min-replicas-to-write is 0',
    ])
    await set('min-replicas-to-write', '1')
    expect((await judged()).findings).toEqual([])
    await set('min-replicas-to-write', '0')
    await replica.stop()
    await until('the replica to be gone', async () => (await judged()).findings.length === 0)
  })

  test('what its disk did not take is found', () => {
    const info = new Map([['aof_last_write_status', 'err']])
    expect(judgeStore({ skewMs: 0, config: new Map(), info }, 'always').findings).toEqual([
      expect.objectContaining({ severity: 'critical', what: 'the store says aof_last_write_status: err' }),
    ])
  })
})

describe('judgeJournal', () => {
  const MARKS = { high: 100, hard: 120 }
  const NOW = 1_000_000
  const lag = (given: object) => [{ stream: '00', length: 0, oldestAt: null, deadLetters: 0, ...given }]

  test.each([
    { name: 'an empty journal', lag: {}, finds: [] },
    { name: 'a short one', lag: { length: 49, oldestAt: NOW - 1000 }, finds: [] },
    { name: 'half of the high mark', lag: { length: 50 }, finds: ['warning'] },
    { name: 'the high mark', lag: { length: 100 }, finds: ['error'] },
    { name: 'the hard limit', lag: { length: 120 }, finds: ['critical'] },
    { name: 'an entry of a minute ago', lag: { length: 1, oldestAt: NOW - 60_000 }, finds: ['error'] },
    { name: 'dead letters', lag: { deadLetters: 2 }, finds: ['error'] },
  ])('$name', ({ lag: given, finds }) => {
    expect(judgeJournal(lag(given), MARKS, NOW).findings.map(({ severity }) => severity)).toEqual(finds)
  })
})
