import { type AddressInfo, createServer } from 'node:net'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { ClusterNodes } from '../../../src/redis/cluster/cluster-nodes.ts'
import { ownerOf } from '../../../src/redis/cluster/owner.ts'
import { MOST_NODES, type NodeSeen, parseNodes } from '../../../src/redis/cluster/parse-nodes.ts'

const ASKED = { host: 'asked.example', port: 7000 }
const ID = '07c37dfeb235213a872192d90877d0cd55635b91'
const OTHER = '67ed2db8d677e59ec4a4cefb06858cf2a1a89fa1'

describe('parseNodes', () => {
  test.each([
    {
      name: 'a primary with slots, and one on its way',
      line: `${ID} 10.0.0.1:7001@17001,,tls-port=0,shard-id=x master - 0 1426238317239 4 connected 0-5460 9000 [93-<-${ID}]`,
      want: {
        at: { host: '10.0.0.1', port: 7001 },
        isPrimary: true,
        isSelf: false,
        epoch: 4,
        slots: [
          [0, 5460],
          [9000, 9000],
        ],
      },
    },
    {
      name: 'one that has a name',
      line: `${ID} 10.0.0.1:7001@17001,a.example myself,master - 0 0 1 connected`,
      want: { at: { host: 'a.example', port: 7001 }, isPrimary: true, isSelf: true, epoch: 1, slots: [] },
    },
    {
      name: 'one by IPv6, of before names were told',
      line: `${ID} fd00::1:7001@17001 slave ${ID} 0 0 3 connected`,
      want: { at: { host: 'fd00::1', port: 7001 }, isPrimary: false, isSelf: false, epoch: 3, slots: [] },
    },
    {
      name: 'one that does not know where it is itself',
      line: `${ID} :7001@17001 myself,master - 0 0 0 connected 1`,
      want: { at: ASKED, isPrimary: true, isSelf: true, epoch: 0, slots: [[1, 1]] },
    },
  ])('$name', ({ line, want }) => {
    expect(parseNodes(`${line}\n`, ASKED)).toEqual([{ id: ID, ...want }])
  })

  test.each([
    { name: 'nobody knows where', where: ':0@0', flags: 'master,noaddr' },
    { name: 'only without TLS, asked by TLS', where: '10.0.0.1:0@17001,a.example', flags: 'master' },
    { name: 'only by TLS, asked without', where: '10.0.0.1:0@17001,,tls-port=6379', flags: 'myself,master' },
  ])('what can be reached $name has what it has, at no address', ({ where, flags }) => {
    const seen = parseNodes(`${ID} ${where} ${flags} - 0 0 4 disconnected 1-2`, ASKED)
    expect(seen).toMatchObject([{ at: null, epoch: 4, slots: [[1, 2]] }])
  })

  test('who only just comes is left out', () => {
    expect(parseNodes(`${ID} 10.0.0.1:7001@17001 handshake - 0 0 0 connected`, ASKED)).toEqual([])
  })

  test.each([
    { name: 'nothing', text: '' },
    { name: 'words', text: 'no cluster here' },
    { name: 'a place that is none', text: `${ID} ../etc:7001@17001 master - 0 0 4 connected 1` },
    { name: 'a port that is none', text: `${ID} 10.0.0.1:99999@17001 master - 0 0 4 connected 1` },
    { name: 'an epoch that is none', text: `${ID} 10.0.0.1:7001@17001 master - 0 0 many connected 1` },
    {
      name: 'more than may be',
      text: Array.from({ length: 201 }, () => `${ID} 10.0.0.1:7001@17001 slave - 0 0 1 connected`).join('\n'),
    },
  ])('$name is no answer', ({ text }) => {
    expect(parseNodes(text, ASKED)).toBeNull()
  })
})

const closing: (() => unknown)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

/** At each of its addresses it names others. */
async function aLiar(): Promise<number> {
  const server = createServer(socket => {
    closing.push(() => socket.destroy())
    socket.on('error', () => socket.destroy())
    const from = socket.localAddress === '127.0.0.1' ? 2 : 52
    const { port } = server.address() as AddressInfo
    const lines = Array.from({ length: 190 }, (_, at) => `${ID} 127.0.0.${from + at}:${port}@1 slave - 0 0 1 connected`)
    const text = lines.join('\n')
    socket.on('data', data => {
      for (const [command] of data.toString('latin1').matchAll(/\*\d+\r\n(?:\$\d+\r\n[^\r]*\r\n)+/g))
        socket.write(/NODES/.test(command) ? `$${text.length}\r\n${text}\r\n` : '*0\r\n')
    })
  })
  await new Promise<void>(resolve => server.listen(0, '0.0.0.0', resolve))
  closing.push(() => server.close())
  return (server.address() as AddressInfo).port
}

describe('ClusterNodes', () => {
  test('no more are asked than there may be, whoever names them', async () => {
    const port = await aLiar()
    vi.useFakeTimers({ toFake: ['setInterval'] })
    const nodes = new ClusterNodes({ host: '127.0.0.1', port }, { username: null, password: null }, {})
    vi.useRealTimers()
    closing.push(() => nodes.close())
    const asked = async () => (await nodes.ask()).length
    await vi.waitFor(async () => expect(await asked()).toBeGreaterThan(100), 20_000)
    for (let again = 0; again < 5; again++) expect(await asked()).toBeLessThanOrEqual(MOST_NODES)
    expect(await asked()).toBe(MOST_NODES)
  })
})

describe('ownerOf', () => {
  const node = (
    host: string,
    epoch: number,
    { id = ID, slots = [[0, 10]] }: Partial<Pick<NodeSeen, 'id' | 'slots'>> = {},
  ): NodeSeen => ({
    id,
    at: host === '' ? null : { host, port: 1 },
    isPrimary: true,
    isSelf: false,
    epoch,
    slots,
  })
  const owner = (views: readonly (readonly NodeSeen[])[], newest = -1, nodes = 3) =>
    ownerOf(5, views, { newest, nodes })?.at.host ?? null

  test.each([
    { name: 'who alone claims it', views: [[node('a', 1)], [node('a', 1)]], want: 'a' },
    {
      name: 'who claims it later, whoever is cut off',
      views: [[node('a', 1)], [node('a', 1)], [node('b', 2)]],
      want: 'b',
    },
    { name: 'nobody where nobody claims it', views: [[node('a', 1, { slots: [[6, 10]] })]], want: null },
    { name: 'nobody where nobody answers', views: [], want: null },
    { name: 'nobody where two claim it alike', views: [[node('a', 1)], [node('b', 1)]], want: null },
    {
      name: 'nobody where it went to one that cannot be reached, whoever had it before',
      views: [[node('a', 1)], [node('', 2)], [node('', 2)]],
      want: null,
    },
    { name: 'who is known by one of those that name it', views: [[node('', 2)], [node('b', 2)]], want: 'b' },
    {
      name: 'nobody where two claim it alike, and one of them cannot be reached',
      views: [[node('', 2, { id: OTHER })], [node('b', 2)]],
      want: null,
    },
    {
      name: 'nobody where one sees two that claim it alike, and one of them cannot be reached',
      views: [[node('', 2, { id: OTHER }), node('b', 2)]],
      want: null,
    },
    { name: 'nobody where less is known than before', views: [[node('a', 1)]], newest: 2, want: null },
    {
      name: 'whom most name, in a cluster that was set up anew',
      views: [[node('a', 1)], [node('a', 1)]],
      newest: 2,
      want: 'a',
    },
  ])('is $name', ({ views, newest, want }) => {
    expect(owner(views, newest)).toBe(want)
  })
})
