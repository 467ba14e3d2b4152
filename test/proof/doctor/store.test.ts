import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { freePort } from '../../../local/process/ports.ts'
import { judgeJournal } from '../../../src/proof/doctor/store/journal.ts'
import { judgeStore } from '../../../src/proof/doctor/store/store.ts'
import { isPoison } from '../../../src/record/journal/journal.ts'
import { RedisJournalReader } from '../../../src/record/journal/redis/redis-journal-reader.ts'
import type { RedisLink } from '../../../src/redis/connect/connect-redis.ts'
import { partitionPrefix } from '../../../src/redis/keys.ts'
import { readStore } from '../../../src/redis/store/read-store.ts'
import { leasegate } from '../../cli/leasegate.ts'
import { aDecision } from '../../record/a-journal-entry.ts'
import { Valkey } from '../../support/stores/valkey.ts'
import { until } from '../../support/until.ts'

describe('judgeStore', () => {
  let valkey: Valkey
  let link: RedisLink
  const set = (name: string, value: string) => link.ask('set', redis => redis.config('SET', name, value))
  const judged = async (durability: 'always' | 'everysec' = 'always', now = Date.now, replicas = 0) =>
    judgeStore(await readStore(link, now), durability, replicas)

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
    const early = 'the store has replicas, and LEASEGATE_REDIS_REPLICAS is 0'
    expect((await judged()).findings.map(({ what }) => what)).toEqual([
      'the store has replicas and min-replicas-to-write is 0',
      early,
    ])
    await set('min-replicas-to-write', '1')
    expect((await judged()).findings.map(({ what }) => what)).toEqual([early])
    expect((await judged('always', Date.now, 1)).findings).toEqual([])
    await set('min-replicas-to-write', '0')
    await replica.stop()
    await until('the replica to be gone', async () => (await judged()).findings.length === 0)
  })

  test('a server that refuses CONFIG is judged by INFO, and what it tells nowhere is unknown', async () => {
    await link.ask('acl', redis => redis.acl('SETUSER', 'managed', 'on', '>s3', '~*', '+@all', '-config'))
    const its = await valkey.connected({ url: valkey.url.replace('unix://', 'unix://managed:s3@') })
    const found = async () => {
      const { findings } = judgeStore(await readStore(its, Date.now), 'always')
      return findings.map(({ severity, what }) => [severity, what])
    }
    const fsync = ['unknown', 'the store does not tell its appendfsync']
    expect(await found()).toEqual([fsync])
    await set('appendonly', 'no')
    await set('maxmemory-policy', 'volatile-lru')
    expect(await found()).toEqual([
      fsync,
      ['critical', 'the store has appendonly off'],
      ['critical', "the store's maxmemory-policy is volatile-lru"],
    ])
    const silent = { skewMs: 0, config: new Map(), info: new Map() }
    expect(judgeStore(silent, 'everysec').findings.map(({ severity, what }) => [severity, what])).toEqual([
      ['unknown', 'the store does not tell its appendonly'],
      ['unknown', 'the store does not tell its maxmemory-policy'],
    ])
  })

  test.each([
    { name: 'Redis 7.0', info: { redis_version: '7.0.15' }, finds: ['Redis 7.0.15 is older than 7.2'] },
    { name: 'Redis 6.2', info: { redis_version: '6.2.14' }, finds: ['Redis 6.2.14 is older than 7.2'] },
    { name: 'Redis 7.2', info: { redis_version: '7.2.0' }, finds: [] },
    { name: 'Redis 8', info: { redis_version: '8.0.1' }, finds: [] },
    {
      name: 'a Valkey, which calls itself an old Redis',
      info: { redis_version: '7.0.0', valkey_version: '9.1.0' },
      finds: [],
    },
  ])('$name', ({ info, finds }) => {
    const config = new Map([
      ['appendonly', 'yes'],
      ['maxmemory-policy', 'noeviction'],
    ])
    const { findings } = judgeStore({ skewMs: 0, config, info: new Map(Object.entries(info)) }, 'everysec')
    expect(findings.map(({ what }) => what)).toEqual(finds)
  })

  test.each([
    { durability: 'always', replicas: 0, finds: 0 },
    { durability: 'always', replicas: 1, finds: 1 },
    { durability: 'everysec', replicas: 0, finds: 1 },
  ] as const)(
    'an old Redis with $durability and $replicas replicas: $finds findings',
    ({ durability, replicas, finds }) => {
      const config = new Map([
        ['appendonly', 'yes'],
        ['appendfsync', 'always'],
        ['maxmemory-policy', 'noeviction'],
      ])
      const { findings } = judgeStore(
        { skewMs: 0, config, info: new Map([['redis_version', '7.0.15']]) },
        durability,
        replicas,
      )
      expect(findings).toHaveLength(finds)
    },
  )

  test('a server that left WAITAOF out is found, wherever it is asked for', async () => {
    const bare = await Valkey.start()
    await bare.kill()
    const more = join(bare.dir, 'more.conf')
    await writeFile(more, 'rename-command WAITAOF ""\n')
    await bare.boot({ include: more })
    const state = await readStore(await bare.connected(), Date.now)
    const found = (durability: 'always' | 'everysec', replicas: number) =>
      judgeStore(state, durability, replicas).findings.map(({ what }) => what)
    expect(found('always', 0)).toEqual([])
    expect(found('always', 1)).toEqual(['the store has no command WAITAOF'])
    expect(found('everysec', 0)).toEqual(['the store has no command WAITAOF'])
    await bare.stop()
  })

  test.each([
    { name: 'three that agree', given: {}, finds: [] },
    {
      name: 'one that does not answer',
      given: { third: 'no answer' },
      finds: ['sentinel c:1 does not tell where the primary is: no answer'],
    },
    {
      name: 'two primaries',
      given: { third: 'other' },
      finds: ['sentinels name different primaries: p:6379 and other:6379'],
    },
    { name: 'two of them', given: { others: 1 }, finds: ['2 sentinels watch the store'] },
    {
      name: 'ends that count before a replica has them',
      given: { durable: 0 },
      finds: ['replicas take over by themselves, and LEASEGATE_REDIS_REPLICAS is 0'],
    },
  ])('of sentinels: $name', ({ given, finds }) => {
    const { third = 'p', others = 2, durable = 1 } = given as { third?: string; others?: number; durable?: number }
    const naming = (sentinel: string, host: string) =>
      ({ sentinel, kind: 'primary', at: { host, port: 6379 }, epoch: 1, others }) as const
    const last =
      third === 'no answer' ? ({ sentinel: 'c:1', kind: 'problem', why: third } as const) : naming('c:1', third)
    const sentinels = [naming('a:1', 'p'), naming('b:1', 'p'), last]
    const config = new Map([
      ['appendonly', 'yes'],
      ['maxmemory-policy', 'noeviction'],
      ['min-replicas-to-write', '1'],
    ])
    const state = { skewMs: 0, config, info: new Map([['connected_slaves', '1']]), sentinels }
    const { findings, seen } = judgeStore(state, 'everysec', durable)
    expect(findings.map(({ what }) => what)).toEqual(finds)
    expect(seen).toContain('sentinel a:1 names p:6379, after 1 failovers')
  })

  test('what its disk did not take is found', () => {
    const info = new Map([['aof_last_write_status', 'err']])
    expect(judgeStore({ skewMs: 0, config: new Map(), info }, 'always').findings).toContainEqual(
      expect.objectContaining({ severity: 'critical', what: 'the store says aof_last_write_status: err' }),
    )
  })
})

