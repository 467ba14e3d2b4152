import 'reflect-metadata'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openRecord } from '../../src/broker/console/record/open-record.ts'
import { createAuthority, issue } from '../../src/certificates/certificate.ts'
import type { BrokerConfig } from '../../src/config/roles.ts'
import { Secret } from '../../src/config/secret.ts'
import { openClickHouse, openServerReader } from '../../src/record/clickhouse.ts'
import { RecordError } from '../../src/record/record-sink.ts'
import type { Logger } from '../../src/support/logger.ts'

/** What came in: who asked for what. A stand-in that answers nothing: only what is sent to a server counts here. */
const heard: {
  readonly login: string
  readonly query: string
  readonly settings: Readonly<Record<string, string>>
}[] = []

describe('a login at a ClickHouse server, in files', () => {
  let server: Server
  let dir: string
  let url: string
  const file = (name: string) => join(dir, name)
  const login = () => ({ userFile: file('user'), passwordFile: file('password') })

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'leasegate-clickhouse-'))
    const authority = await createAuthority('ca', 10)
    const pair = await issue(authority, { commonName: 'localhost', names: ['localhost'], usages: ['server'], days: 10 })
    await writeFile(file('ca.pem'), authority.certificate)
    server = createServer({ cert: pair.certificate, key: pair.key }, async (request, response) => {
      const body = (await request.toArray()).join('')
      const params = new URLSearchParams((request.url ?? '').split('?')[1])
      const query = params.get('query') ?? body
      const { 'x-clickhouse-user': user, 'x-clickhouse-key': key } = request.headers
      heard.push({ login: `${user}:${key}`, query, settings: Object.fromEntries(params) })
      response.end()
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    url = `https://localhost:${(server.address() as AddressInfo).port}`
  })
  afterAll(async () => {
    server.closeAllConnections()
    server.close()
    await rm(dir, { recursive: true, force: true })
  })
  beforeEach(async () => {
    heard.length = 0
    await writeFile(file('user'), 'writer\n')
    await writeFile(file('password'), 'old\n')
  })

  test('goes with every call, as it is at that time', async () => {
    const clickhouse = await openClickHouse({ kind: 'server', url, login: login(), caFile: file('ca.pem') })
    await writeFile(file('password'), 'new')
    await clickhouse.writer.insert({ table: 't', values: [{ a: 1 }], format: 'JSONEachRow' })
    await clickhouse.writer.command({ query: 'SYSTEM FLUSH LOGS' })
    await clickhouse.reader.query({ query: 'SELECT 1' })
    expect(heard.map(each => each.login)).toEqual(['writer:old', 'writer:new', 'writer:new', 'writer:new'])
    expect(heard.map(({ query }) => query.split(' ')[0])).toEqual(['CREATE', 'INSERT', 'SYSTEM', 'SELECT'])
    await clickhouse.close()
  })

  test('of the console reads, for five seconds at most, and never waits for long', async () => {
    await writeFile(file('user'), 'console\n')
    const config = {
      clickhouseUrl: new Secret(url),
      clickhouseUserFile: file('user'),
      clickhousePasswordFile: file('password'),
      clickhouseCaFile: file('ca.pem'),
      querySocket: null,
    } as BrokerConfig
    const record = openRecord(config, Date.now, { warn: () => {} } as unknown as Logger)
    expect(await record?.ask('agent-day', { agent: "o'neill" })).toMatchObject({ kind: 'none' })
    await record?.close()
    expect(heard.map(each => each.login)).toEqual(['console:old', 'console:old'])
    for (const { settings } of heard)
      expect(settings).toMatchObject({ readonly: '1', max_execution_time: '5', database: 'leasegate' })
    expect(heard[1]?.settings).toMatchObject({ param_agent: "o\\'neill" })
  })

  test('is nobody’s where there is none', async () => {
    const reader = openServerReader({ kind: 'server', url, caFile: file('ca.pem') })
    await reader.query({ query: 'SELECT 1' })
    expect(heard.map(each => each.login)).toEqual(['default:'])
    await reader.close()
  })

  test('goes to nobody whose certificate is signed by somebody else', async () => {
    const opened = openClickHouse({ kind: 'server', url, login: login() })
    await expect(opened).rejects.toMatchObject({ code: 'unavailable' })
    expect(heard).toEqual([])
  })

  test.each([
    {
      name: 'a URL that carries one too',
      given: () => ({ url: url.replace('//', '//a:b@') }),
      says: 'carries a login',
    },
    {
      name: 'a URL that names a database',
      given: () => ({ url: `${url}/default` }),
      says: 'must end with the host and port: the database is leasegate',
    },
    {
      name: 'a file that is not there',
      given: () => ({ login: { userFile: null, passwordFile: file('no') } }),
      says: 'cannot be read',
    },
    {
      name: 'authorities that are not there',
      given: () => ({ caFile: file('no.pem') }),
      says: 'no.pem cannot be read',
    },
  ])('is refused with $name', ({ given, says }) => {
    const open = () => openServerReader({ kind: 'server', url, login: login(), ...given() })
    expect(open).toThrow(RecordError)
    expect(open).toThrow(says)
  })
})
