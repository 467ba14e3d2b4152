import { writeFile } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { createServer as createTls, type Server as TlsServer } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePort } from '../../../local/process/ports.ts'
import { anAuthority, SERVER } from '../../support/certificates/an-authority.ts'
import { SENTINEL_LOGIN } from '../../support/stores/watched-valkeys.ts'
import { until } from '../../support/until.ts'
import { set } from './the-store.ts'

describe('a store that sentinels watch over TLS', () => {
  let door: (port: number) => Promise<number>
  let good: string
  let bad: string
  const doors: TlsServer[] = []

  beforeAll(async () => {
    const authority = await anAuthority({ usages: [SERVER] })
    const leaf = await authority.issue({
      subject: 'CN=valkey',
      names: [{ type: 'ip', value: '127.0.0.1' }],
      usages: [SERVER],
    })
    ;[good, bad] = [join(set.dir, 'ca.pem'), join(set.dir, 'other.pem')]
    await writeFile(good, authority.pem)
    await writeFile(bad, (await anAuthority()).pem)
    door = async to => {
      const server = createTls(leaf, socket => {
        const inside = createConnection(to, '127.0.0.1')
        socket.on('error', () => inside.destroy())
        inside.on('error', () => socket.destroy())
        socket.pipe(inside).pipe(socket)
      })
      const port = await freePort()
      await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
      doors.push(server)
      return port
    }
  })
  afterAll(() => {
    for (const server of doors) server.close()
  })

  const sentinelsAt = (port: number, more: object) => ({
    addresses: [{ host: '127.0.0.1', port }],
    username: SENTINEL_LOGIN.username,
    passwordFile: set.passwordFile,
    ...more,
  })

  test('whoever speaks none to a sentinel that does, or trusts another CA, is led nowhere; by the right one it is', async () => {
    const port = await door(set.sentinels[0]?.port ?? 0)
    const by = (more: object) => set.connect({ sentinels: sentinelsAt(port, more) })
    const links = [by({ caFile: good }), by({ caFile: bad }), by({ tls: false })]
    const [right, ...wrong] = links
    await until('the one to be led there', () => right?.ready === true)
    for (const link of wrong) {
      await until('a reason', () => link.unreadyInFull?.includes('no sentinel tells where') === true)
    }
    expect(wrong.map(({ ready }) => ready)).toEqual([false, false])
    for (const link of links) link.close()
  })

  test('the store is spoken to by it where the URL says so, and the server has to prove that it is the one that was named', async () => {
    const [outer, inner] = [await door(set.sentinels[0]?.port ?? 0), await door(await set.primary())]
    await set.tell(0, 'MONITOR', 'closed', '127.0.0.1', String(inner), '3')
    const by = (caFile: string, more: object) =>
      set.connect({ url: 'rediss://closed', caFile, sentinels: sentinelsAt(outer, more) })
    const [right, wrong] = [by(good, {}), by(bad, { caFile: good })]
    await until('the one to be led there', () => right.ready)
    const words = `127.0.0.1:${inner}, by its sentinels the primary of closed, does not answer`
    await until('a reason', () => wrong.unreadyInFull?.includes(words) === true)
    expect(wrong.ready).toBe(false)
    for (const link of [right, wrong]) link.close()
    await set.tell(0, 'REMOVE', 'closed')
  })
})
