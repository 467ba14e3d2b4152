import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { redisProblems } from '../../src/redis/check-redis.ts'
import type { RedisLink } from '../../src/redis/connect-redis.ts'
import { Valkey } from '../support/valkey.ts'

describe('redisProblems', () => {
  let valkey: Valkey
  let link: RedisLink
  const set = (name: string, value: string) => link.ask('set', redis => redis.config('SET', name, value))

  beforeAll(async () => {
    valkey = await Valkey.start()
    link = await valkey.connected()
  })
  afterAll(() => valkey.stop())
  beforeEach(async () => {
    await set('appendonly', 'yes')
    await set('appendfsync', 'always')
    await set('maxmemory-policy', 'noeviction')
  })

  test('finds none on a server that is set up as it should be', async () => {
    expect(await redisProblems(link, { durability: 'always' }, Date.now)).toEqual([])
    await set('appendfsync', 'everysec')
    expect(await redisProblems(link, { durability: 'everysec' }, Date.now)).toEqual([])
  })

  test.each([
    { name: 'appendonly', value: 'no' },
    { name: 'appendfsync', value: 'everysec' },
    { name: 'maxmemory-policy', value: 'allkeys-lru' },
  ])('names $name $value', async ({ name, value }) => {
    await set(name, value)
    expect(await redisProblems(link, { durability: 'always' }, Date.now)).toEqual([expect.stringContaining(name)])
  })

  test('names clocks that differ by more than two seconds', async () => {
    const late = () => Date.now() - 3000
    expect(await redisProblems(link, { durability: 'always' }, late)).toEqual([expect.stringContaining('by 3 s')])
  })
})
