import { inspect } from 'node:util'
import { afterEach, describe, expect, test } from 'vitest'
import { connectRedis } from '../../src/redis/connect/connect-redis.ts'
import { RedisError } from '../../src/redis/redis-error.ts'
import { STATES } from '../../src/redis/scripts.ts'
import { Valkey } from '../support/stores/valkey.ts'
import { until } from '../support/until.ts'

const SECRET = 'correct-horse-battery'
const closing: (() => void | Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

function listener() {
  const lines: string[] = []
  const log = (...said: unknown[]) => void lines.push(inspect(said, { depth: 10 }))
  return { lines, logger: { info: log, warn: log } }
}

describe('connectRedis', () => {
  test('says that the URL cannot be read, without quoting it', () => {
    const { logger } = listener()
    const connect = () => connectRedis({ url: `http://:${SECRET}@valkey`, durability: 'always' }, logger)
    expect(connect).toThrow(RedisError)
    expect(connect).not.toThrow(SECRET)
  })

  test('no error and no log line ever holds the password', async () => {
    const valkey = await Valkey.start()
    closing.push(() => valkey.stop())
    const admin = await valkey.connected()
    await admin.ask('set a password', redis => redis.config('SET', 'requirepass', 'another'))
    const { lines, logger } = listener()
    const url = valkey.url.replace('unix://', `unix://:${SECRET}@`)
    const link = connectRedis({ url, durability: 'always' }, logger)
    closing.push(() => link.close())
    const errors: unknown[] = []
    await until('the server to refuse', async () => {
      await link.run(STATES, ['x'], ['y', 0]).catch(error => errors.push(error))
      return lines.some(line => line.includes('WRONGPASS'))
    })
    expect(link.ready).toBe(false)
    expect(errors.length).toBeGreaterThan(0)
    expect(inspect([lines, errors], { depth: 10, showHidden: true })).not.toContain(SECRET)
  })

  test('a server that takes nothing any more, for it has become a replica, is left, and whoever is there then is asked', async () => {
    const valkey = await Valkey.start()
    closing.push(() => valkey.stop())
    const [admin, link] = [await valkey.connected(), await valkey.connected()]
    const id = () => link.ask('id', redis => redis.client('ID')).catch(() => null)
    const before = await id()
    await admin.ask('replicaof', redis => redis.replicaof('127.0.0.1', 1))
    await expect(link.ask('write', redis => redis.set('x', 'y'))).rejects.toMatchObject({ code: 'refused' })
    await until('another connection', async () => ![before, null].includes(await id()), 10_000)
  })

  test('says once that the server is gone and once that it is back', async () => {
    const valkey = await Valkey.start()
    closing.push(() => valkey.stop())
    const { lines, logger } = listener()
    const link = connectRedis({ url: valkey.url, durability: 'always' }, logger)
    closing.push(() => link.close())
    expect(await link.whenReady(5000)).toBe(true)
    await valkey.kill()
    await until('the loss to be noticed', () => lines.length > 0)
    await valkey.boot()
    expect(await link.whenReady(5000)).toBe(true)
    expect(lines.filter(line => line.includes('no connection'))).toHaveLength(1)
    expect(lines.filter(line => line.includes('again'))).toHaveLength(1)
  })

  test('without a server, whenReady says so in time and calls fail at once', async () => {
    const { logger } = listener()
    const link = connectRedis({ url: 'unix:///nowhere/valkey.sock', durability: 'always' }, logger)
    closing.push(() => link.close())
    expect(await link.whenReady(50)).toBe(false)
    await expect(link.run(STATES, ['x'], ['y', 0])).rejects.toMatchObject({ code: 'unavailable' })
  })

  test('a durable write is refused where the server keeps nothing', async () => {
    const valkey = await Valkey.start()
    closing.push(() => valkey.stop())
    const link = await valkey.connected({ durability: 'everysec' })
    await link.ask('no file', redis => redis.config('SET', 'appendonly', 'no'))
    const write = async () => {
      const answer = link.runDurably(STATES, ['{lg:00}:leases'], ['{lg:00}:', 0])
      return answer.then(
        () => 'answered',
        error => error.code,
      )
    }
    await until('the second connection', async () => (await write()) !== 'unavailable')
    expect(await write()).toBe('refused')
  })
})
