import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { connectRedis, type RedisLink } from '../../src/redis/connect/connect-redis.ts'
import { Valkey } from '../support/stores/valkey.ts'
import { until } from '../support/until.ts'

const [OLD, NEW] = ['correct-horse-battery', 'staple-of-the-moon']

describe('a login in files', () => {
  let valkey: Valkey
  let admin: RedisLink
  let file: string
  const lines: string[] = []
  const say = (...said: unknown[]) => void lines.push(inspect(said, { depth: 10 }))
  const links: RedisLink[] = []

  beforeEach(async () => {
    lines.length = 0
    valkey = await Valkey.start()
    admin = await valkey.connected()
    const dir = await mkdtemp(join(tmpdir(), 'leasegate-login-'))
    file = join(dir, 'password')
    await writeFile(file, `${OLD}\n`)
  })
  afterEach(async () => {
    for (const link of links.splice(0)) link.close()
    await valkey.stop()
    await rm(join(file, '..'), { recursive: true, force: true })
  })

  function connect(more: { readonly username?: string; readonly url?: string } = {}): RedisLink {
    const given = { url: valkey.url, passwordFile: file, durability: 'everysec' as const, ...more }
    const link = connectRedis(given, { info: say, warn: say })
    links.push(link)
    return link
  }

  const ask = (...words: readonly [string, ...string[]]) =>
    admin.ask('change the server', redis => redis.call(...words) as Promise<unknown>)

  test('opens a server that wants a password', async () => {
    await ask('CONFIG', 'SET', 'requirepass', OLD)
    expect(await connect().whenReady(5000)).toBe(true)
  })

  test('opens a server as a user of its ACL', async () => {
    await ask('ACL', 'SETUSER', 'leasegate', 'on', `>${OLD}`, '~*', '+@all')
    const link = connect({ username: 'leasegate' })
    expect(await link.whenReady(5000)).toBe(true)
    expect(await link.ask('who', redis => redis.call('ACL', 'WHOAMI'))).toBe('leasegate')
  })

  test('is read again for each connection: a new password needs no restart', async () => {
    await ask('ACL', 'SETUSER', 'leasegate', 'on', `>${OLD}`, '~*', '+@all')
    const link = connect({ username: 'leasegate' })
    expect(await link.whenReady(5000)).toBe(true)
    await ask('ACL', 'SETUSER', 'leasegate', 'resetpass', `>${NEW}`)
    await ask('CLIENT', 'KILL', 'USER', 'leasegate')
    await until('the old password to be refused', () => lines.some(line => line.includes('WRONGPASS')))
    await writeFile(file, NEW)
    await until('both connections to be back', () => link.ready)
    expect(await link.ask('who', redis => redis.call('ACL', 'WHOAMI'))).toBe('leasegate')
    expect(lines.join()).not.toMatch(`${OLD}|${NEW}`)
  })

  test('is not taken beside another one in the URL', () => {
    const url = valkey.url.replace('unix://', 'unix://:another@')
    expect(() => connect({ url })).toThrow('the Redis URL carries a login, and another one is set beside it')
  })

  test('must be there from the beginning', async () => {
    await rm(file)
    expect(() => connect()).toThrow(`${file} cannot be read (ENOENT)`)
  })
})
