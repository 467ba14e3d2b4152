import { mkdtemp, writeFile } from 'node:fs/promises'
import net, { type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Notice } from '../../../../src/broker/notices/notifier.ts'
import { emailNotifier } from '../../../../src/broker/notices/ways/email.ts'
import { createAuthority, issue, type KeyPair } from '../../../../src/certificates/certificate.ts'
import type { EmailWay } from '../../../../src/policy/notify.ts'
import { AMailServer } from './a-mail-server.ts'
import { aNotice, HOSTILE, RISKY } from './a-notice.ts'

const LOGIN = { user: 'leasegate', password: 'correct horse' }
let directory: string
let pair: KeyPair
const servers: { stop(): Promise<void> }[] = []

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'leasegate-mail-'))
  const authority = await createAuthority('mail', 1)
  pair = await issue(authority, { commonName: 'localhost', names: ['localhost'], usages: ['server'], days: 1 })
  await writeFile(join(directory, 'ca.pem'), authority.certificate)
  await writeFile(join(directory, 'password'), `${LOGIN.password}\n`)
})
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop()
})

async function aServer(options: Partial<Parameters<typeof AMailServer.start>[0]> = {}): Promise<AMailServer> {
  const server = await AMailServer.start({ pair, ...options })
  servers.push(server)
  return server
}

/** Speaks as the test says, and not SMTP perhaps. */
async function aRawServer(onConnection: (socket: net.Socket) => void): Promise<{ readonly port: number }> {
  const sockets = new Set<net.Socket>()
  const server = net.createServer(socket => {
    sockets.add(socket.on('error', () => {}))
    onConnection(socket)
  })
  await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve))
  servers.push({
    stop: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise(resolve => server.close(resolve))
    },
  })
  return { port: (server.address() as AddressInfo).port }
}

function way({ port }: { readonly port: number }, given: Partial<EmailWay> = {}): EmailWay {
  return {
    kind: 'email',
    host: 'localhost',
    port,
    tls: 'starttls',
    from: 'leasegate@example.com',
    to: ['ops@example.com', 'grace@example.com'],
    login: null,
    caFile: join(directory, 'ca.pem'),
    ...given,
  }
}

const send = (to: EmailWay, given: Partial<Notice> = {}) => emailNotifier(to).send(aNotice(given), null)
const login = () => ({ user: LOGIN.user, passwordFile: join(directory, 'password') })
const valuesOf = ({ mails }: AMailServer, name: string) =>
  mails.flatMap(({ headers }) => headers.filter(([key]) => key === name).map(([, value]) => value))

/** The text and the HTML, as a program for mail has them. */
function partsOf({ raw }: { readonly raw: string }): readonly string[] {
  const boundary = /boundary="([^"]+)"/.exec(raw)?.[1] ?? ''
  const parts = raw.split(`--${boundary}`).slice(1, -1)
  return parts.map(part => {
    const [head = '', ...rest] = part.split('\r\n\r\n')
    const body = rest.join('\r\n\r\n')
    if (head.includes('base64')) return Buffer.from(body, 'base64').toString()
    if (!head.includes('quoted-printable')) return body
    const bytes = (found: string) => Buffer.from(found.replaceAll('=', ''), 'hex').toString()
    return body.replace(/=\r\n/g, '').replace(/(?:=[0-9A-F]{2})+/g, bytes)
  })
}

const lastOf = ({ mails }: AMailServer) => partsOf(mails.at(-1) ?? { raw: '' })