describe('judgeJournal on a real journal', () => {
  const KEY = `${partitionPrefix('00')}journal`
  let valkey: Valkey
  let link: RedisLink
  let reader: RedisJournalReader

  beforeAll(async () => {
    valkey = await Valkey.start()
    link = await valkey.connected()
    reader = new RedisJournalReader(link, { consumer: 'tap' })
  })
  afterAll(async () => {
    reader.close()
    await valkey.stop()
  })

  const found = async () =>
    judgeJournal(await reader.lag(), { high: 4, hard: 6, highBytes: 1e9, hardBytes: 1e9 }, Date.now()).findings.map(
      ({ severity, what }) => [severity, what],
    )

  test('what nobody writes out is found as it grows and as it gets old, and gone when it is written', async () => {
    expect(await found()).toEqual([])
    const add = (id = '*') => link.ask('write', redis => redis.xadd(KEY, id, 'e', JSON.stringify(aDecision())))
    const old = Date.now() - 90_000
    await add(`${old}-0`)
    expect(await found()).toEqual([['error', expect.stringMatching(/^the record is 9\d s behind \(stream 00\)$/)]])
    const lengths: unknown[] = []
    for (const _ of ['2', '3', '4', '5', '6']) {
      await add()
      lengths.push((await found())[0]?.[0])
    }
    expect(lengths).toEqual(['warning', 'warning', 'error', 'error', 'critical'])
    const items = await reader.read(10, new AbortController().signal)
    await reader.acknowledge(items.filter(item => !isPoison(item)))
    expect(await found()).toEqual([])
  })

  test('a dead letter is found, and gone after the mend', async () => {
    await link.ask('write', redis => redis.xadd(KEY, '*', 'e', '{"kind":"nothing"}'))
    const items = await reader.read(10, new AbortController().signal)
    for (const item of items.filter(isPoison)) await reader.setAside(item)
    expect(await found()).toEqual([['error', '1 entries of stream 00 could not be recorded and were set aside']])
    const env = { LEASEGATE_REDIS_URL: valkey.url, LEASEGATE_DURABILITY: 'always' }
    expect(await leasegate(['record', 'dead-letters', 'drop', '--all'], env)).toMatchObject({ code: 0 })
    expect(await found()).toEqual([])
  })
})

describe('judgeJournal', () => {
  const MARKS = { high: 100, hard: 120, highBytes: 10_000, hardBytes: 12_000 }
  const NOW = 1_000_000
  const lag = (given: object) => [{ stream: '00', length: 0, bytes: 0, oldestAt: null, deadLetters: 0, ...given }]

  test.each([
    { name: 'an empty journal', lag: {}, finds: [] },
    { name: 'a short one', lag: { length: 49, oldestAt: NOW - 1000 }, finds: [] },
    { name: 'half of the high mark', lag: { length: 50 }, finds: ['warning'] },
    { name: 'the high mark', lag: { length: 100 }, finds: ['error'] },
    { name: 'the hard limit', lag: { length: 120 }, finds: ['critical'] },
    { name: 'few entries with half the bytes', lag: { length: 1, bytes: 5000 }, finds: ['warning'] },
    { name: 'few entries with the bytes of the high mark', lag: { length: 1, bytes: 10_000 }, finds: ['error'] },
    { name: 'few entries with the bytes of the hard limit', lag: { length: 1, bytes: 12_000 }, finds: ['critical'] },
    { name: 'an entry of a minute ago', lag: { length: 1, oldestAt: NOW - 60_000 }, finds: ['error'] },
    { name: 'dead letters', lag: { deadLetters: 2 }, finds: ['error'] },
  ])('$name', ({ lag: given, finds }) => {
    expect(judgeJournal(lag(given), MARKS, NOW).findings.map(({ severity }) => severity)).toEqual(finds)
  })
})
