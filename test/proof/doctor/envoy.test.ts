import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer as createHttpServer } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import * as x509 from '@peculiar/x509'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePort } from '../../../local/process/ports.ts'
import { createAuthority, issue, type KeyPair } from '../../../src/certificates/certificate.ts'
import { type EnvoyAdmin, envoyAdmin } from '../../../src/companion/envoy-admin.ts'
import { adminAt } from '../../../src/proof/doctor/envoy/admin-at.ts'
import { type Certificates, examineCertificates, type Served } from '../../../src/proof/doctor/envoy/certificates.ts'
import { examineClocks } from '../../../src/proof/doctor/envoy/clocks.ts'
import { examineEnvoy, examineEnvoyConfig } from '../../../src/proof/doctor/envoy/envoy.ts'
import { heldCertificates, toSerial } from '../../../src/proof/doctor/envoy/held-certificates.ts'
import { lookAt } from '../../../src/proof/doctor/envoy/look-at.ts'
import { lacking } from '../../certificates/lacking.ts'
import { startBoundary, type TestBoundary } from '../../support/envoy/envoy.ts'

describe('examineEnvoy', () => {
  let boundary: TestBoundary
  let admin: EnvoyAdmin

  beforeAll(async () => {
    boundary = await startBoundary()
    admin = envoyAdmin(join(boundary.directory, 'admin.sock'))
  })
  afterAll(() => boundary.stop())

  /** What the real Envoy shows, with one thing in it changed. */
  const changed = (spoil: (text: string) => string): EnvoyAdmin => ({
    ask: async (method, path) => {
      const answer = await admin.ask(method, path)
      return { ...answer, text: spoil(answer.text) }
    },
  })

  test('finds nothing in an Envoy that runs as it was rendered', async () => {
    const { findings, seen } = await examineEnvoy(admin)
    expect(findings).toEqual([])
    expect(seen[0]).toMatch(/\/1\.40\.0\//)
  })

  test.each([
    {
      name: 'an Envoy that is too old',
      spoil: (text: string) => text.replace('/1.40.0/', '/1.38.4/'),
      finds: /1\.38\.4\/.* is older than it may be/,
    },
    {
      name: 'a check that lets pass when it fails',
      spoil: (text: string) =>
        text
          .replace('"stat_prefix": "authorizer"', '"failure_mode_allow": true, "stat_prefix": "authorizer"')
          .replaceAll('"with_request_body": {', '"failure_mode_allow": true, "with_request_body": {'),
      finds: /failure_mode_allow/,
    },
    {
      name: 'an admin endpoint on the network',
      spoil: (text: string) =>
        text.replace(
          /"pipe": \{\s*"path": "[^"]*admin\.sock",\s*"mode": 384\s*\}/,
          '"socket_address": {"address": "0.0.0.0", "port_value": 9901}',
        ),
      finds: /admin/,
    },
    {
      name: 'paths that are made normal',
      spoil: (text: string) => text.replace('"normalize_path": false', '"normalize_path": true'),
      finds: /normalize_path/,
    },
    { name: 'old TLS', spoil: (text: string) => text.replaceAll('"TLSv1_2"', '"TLSv1_0"'), finds: /TLSv1|tls_minimum/ },
  ])('$name is found', async ({ spoil, finds }) => {
    const { findings } = await examineEnvoy(changed(spoil))
    expect(findings.map(({ what }) => what)).toContainEqual(expect.stringMatching(finds))
    expect(findings.every(({ severity }) => severity === 'critical')).toBe(true)
  })

  test('what it has loaded is known by its end, also the CA that it shows to nobody', async () => {
    const held = await heldCertificates(admin)
    // Both were made in one second or in two, so which ends first is chance.
    const names = held.map(({ name }) => name).toSorted()
    expect(names).toEqual([expect.stringMatching(/\/ca\.pem$/), 'localhost, 127.0.0.1'])
    const late = Date.now() + 20 * 86_400_000
    const whats = async (now: number) =>
      (await examineCertificates({ served: [], authorities: [], held }, now)).findings.map(({ what }) => what)
    expect(await whats(Date.now())).toEqual([])
    expect((await whats(late)).toSorted()).toEqual([
      expect.stringMatching(/ca\.pem, which Envoy has loaded, ends on/),
      expect.stringContaining('certificate localhost, 127.0.0.1, which Envoy has loaded, ends on'),
    ])
  })

  test('a configuration file is linted before anybody starts it', async () => {
    const file = join(boundary.directory, 'envoy.json')
    const text = await readFile(file, 'utf8')
    expect(examineEnvoyConfig(file, text).findings).toEqual([])
    const spoilt = text.replaceAll('"failure_mode_allow": false', '"failure_mode_allow": true')
    const whats = examineEnvoyConfig(file, spoilt).findings.map(({ what }) => what)
    expect(whats).toContainEqual(expect.stringMatching(/ext_authz\.failure_mode_allow must not be true/))
  })
})

describe('examineCertificates', () => {
  let authority: KeyPair
  const servers: Server[] = []

  beforeAll(async () => {
    authority = await createAuthority('ca', 100)
  })
  afterAll(() => {
    for (const server of servers) server.close()
  })

  async function serving(days: number, names = ['127.0.0.1'], by = authority): Promise<string> {
    const leaf = days > 0 ? await issue(by, { commonName: 'x', names, usages: ['server'], days }) : await ended(by)
    const server = createServer({ cert: leaf.certificate, key: leaf.key })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    servers.push(server)
    return `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  /** As `issue`, but over since yesterday. */
  async function ended(by: KeyPair): Promise<KeyPair> {
    const keys = (await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
      'sign',
      'verify',
    ])) as webcrypto.CryptoKeyPair
    const [der = new ArrayBuffer()] = x509.PemConverter.decode(by.key)
    const signing = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
    const certificate = await x509.X509CertificateGenerator.create({
      subject: 'CN=x',
      issuer: new x509.X509Certificate(by.certificate).subject,
      notBefore: new Date(Date.now() - 2 * 86_400_000),
      notAfter: new Date(Date.now() - 86_400_000),
      signingAlgorithm: signing,
      publicKey: keys.publicKey,
      signingKey: await webcrypto.subtle.importKey('pkcs8', der, signing, false, ['sign']),
      extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }])],
    })
    const key = x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY')
    return { certificate: certificate.toString('pem'), key }
  }

  const NOTHING: Certificates = { served: [], authorities: [], held: [] }
  const served = (url: string, ca: string | null): Served => ({ name: 'boundary', url, ca, caSetting: 'THE_CA' })
  const found = async (url: string, ca: string | null = authority.certificate) =>
    (await examineCertificates({ ...NOTHING, served: [served(url, ca)] }, Date.now())).findings

  test('finds nothing in one that is good for long', async () => {
    expect(await found(await serving(60))).toEqual([])
  })

  test.each([
    { name: 'one that ends soon', make: () => serving(10), severity: 'warning', finds: /boundary ends on \d{4}-/ },
    { name: 'one that has ended', make: () => serving(-1), severity: 'error', finds: /boundary has ended on/ },
    {
      name: 'one for another name',
      make: () => serving(60, ['elsewhere.example']),
      severity: 'error',
      finds: /not accepted: .*(altname|does not match)/i,
    },
    {
      name: 'one of another CA',
      make: async () => serving(60, ['127.0.0.1'], await createAuthority('other', 100)),
      severity: 'error',
      finds: /is not accepted: /,
    },
    {
      name: 'nobody',
      make: async () => `https://127.0.0.1:${await freePort()}`,
      severity: 'error',
      finds: /cannot be reached/,
    },
  ])('$name is found', async ({ make, severity, finds }) => {
    expect(await found(await make())).toEqual([
      expect.objectContaining({ severity, what: expect.stringMatching(finds) }),
    ])
  })

  test('one that Python from 3.13 on does not accept is found, if every other client does', async () => {
    const { ca, certificate, key } = await lacking('authority key')
    const server = createServer({ cert: certificate, key })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    servers.push(server)
    expect(await found(`https://127.0.0.1:${(server.address() as AddressInfo).port}`, ca)).toEqual([
      expect.objectContaining({
        severity: 'warning',
        what: 'the certificate of the boundary is refused by clients that check strictly: it has no authority key identifier',
      }),
    ])
  })

  test('what is served and loaded is told once', async () => {
    const url = await serving(10)
    const leaf = await lookAt(url, null)
    const held = leaf.kind === 'seen' ? [{ name: '/x.pem', serial: toSerial(leaf.serial), until: leaf.until }] : []
    const given = { ...NOTHING, served: [served(url, authority.certificate)], held }
    expect((await examineCertificates(given, Date.now())).findings.map(({ what }) => what)).toEqual([
      expect.stringMatching(/^the certificate of the boundary ends/),
    ])
  })

  test('a CA is replaced by both being in the file for a while', async () => {
    const old = await createAuthority('old', 5)
    const both = `${old.certificate}\n${authority.certificate}`
    expect(await found(await serving(60), both)).toEqual([])
  })

  test('a CA of what is no server of HTTPS is looked at too', async () => {
    const { certificate } = await createAuthority('soon', 5)
    const given = { ...NOTHING, authorities: [{ name: 'store', ca: certificate, caSetting: 'ITS_CA' }] }
    expect((await examineCertificates(given, Date.now())).findings.map(({ what }) => what)).toEqual([
      expect.stringMatching(/^the CA of the store \(ITS_CA\) ends on/),
    ])
  })

  test('a CA that ends soon is found, and one that is none', async () => {
    const soon = await createAuthority('soon', 5)
    expect((await found(await serving(60, ['127.0.0.1'], soon), soon.certificate)).map(({ what }) => what)).toEqual([
      expect.stringMatching(/^the CA of the boundary \(THE_CA\) ends/),
    ])
    expect((await found(await serving(60), 'nonsense')).map(({ what }) => what)).toContain(
      'THE_CA has no certificate in it',
    )
  })
})

