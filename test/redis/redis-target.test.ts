import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseRedisTarget } from '../../src/redis/connect/redis-target.ts'

describe('parseRedisTarget', () => {
  test.each([
    { name: 'host alone', given: 'redis://valkey', want: { host: 'valkey', port: 6379, db: 0 } },
    { name: 'port and database', given: 'redis://valkey:7000/3', want: { host: 'valkey', port: 7000, db: 3 } },
    {
      name: 'login with escaped bytes',
      given: 'redis://app:p%40ss@valkey',
      want: { host: 'valkey', port: 6379, db: 0, username: 'app', password: 'p@ss' },
    },
    {
      name: 'password alone',
      given: 'redis://:pw@valkey',
      want: { host: 'valkey', port: 6379, db: 0, password: 'pw' },
    },
    { name: 'IPv6', given: 'redis://[::1]:6380', want: { host: '::1', port: 6380, db: 0 } },
    { name: 'TLS', given: 'rediss://valkey', want: { host: 'valkey', port: 6379, db: 0, tls: {} } },
    { name: 'Unix socket', given: 'unix:///run/valkey.sock', want: { path: '/run/valkey.sock', db: 0 } },
    {
      name: 'Unix socket with login and database',
      given: 'unix://:pw@/run/valkey.sock?db=2',
      want: { path: '/run/valkey.sock', db: 2, password: 'pw' },
    },
  ])('reads $name', ({ given, want }) => {
    expect(parseRedisTarget({ url: given })).toEqual({ kind: 'ok', endpoint: want })
  })

  test.each([
    { name: 'another scheme', given: 'http://:pw@valkey' },
    { name: 'no scheme', given: 'valkey:6379' },
    { name: 'a database that is not a number', given: 'redis://:pw@valkey/main' },
    { name: 'a relative socket', given: 'unix://run/valkey.sock' },
    { name: 'a socket without a path', given: 'unix:///' },
    { name: 'a socket database that is not a number', given: 'unix:///run/valkey.sock?db=x' },
    { name: 'a broken escape', given: 'redis://:%zz@valkey' },
    { name: 'an authorities file that is not there', given: 'rediss://:pw@valkey', caFile: '/nowhere/ca.pem' },
  ])('refuses $name, without quoting what it was given', ({ given, caFile = null }) => {
    const parsed = parseRedisTarget({ url: given, caFile })
    expect(parsed.kind).toBe('problem')
    expect(JSON.stringify(parsed)).not.toContain('pw')
  })

  const addresses = [{ host: 'a.example', port: 26379 }]

  test.each([
    { name: 'the name of the primary', url: 'redis://mymaster', host: 'mymaster' },
    { name: 'a name in capitals', url: 'redis://app:pw@MyMaster_1/2', host: 'MyMaster_1' },
    { name: 'TLS', url: 'rediss://mymaster', host: 'mymaster' },
  ])('reads $name where sentinels tell the rest', ({ url, host }) => {
    expect(parseRedisTarget({ url, sentinels: { addresses } })).toMatchObject({ kind: 'ok', endpoint: { host } })
  })

  test.each([
    { name: 'a port', url: 'redis://:pw@valkey:6379', sentinels: { addresses }, says: /in the place of host and port/ },
    { name: 'a socket', url: 'unix:///run/valkey.sock', sentinels: { addresses }, says: /redis:\/\/mymaster/ },
    { name: 'an IPv6 address', url: 'redis://[::1]', sentinels: { addresses }, says: /redis:\/\/mymaster/ },
    {
      name: 'a user of sentinels that are none',
      url: 'redis://:pw@valkey',
      sentinels: { addresses: null, username: 'u' },
      says: /LEASEGATE_REDIS_SENTINELS names no sentinel/,
    },
    {
      name: 'TLS of sentinels that are none',
      url: 'redis://valkey',
      sentinels: { addresses: null, tls: false },
      says: /LEASEGATE_REDIS_SENTINELS names no sentinel/,
    },
    {
      name: 'a CA without TLS',
      url: 'redis://mymaster',
      sentinels: { addresses, tls: false, caFile: '/ca.pem' },
      says: /LEASEGATE_REDIS_SENTINEL_TLS is no/,
    },
    {
      name: 'a store that any authority may vouch for, where anybody may name it',
      url: 'rediss://mymaster',
      sentinels: { addresses, tls: false },
      says: /LEASEGATE_REDIS_SENTINEL_TLS is no, and there is no LEASEGATE_REDIS_CA_FILE/,
    },
  ])('refuses $name', ({ url, sentinels, says }) => {
    const parsed = parseRedisTarget({ url, sentinels })
    expect(parsed).toEqual({ kind: 'problem', message: expect.stringMatching(says) })
    expect(JSON.stringify(parsed)).not.toContain('pw')
  })

  test('never throws', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map(text => `redis://${text}`),
        ),
        url => parseRedisTarget({ url }).kind.length > 0,
      ),
    )
  })
})
