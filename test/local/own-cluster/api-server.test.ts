import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer, type Server } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ApiServer, assertReachable, toApiServer } from '../../../local/own-cluster/api-server.ts'
import { createAuthority } from '../../../local/pki.ts'
import { freePort } from '../../../local/process/ports.ts'

describe('toApiServer', () => {
  test.each([
    {
      name: 'an address with a port',
      given: { server: 'https://10.0.0.1:6443', 'certificate-authority-data': 'UEVN' },
      want: { host: '10.0.0.1', port: 6443, certificateName: '10.0.0.1', ca: 'PEM' },
    },
    {
      name: 'a name, the port of https',
      given: { server: 'https://api.example/' },
      want: { host: 'api.example', port: 443, certificateName: 'api.example', ca: null },
    },
    {
      name: 'IPv6',
      given: { server: 'https://[fd00::1]:6443' },
      want: { host: 'fd00::1', port: 6443, certificateName: 'fd00::1' },
    },
    {
      name: 'another name in the certificate',
      given: { server: 'https://127.0.0.1:6443', 'tls-server-name': 'kubernetes.default' },
      want: { host: '127.0.0.1', certificateName: 'kubernetes.default' },
    },
  ])('reads $name', ({ given, want }) => {
    expect(toApiServer(given)).toMatchObject({ kind: 'ok', apiServer: want })
  })

  test.each([
    { name: 'no server', given: {}, why: 'names no server' },
    { name: 'a path', given: { server: 'https://rancher.example/k8s/clusters/c-1' }, why: 'only https://HOST:PORT' },
    { name: 'no TLS', given: { server: 'http://127.0.0.1:8080' }, why: 'without TLS' },
    { name: 'a proxy', given: { server: 'https://a', 'proxy-url': 'http://proxy:3128' }, why: 'through a proxy' },
    {
      name: 'a server that nobody checks',
      given: { server: 'https://a', 'insecure-skip-tls-verify': true },
      why: 'insecure-skip-tls-verify',
    },
  ])('refuses $name', ({ given, why }) => {
    expect(toApiServer(given)).toMatchObject({ kind: 'refused', why: expect.stringContaining(why) })
  })
})

describe('assertReachable', () => {
  let directory: string
  let server: Server
  let there: ApiServer

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'lg-api-server-'))
    const authority = await createAuthority(directory)
    const files = await authority.issue({ name: 'server', subject: 'CN=server', servedAs: ['api.example'] })
    const read = (file: string) => readFile(file, 'utf8')
    server = createServer({ cert: await read(files.certificateFile), key: await read(files.keyFile) })
    server.on('tlsClientError', () => undefined)
    const port = await freePort()
    await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
    const ca = await read(authority.caFile)
    there = { server: `https://127.0.0.1:${port}`, host: '127.0.0.1', port, certificateName: 'api.example', ca }
  })
  afterAll(async () => {
    await new Promise(resolve => server.close(resolve))
    await rm(directory, { recursive: true })
  })

  test('passes with the name in the certificate and its CA', async () => {
    await expect(assertReachable(there)).resolves.toBeUndefined()
  })

  test.each([
    { name: 'another name', change: () => ({ certificateName: '127.0.0.1' }), says: 'does not match' },
    { name: 'another CA', change: () => ({ ca: null }), says: 'certificate' },
    { name: 'nobody there', change: async () => ({ port: await freePort() }), says: 'ECONNREFUSED' },
  ])('says what is wrong with $name', async ({ change, says }) => {
    await expect(assertReachable({ ...there, ...(await change()) })).rejects.toThrow(says)
  })
})