describe('adminAt', () => {
  test.each([
    { address: '/run/admin.sock', is: true },
    { address: 'unix:/run/admin.sock', is: true },
    { address: 'unix:///run/admin.sock', is: true },
    { address: 'http://127.0.0.1:9901', is: true },
    { address: 'http://[::1]:9901/', is: true },
    { address: 'http://10.0.0.1:9901', is: false },
    { address: 'http://127.0.0.1:9901@evil.example:80', is: false },
    { address: 'https://127.0.0.1:9901', is: false },
  ])('$address: $is', ({ address, is }) => {
    expect(adminAt(address) !== null).toBe(is)
  })

  test('asks over loopback', async () => {
    const server = createHttpServer((request, response) => response.end(`${request.method} ${request.url}`))
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const admin = adminAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    expect(await admin?.ask('GET', '/certs')).toMatchObject({ status: 200, text: 'GET /certs' })
    server.close()
  })
})

describe('examineClocks', () => {
  test.each([
    { name: 'the same time', aheadMs: 0, finds: [] },
    { name: 'a minute ahead', aheadMs: 60_000, finds: [expect.stringMatching(/differs from ours by (59|60|61) s/)] },
    { name: 'a minute behind', aheadMs: -60_000, finds: [expect.stringMatching(/differs from ours by -(59|60|61) s/)] },
  ])('$name', async ({ aheadMs, finds }) => {
    const ca = await createAuthority('ca', 10)
    const leaf = await issue(ca, { commonName: 'x', names: ['127.0.0.1'], usages: ['server'], days: 5 })
    const server = createServer({ cert: leaf.certificate, key: leaf.key }, (_, response) => {
      response.setHeader('date', new Date(Date.now() + aheadMs).toUTCString())
      response.end()
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
    const { findings } = await examineClocks([{ name: 'broker', url, ca: ca.certificate }])
    server.close()
    expect(findings.map(({ what }) => what)).toEqual(finds)
  })
})
