import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { RedisLeaseStore } from '../../../src/lease/redis/redis-lease-store.ts'
import { leasegate } from '../../cli/leasegate.ts'
import { aLease, creating } from '../../lease/a-lease.ts'
import { SENTINEL_LOGIN } from '../../support/stores/watched-valkeys.ts'
import { until } from '../../support/until.ts'
import { set, TERMS } from './the-store.ts'

describe('what sentinels tell', () => {
  test('a replica that a sentinel calls the primary is not written to, and named', async () => {
    const now = await set.primary()
    const replica = set.ports.find(port => port !== now) ?? 0
    const lines: string[] = []
    const say = (...said: unknown[]) => void lines.push(inspect(said, { depth: 10 }))
    const name = 'wrong'
    await set.tell(0, 'MONITOR', name, '127.0.0.1', String(replica), '3')
    const link = set.connect(
      {
        url: `redis://${name}`,
        sentinels: {
          addresses: set.sentinels.slice(0, 1),
          username: SENTINEL_LOGIN.username,
          passwordFile: set.passwordFile,
        },
        terms: TERMS,
      },
      { info: say, warn: say },
    )
    const words = `127.0.0.1:${replica}, by its sentinels the primary of wrong, says of itself: slave`
    await until('it to be found out', () => link.unreadyInFull?.includes(words) === true)
    await expect(new RedisLeaseStore(link).create(creating(aLease()))).rejects.toMatchObject({ code: 'unavailable' })
    expect(lines.join()).toContain(words)
    link.close()
    await set.tell(0, 'REMOVE', name)
  })

  test.each([
    { name: 'a name that no sentinel knows', settings: { url: 'redis://other' }, says: 'knows no other' },
    {
      name: 'a user that may not ask',
      settings: { sentinels: { username: 'narrow' } },
      says: 'NOPERM',
    },
    { name: 'another password', settings: { sentinels: { passwordFile: '/etc/hostname' } }, says: 'WRONGPASS' },
    {
      name: 'a port where nobody listens',
      settings: { sentinels: { addresses: [{ host: '127.0.0.1', port: 1 }] } },
      says: '127.0.0.1:1 ECONNREFUSED',
    },
  ])('$name is said, with the sentinel', async ({ settings: { sentinels, ...settings }, says }) => {
    const own = {
      addresses: set.sentinels,
      username: SENTINEL_LOGIN.username,
      passwordFile: set.passwordFile,
      ...sentinels,
    }
    const link = set.connect({ ...settings, sentinels: own })
    await until('it to be said', () => link.unreadyInFull?.includes(says) === true)
    expect(link.unreadyInFull).toMatch(/^no connection to the store: no sentinel tells where \w+ is: 127\.0\.0\.1:\d+ /)
    expect(link.unreadyInFull).not.toContain(SENTINEL_LOGIN.password)
    expect(link.unready).toBe('no connection to the store')
    link.close()
  })

  test('doctor looks at the store where they say it is, and at them', async () => {
    const told = { ...set.env, LEASEGATE_REDIS_REPLICAS: '1', LEASEGATE_DURABILITY: 'always' }
    const doctor = (more: object = {}) => leasegate(['doctor'], { ...told, ...more })
    const [lost, mixed] = [
      await doctor({ LEASEGATE_REDIS_URL: 'redis://other' }),
      await doctor({ LEASEGATE_REDIS_URL: 'redis://valkey:6379' }),
    ]
    let well = await doctor()
    // On a busy machine some sentinel answers too late for it.
    await until('doctor to have one finding', async () => {
      if (well.stdout.match(/WARNING|ERROR|CRITICAL|UNKNOWN/g)?.join() === 'WARNING') return true
      well = await doctor()
      return false
    })
    const primary = await set.primary()
    for (const { port } of set.sentinels) {
      expect(well.stdout).toContain(`sentinel 127.0.0.1:${port} names 127.0.0.1:${primary}, after`)
    }
    expect(well.stdout).toContain('min-replicas-to-write is 0')
    expect(lost?.stdout).toMatch(
      /nobody answers at LEASEGATE_REDIS_URL: no sentinel tells where other is: 127\.0\.0\.1:\d+ knows no other/,
    )
    expect(`${mixed?.stdout}${mixed?.stderr}`).toContain('in the place of host and port')
    expect(inspect([well, lost, mixed])).not.toContain(SENTINEL_LOGIN.password)
  })
})
