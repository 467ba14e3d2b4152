import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { anAuthority, SERVER, type TestAuthority } from '../../support/certificates/an-authority.ts'
import { CliWorld } from '../cli-world.ts'
import { leasegate } from '../leasegate.ts'

let world: CliWorld
let env: Record<string, string>
let authority: TestAuthority
const ANY = ['--template', 'restart-web']
const open: { close: () => unknown }[] = []

beforeAll(async () => {
  world = await CliWorld.start()
  env = await world.envOf('web-operator')
  authority = await anAuthority()
  await writeFile(world.path('ca.pem'), authority.pem)
  await writeFile(world.path('other.pem'), (await anAuthority()).pem)
  const { code, stderr } = await leasegate(['lease', 'request', ...ANY, '--reason', 'it hangs'], env)
  if (code !== 0) throw new Error(stderr)
})
afterEach(() => {
  for (const server of open.splice(0)) server.close()
})
afterAll(() => world.stop())

async function listening(server: Server | ReturnType<typeof createTlsServer>): Promise<number> {
  open.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

describe('LEASEGATE_BROKER_URL', () => {
  const STATUS = { kind: 'Status', message: 'leasegate: an identity token does not open the cluster' }
  test.each([
    { name: 'the boundary or an API server that knows nobody', status: 401, body: STATUS },
    { name: 'one that has no such path', status: 404, body: {} },
    { name: 'one that lets it pass', status: 200, body: [] },
  ])('that is of $name is said to be no broker', async ({ status, body }) => {
    const answer: RequestListener = (_, response) =>
      response.writeHead(status, { 'audit-id': 'a-b-c' }).end(JSON.stringify(body))
    const url = `http://127.0.0.1:${await listening(createServer(answer))}`
    const ran = await leasegate(['lease', 'list'], { ...env, LEASEGATE_BROKER_URL: url })
    expect(ran).toMatchObject({ code: 2, stdout: '' })
    expect(ran.stderr).toBe(
      `leasegate: ${url} is no broker: the boundary or an API server answers there; LEASEGATE_BROKER_URL is the address of the broker\n`,
    )
  })

  test('that is missing comes with where to read on', async () => {
    const ran = await leasegate(['whoami'], { HOME: world.dir })
    expect(ran).toMatchObject({ code: 2, stdout: '' })
    expect(ran.stderr).toContain('LEASEGATE_BROKER_URL is not set')
    expect(ran.stderr).toContain('see: leasegate help environment')
  })
})

describe('a CA file', () => {
  test.each(['', 'no certificate', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'])(
    'without a certificate is said to be none: %j',
    async text => {
      const file = world.path('none.pem')
      await writeFile(file, text)
      const broker = await leasegate(['lease', 'list'], { ...env, LEASEGATE_BROKER_CA_FILE: file })
      const said = (what: string) => `leasegate: no certificate in PEM is in ${what}: ${file}\n`
      expect(broker).toMatchObject({ code: 2, stderr: said("the broker's CA (LEASEGATE_BROKER_CA_FILE)") })
      const boundary = await leasegate(['kubeconfig', ...ANY], { ...env, LEASEGATE_BOUNDARY_CA_FILE: file })
      expect(boundary).toMatchObject({ code: 2, stderr: said("the boundary's CA (LEASEGATE_BOUNDARY_CA_FILE)") })
    },
  )

  test('goes into a kubeconfig as its certificates alone, with ends of lines that all clients read', async () => {
    const other = await anAuthority()
    const file = world.path('crlf.pem')
    const text = `# ours\n${authority.pem}\n# theirs\n${other.pem}`
    await writeFile(file, text.trim().replaceAll('\n', '\r\n').concat('\r'))
    const { stdout, stderr } = await leasegate(['kubeconfig', ...ANY], { ...env, LEASEGATE_BOUNDARY_CA_FILE: file })
    if (stdout === '') throw new Error(stderr)
    const data = parse(stdout).clusters[0].cluster['certificate-authority-data']
    const whole = (pem: string) => `${pem.trim()}\n`
    expect(Buffer.from(data, 'base64').toString()).toBe(whole(authority.pem) + whole(other.pem))
  })
})

describe('HTTPS_PROXY', () => {
  const NAME = 'broker.leasegate.test'

  /** The broker by TLS under a name that nobody can look up but a proxy, which wants a password. */
  async function aProxy(own: TlsOptions | null = null) {
    const certificate = await authority.issue({ names: [{ type: 'dns', value: NAME }], usages: [SERVER] })
    const piped = (socket: Socket, to: number) => {
      const inside = connect(to, '127.0.0.1')
      socket.on('error', () => inside.destroy())
      inside.on('error', () => socket.destroy())
      return socket.pipe(inside).pipe(socket)
    }
    const door = await listening(
      createTlsServer(certificate, socket => piped(socket, Number(new URL(world.brokerUrl).port))),
    )
    const asked: string[] = []
    const no: RequestListener = (_, response) => response.writeHead(400).end()
    const proxy = own === null ? createServer(no) : createHttpsServer(own, no)
    proxy.on('connect', ({ url = '', headers }, socket: Socket) => {
      asked.push(url)
      const isKnown = headers['proxy-authorization'] === `Basic ${Buffer.from('me:se:cret').toString('base64')}`
      if (!isKnown) return socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      return piped(socket, door)
    })
    return { port: await listening(proxy), asked, door }
  }
  const through = (HTTPS_PROXY: string, more: object = {}) =>
    leasegate(['lease', 'list'], {
      ...env,
      LEASEGATE_BROKER_URL: `https://${NAME}`,
      LEASEGATE_BROKER_CA_FILE: world.path('ca.pem'),
      HTTPS_PROXY,
      ...more,
    })

  test('is the way to the broker, whose certificate is looked at behind it', async () => {
    const { port, asked } = await aProxy()
    const proxy = `http://me:se%3Acret@127.0.0.1:${port}`
    expect(await through(proxy)).toMatchObject({ code: 0, stderr: '' })
    expect(asked).toEqual([`${NAME}:443`])
    expect((await through(proxy, { LEASEGATE_BROKER_CA_FILE: world.path('other.pem') })).stderr).toContain('unknown CA')
    const other = await through(proxy, { LEASEGATE_BROKER_URL: 'https://other.leasegate.test' })
    expect(other).toMatchObject({ code: 3, stderr: expect.stringContaining('its certificate is for another name') })
    expect((await through(proxy, { NO_PROXY: '.leasegate.test' })).stderr).toContain('the name ')
    expect(asked).toHaveLength(3)
  })

  test.each([
    { of: 'a name', host: 'localhost', names: [{ type: 'dns', value: 'localhost' }] },
    { of: 'an address', host: '127.0.0.1', names: [{ type: 'ip', value: '127.0.0.1' }] },
  ] as const)('may be reached by TLS, with a certificate of $of', async ({ host, names }) => {
    const { port, asked } = await aProxy(await authority.issue({ names: [...names], usages: [SERVER] }))
    const trusted = { NODE_EXTRA_CA_CERTS: world.path('ca.pem') }
    expect(await through(`https://me:se%3Acret@${host}:${port}`, trusted)).toMatchObject({ code: 0, stderr: '' })
    expect(asked).toEqual([`${NAME}:443`])
    const unknown = await through(`https://me:se%3Acret@${host}:${port}`)
    expect(unknown).toMatchObject({ code: 3, stderr: expect.stringContaining('(HTTPS_PROXY) is not reached') })
    expect(asked).toHaveLength(1)
  })

  test('is the way for the question where to log in, too', async () => {
    const { port, asked } = await aProxy()
    const settings = { LEASEGATE_BROKER_URL: `https://${NAME}`, LEASEGATE_BROKER_CA_FILE: world.path('ca.pem') }
    const proxy = { HTTPS_PROXY: `http://me:se%3Acret@127.0.0.1:${port}` }
    const { stderr } = await leasegate(['login', '--issuer', 'nobody'], { ...settings, ...proxy, HOME: world.dir })
    expect(stderr).not.toContain('cannot reach')
    expect(asked).toEqual([`${NAME}:443`])
  })

  test.each([
    {
      name: 'that says no',
      proxy: 'me:wrong@127.0.0.1:PORT',
      says: 'the proxy 127.0.0.1:PORT (HTTPS_PROXY) answers 407',
    },
    {
      name: 'whose password is not encoded',
      proxy: 'http://me:100%@127.0.0.1:PORT',
      says: 'the proxy 127.0.0.1:PORT (HTTPS_PROXY) answers 407',
    },
    {
      name: 'where nobody listens',
      proxy: 'http://me:wrong@127.0.0.1:1',
      says: 'the proxy 127.0.0.1:1 (HTTPS_PROXY) is not reached',
    },
    {
      name: 'of another kind',
      proxy: 'socks5://me:wrong@127.0.0.1:PORT',
      says: 'HTTPS_PROXY is not the address of a proxy by HTTP',
    },
    { name: 'that is no address', proxy: 'http://', says: 'HTTPS_PROXY is not the address of a proxy by HTTP' },
  ])('$name is said to be what failed, without its password', async ({ proxy, says }) => {
    const port = String((await aProxy()).port)
    const ran = await through(proxy.replace('PORT', port))
    expect(ran).toMatchObject({ code: 3, stdout: '' })
    expect(ran.stderr).toBe(`leasegate: cannot reach the broker at https://${NAME}: ${says.replace('PORT', port)}\n`)
  })

  test('has no part in what is on this machine', async () => {
    expect(await leasegate(['lease', 'list'], { ...env, HTTPS_PROXY: 'http://127.0.0.1:1' })).toMatchObject({ code: 0 })
  })
})
