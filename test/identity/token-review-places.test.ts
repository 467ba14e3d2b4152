import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { reviewToken } from '../../src/identity/issuers/token-review.ts'

test('of an API server that does not answer, nobody takes all the places, and each comes back', async () => {
  const account = await mkdtemp(join(tmpdir(), 'lg-'))
  await Promise.all(['token', 'ca.crt'].map(name => writeFile(join(account, name), '')))
  const sockets: Socket[] = []
  const server = createServer(socket => void sockets.push(socket.on('error', () => undefined)))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const where = { host: '127.0.0.1', port: String((server.address() as AddressInfo).port), account }
  const ask = (subject: string) =>
    reviewToken({ token: 'a', audience: 'leasegate', subject }, where).catch((error: Error) => error.message)
  for (const _ of [1, 2]) {
    const waiting = Array.from({ length: 8 }, () => ask('greedy'))
    expect(await ask('greedy')).toBe('8 reviews of tokens of greedy wait for the API server')
    waiting.push(ask('another'))
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(['the API server cannot be asked to review a token']))
  }
  for (const socket of sockets) socket.destroy()
  await new Promise(resolve => server.close(resolve))
  await rm(account, { recursive: true })
})
