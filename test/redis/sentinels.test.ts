import { type AddressInfo, createServer } from 'node:net'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { nameOf } from '../../src/redis/sentinel/sentinel-settings.ts'
import { Sentinels } from '../../src/redis/sentinel/sentinels.ts'
import { until } from '../support/until.ts'

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

const bulk = (words: readonly string[]) => `*${words.length}\r\n${words.map(w => `$${w.length}\r\n${w}\r\n`).join('')}`

/** Says of the primary what it is told to say. */
async function aSentinel(at: { host: string; port: string }, epoch: number) {
  const server = createServer(socket => {
    socket.on('error', () => socket.destroy())
    socket.on('data', data => {
      for (const [command] of data.toString('latin1').matchAll(/\*\d+\r\n(?:\$\d+\r\n[^\r]*\r\n)+/g)) {
        const isAddress = /BY-NAME/i.test(command)
        const more = ['config-epoch', String(epoch), 'num-other-sentinels', '2']
        socket.write(bulk(isAddress ? [at.host, at.port] : more))
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

describe('Sentinels', () => {
  test('what one connection finds out, the others hear at once, so that none stays on a former primary', async () => {
    const sentinels = sentinelsAt([await aSentinel({ host: '10.0.0.2', port: '6379' }, 4)])
    const heard: string[] = []
    sentinels.follow(at => heard.push(nameOf(at)))
    await until('one to find it', async () => (await sentinels.find().catch(() => null))?.host === '10.0.0.2')
    expect(heard).toEqual(['10.0.0.2:6379'])
  })
})