describe('emailNotifier', () => {
  test.each([
    { name: 'STARTTLS', tls: 'starttls', implicit: false },
    { name: 'TLS from the beginning', tls: 'implicit', implicit: true },
  ] as const)('sends over $name, with its login', async ({ tls, implicit }) => {
    const server = await aServer({ implicit, login: LOGIN })
    await send(way(server, { tls, login: login() }))
    expect(server.mails).toMatchObject([
      { secure: true, user: LOGIN.user, from: 'leasegate@example.com', to: ['ops@example.com', 'grace@example.com'] },
    ])
    const parts = lastOf(server)
    expect(parts).toHaveLength(2)
    for (const part of parts) {
      expect(part).toContain('https://console.test/console/approvals/apr_0_1')
      expect(part).toContain('delete pods')
    }
  })

  test.each([
    { name: 'offers no STARTTLS', server: { noStartTls: true }, given: {} },
    { name: 'has a certificate of another CA', server: {}, given: { caFile: null } },
    { name: 'has one for another name', server: {}, given: { host: '127.0.0.1' } },
    { name: 'refuses the login', server: { login: { user: 'x', password: 'y' } }, given: { login: true } },
  ])('sends nothing to a server that $name, and says no secret', async ({ server: options, given }) => {
    const server = await aServer(options)
    const to = way(server, { ...given, login: 'login' in given ? login() : null })
    const error = await send(to).catch(failed => failed)
    expect(error).toBeInstanceOf(Error)
    expect(JSON.stringify({ ...error, message: error.message })).not.toContain(LOGIN.password)
    expect(server.mails).toEqual([])
  })

  test('an address that the server does not know keeps no other from it, and a test says which', async () => {
    const server = await aServer({ unknown: 'ops@example.com' })
    await send(way(server))
    expect(server.mails).toMatchObject([{ to: ['grace@example.com'] }])
    await expect(emailNotifier(way(server)).test()).rejects.toThrow('the mail server refuses ops@example.com')
    const alone = way(server, { to: ['ops@example.com'] })
    await expect(send(alone)).rejects.toThrow('it refuses the sender or a recipient (550)')
  })

  test('a message sent twice has one id, and what follows is in its thread', async () => {
    const server = await aServer()
    await send(way(server))
    await send(way(server))
    await send(way(server), { id: 'apr_0_1:yes-1', stage: 'yes', wanted: 2, yeses: ['hana'] })
    await send(way(server), { id: 'apr_0_1:over', stage: 'answered', answer: { verdict: 'approved', by: 'hana' } })
    const [first, second, third, fourth] = valuesOf(server, 'message-id')
    expect(second).toBe(first)
    expect(new Set([first, third, fourth]).size).toBe(3)
    expect(valuesOf(server, 'in-reply-to')).toEqual([first, first])
    expect(valuesOf(server, 'references')).toEqual([first, first])
    expect(new Set(valuesOf(server, 'subject')).size).toBe(1)
    expect(lastOf(server).join()).not.toContain('https://console.test')
  })

  test.each(RISKY)('says of a risk what the question says: $words', async ({ words, ...given }) => {
    const server = await aServer()
    await send(way(server), given)
    for (const part of lastOf(server)) expect(part).toContain(words)
    expect(lastOf(server)[0]).toContain(`\r\nRisk: ${words}\r\n`)
  })

  test.each([
    ...HOSTILE,
    'x\r\nBcc: eve@evil.example\r\n\r\nApproved',
    'x\nBcc: eve@evil.example',
    `=?utf-8?Q?=0D=0ABcc:=20eve@evil.example?=`,
    '.\r\nRCPT TO:<eve@evil.example>',
    'é'.repeat(90),
    'see evil.example/approve and EVIL.com',
  ])('an agent writes no header, recipient or link by %j', async said => {
    const server = await aServer()
    await send(way(server), { summary: said, sponsor: said, why: said, plan: [said], yeses: [said], wanted: 2 })
    const [mail] = server.mails
    expect(mail?.to).toEqual(['ops@example.com', 'grace@example.com'])
    const names = mail?.headers.map(([name]) => name).sort()
    const others = ['auto-submitted', 'content-type', 'date', 'from', 'message-id', 'mime-version', 'subject', 'to']
    expect(names).toEqual(others)
    const [text = '', html = ''] = lastOf(server)
    expect(text.match(/\w+:\/\/\S*|www\.|mailto:/g)).toEqual(['https://console.test/console/approvals/apr_0_1'])
    expect(text.replaceAll('https://console.test/', '')).not.toMatch(/evil\.(?:example|com)/i)
    const tags = [...html.matchAll(/<[^>]*>/g)].map(([tag]) => tag)
    expect(tags.filter(tag => !/^<\/?(?:p|pre|table|tr|th|td|a)>$/.test(tag) && tag !== '<th align="left">')).toEqual([
      '<a href="https://console.test/console/approvals/apr_0_1">',
    ])
  })

  test.each<{ readonly name: string; readonly speaks: (socket: net.Socket) => void }>([
    { name: 'says nothing', speaks: () => {} },
    { name: 'closes at once', speaks: socket => socket.destroy() },
    { name: 'says a letter at a time', speaks: socket => void setInterval(() => socket.write('2'), 300).unref() },
    { name: 'never stops', speaks: socket => void socket.write(`220-${'x'.repeat(1_000_000)}`) },
    { name: 'is a web server', speaks: socket => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n') },
  ])('is not reached, in time, where the server $name', async ({ speaks }) => {
    const server = await aRawServer(speaks)
    const began = Date.now()
    await expect(send(way(server))).rejects.toThrow(/^the mail server did not take it: /)
    // The ledger keeps others from trying for ten seconds.
    expect(Date.now() - began).toBeLessThan(10_000)
  })

  test('says that nobody listens', async () => {
    const { port } = await aRawServer(() => {})
    for (const server of servers.splice(0)) await server.stop()
    await expect(send(way({ port }))).rejects.toThrow('the mail server is not reached: nobody listens there')
  })
})
