import { type AddressInfo, createServer } from 'node:net'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { freePort } from '../../../local/process/ports.ts'
import { connectRedis } from '../../../src/redis/connect/connect-redis.ts'
import { nameOf } from '../../../src/redis/guide/address.ts'
import { Sentinels } from '../../../src/redis/sentinel/sentinels.ts'
import { Valkey } from '../../support/stores/valkey.ts'
import { until } from '../../support/until.ts'

const closing: (() => void | Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

const bulk = (words: readonly string[]) => `*${words.length}\r\n${words.map(w => `$${w.length}\r\n${w}\r\n`).join('')}`

/** Says of the primary what it is told to say. */
async function aSentinel(says: { host: string; port: string; epoch: number }) {
  const server = createServer(socket => {
    socket.on('error', () => socket.destroy())
    socket.on('data', data => {
      for (const [command] of data.toString('latin1').matchAll(/\*\d+\r\n(?:\$\d+\r\n[^\r]*\r\n)+/g)) {
        const isAddress = /BY-NAME/i.test(command)
        const more = ['config-epoch', String(says.epoch), 'num-other-sentinels', '2']
        socket.write(bulk(isAddress ? [says.host, says.port] : more))
      }
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => void server.close())
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port }
}

/** Which ask when they are asked to, and not by themselves. */
function sentinelsAt(addresses: readonly { host: string; port: number }[]): Sentinels {
  vi.useFakeTimers({ toFake: ['setInterval'] })
  const login = { username: null, password: null }
  const sentinels = new Sentinels({ addresses, primary: 'mymaster', login, tls: undefined })
  vi.useRealTimers()
  closing.push(() => sentinels.close())
  return sentinels
}

const QUIET = { info: () => {}, warn: () => {} }

async function aPrimary() {
  const valkey = await Valkey.start()
  closing.push(() => valkey.stop())
  const port = String(await freePort())
  await valkey.kill()
  await valkey.boot({ port, bind: '127.0.0.1' })
  const admin = await valkey.connected()
  /** Who came over the network. */
  const visitors = async () => {
    const list = String(await admin.ask('clients', redis => redis.call('CLIENT', 'LIST')))
    return list.match(/ addr=127\.0\.0\.1:/g)?.length ?? 0
  }
  return { port, visitors }
}

describe('Sentinels', () => {
  test('what one connection finds out, the others hear at once, so that none stays on a former primary', async () => {
    const sentinels = sentinelsAt([await aSentinel({ host: '10.0.0.2', port: '6379', epoch: 4 })])
    const heard: string[] = []
    sentinels.follow(at => heard.push(nameOf(at)))
    await until('one to find it', async () => (await sentinels.find().catch(() => null))?.host === '10.0.0.2')
    expect(heard).toEqual(['10.0.0.2:6379'])
  })

  test('a former primary that nobody has told yet, and that takes all it is sent, is left by every connection', async () => {
    const [before, after] = [await aPrimary(), await aPrimary()]
    const says = { host: '127.0.0.1', port: before.port, epoch: 1 }
    const sentinels = { addresses: [await aSentinel(says)] }
    const link = connectRedis({ url: 'redis://mymaster', sentinels, durability: 'everysec' }, QUIET)
    closing.push(() => link.close())
    await until('both connections', async () => link.ready && (await before.visitors()) === 2)
    Object.assign(says, { port: after.port, epoch: 2 })
    await until('both to be left', async () => (await before.visitors()) === 0, 10_000)
    await until('both to come', async () => link.ready && (await after.visitors()) === 2, 10_000)
  })
})
