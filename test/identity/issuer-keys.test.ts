import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportJWK } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createAuthority } from '../../local/pki.ts'
import type { Identifier } from '../../src/identity/identifier.ts'
import { jwtIdentifier } from '../../src/identity/jwt-identifier.ts'
import type { Issuer } from '../../src/policy/policy.ts'
import { TestIssuer } from '../support/issuer.ts'
import { stretched, until } from '../support/until.ts'
import { aPolicy } from './a-policy.ts'

let dir: string
let server: Server
let url: string
let caFile: string
let asked: string[]
let answer: RequestListener
let corp: TestIssuer

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'leasegate-jwks-'))
  const authority = await createAuthority(dir)
  const files = await authority.issue({ name: 'issuer', subject: 'CN=issuer', servedAs: ['127.0.0.1'] })
  caFile = authority.caFile
  const [cert, key] = [await readFile(files.certificateFile), await readFile(files.keyFile)]
  server = createServer({ cert, key }, (request, response) => {
    asked.push(request.url ?? '')
    answer(request, response)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/keys`
  corp = await TestIssuer.create()
})
beforeEach(() => {
  asked = []
  odd = []
  told = []
  answer = (_, response) => response.end(JSON.stringify({ keys: [corp.jwk] }))
})
afterAll(async () => {
  server.closeAllConnections()
  server.close()
  await rm(dir, { recursive: true })
})

let odd: string[]
/** Of keys that cannot be had, as the log has it. */
let told: string[]

/** All that whoever brings a token learns of it. */
const SHORT = { kind: 'refused', reason: 'unavailable', detail: 'the keys of issuer corp cannot be had' }

function identifierOf(
  ca: string | null = caFile,
  algorithms = corp.issuer.algorithms,
  more: Partial<Issuer['jwks']> = {},
): Identifier {
  const policy = aPolicy({
    issuers: [{ ...corp.issuer, algorithms, jwks: { kind: 'url', url, caFile: ca, ...more } as Issuer['jwks'] }],
    agents: [
      { name: 'web', match: { issuer: 'corp', claims: { sub: 'agent-7' } }, sponsor: { kind: 'fixed', name: '' } },
    ],
  })
  return jwtIdentifier({
    policy: () => policy,
    clock: Date.now,
    onUnavailable: error => told.push(error.message),
    onOddKeys: (issuer, found) => odd.push(...found.map(one => `${issuer} ${one}`)),
  })
}

describe('issuerKeys by URL', () => {
  test('fetches the keys once for many tokens', async () => {
    const identifier = identifierOf()
    const tokens = await Promise.all(Array.from({ length: 20 }, () => corp.token()))
    const found = await Promise.all(tokens.map(token => identifier.identify(token)))
    expect(found.every(({ kind }) => kind === 'principal')).toBe(true)
    expect(asked).toEqual(['/keys'])
  })

  test('unknown key ids do not make it ask again and again', async () => {
    const identifier = identifierOf()
    await identifier.identify(await corp.token())
    for (let i = 0; i < 10; i++) {
      expect(await identifier.identify(await corp.token({}, { kid: `key-${i + 2}` }))).toMatchObject({
        reason: 'bad-token',
      })
    }
    expect(asked.length).toBeLessThanOrEqual(2)
  })

  test('trusts the named CA alone', async () => {
    expect(await identifierOf(null).identify(await corp.token())).toMatchObject({ reason: 'unavailable' })
    expect(asked).toEqual([])
  })

  test.each<{ name: string; answers: RequestListener }>([
    { name: 'an error', answers: (_, response) => response.writeHead(500).end('{"keys":[]}') },
    { name: 'no JSON', answers: (_, response) => response.end('<html>') },
    { name: 'no key set', answers: (_, response) => response.end('{"keys":{}}') },
    { name: 'far too much', answers: (_, response) => response.end(`{"keys":[],"x":"${'x'.repeat(2_000_000)}"}`) },
    {
      name: 'half an answer',
      answers: (_, response) =>
        response.writeHead(200, { 'content-length': '99' }).write('{', () => response.destroy()),
    },
    { name: 'a redirect', answers: (_, response) => response.writeHead(302, { location: '/elsewhere' }).end() },
  ])('an issuer that answers with $name is unavailable, and nobody passes', async ({ answers }) => {
    answer = answers
    const identifier = identifierOf()
    expect(await identifier.identify(await corp.token())).toMatchObject({ kind: 'refused', reason: 'unavailable' })
    expect(asked).toEqual(['/keys'])
    answer = (_, response) => response.end(JSON.stringify({ keys: [corp.jwk] }))
    await until('its tokens to count', async () => (await identifier.identify(await corp.token())).kind === 'principal')
  })

  test.each([
    { status: 302, mend: 'no redirect is followed' },
    { status: 401, mend: 'name the token of one by jwks.tokenFile' },
    { status: 403, mend: 'name the token of one by jwks.tokenFile' },
    { status: 404, mend: 'jwks_uri in /.well-known/openid-configuration' },
    { status: 429, mend: 'it is asked again by itself' },
    { status: 503, mend: 'it is asked again by itself' },
  ])(
    'of status $status the log says from where, which, and what mends it, and the caller hears none of that',
    async ({ status, mend }) => {
      answer = (_, response) => response.writeHead(status, { location: 'https://elsewhere.example' }).end()
      expect(await identifierOf().identify(await corp.token())).toEqual(SHORT)
      expect(told).toEqual([
        expect.stringContaining(
          `the keys of issuer corp cannot be had from ${url}: it answers with status ${status}; `,
        ),
      ])
      expect(told[0]).toContain(mend)
    },
  )

  test('of a certificate that it does not know the log says that, and which key names its CA', async () => {
    expect(await identifierOf(null).identify(await corp.token())).toEqual(SHORT)
    expect(told).toEqual([expect.stringMatching(/its certificate is of an unknown CA; name its CA by jwks.caFile$/)])
  })

  test.each<{ name: string; jwks: () => Issuer['jwks'] }>([
    { name: 'a file that is not there', jwks: () => ({ kind: 'file', path: join(dir, 'none', 'keys.json') }) },
    { name: 'a CA file that is not there', jwks: () => ({ kind: 'url', url, caFile: join(dir, 'none.pem') }) },
    {
      name: 'an address inside where nobody listens',
      jwks: () => ({ kind: 'url', url: 'http://127.0.0.1:1/internal/keys', caFile: null }),
    },
  ])('nothing of where keys are is told to whoever brings a token: $name', async ({ jwks }) => {
    expect(await identifierOf(null, undefined, jwks()).identify(await corp.token())).toEqual(SHORT)
    expect(told).toHaveLength(1)
  })

  test('of a URL it shows nothing that may be a secret', async () => {
    answer = (_, response) => response.writeHead(404).end()
    const secret = url.replace('https://', 'https://me:hush@').replace('/keys', '/keys?token=hush')
    const found = await identifierOf(caFile, corp.issuer.algorithms, { url: secret }).identify(await corp.token())
    expect(told.join()).toContain('status 404')
    expect(JSON.stringify([found, told])).not.toContain('hush')
  })

  test('an issuer that fails at once is asked once a second, however many tokens come', async () => {
    answer = (_, response) => response.writeHead(500).end()
    const identifier = identifierOf()
    const token = await corp.token()
    const start = performance.now()
    let tries = 0
    while (asked.length < 2) {
      expect(await identifier.identify(token)).toMatchObject({ reason: 'unavailable' })
      tries += 1
    }
    expect(tries).toBeGreaterThan(20)
    expect(performance.now() - start).toBeGreaterThan(900)
  })

  test('an issuer that does not answer is given up on', async () => {
    answer = () => {}
    const start = performance.now()
    expect(await identifierOf().identify(await corp.token())).toMatchObject({ reason: 'unavailable' })
    expect(performance.now() - start).toBeLessThan(stretched(4500))
  })
})

const publishes = (...keys: readonly unknown[]) => {
  answer = (_, response) => response.end(JSON.stringify({ keys }))
}

describe('a key set with something odd in it', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' })
  const short = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' })
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })

  test.each<{ name: string; entry: unknown; says: string | null }>([
    { name: 'null', entry: null, says: 'no key with a kty' },
    { name: 'a text', entry: 'key', says: 'no key with a kty' },
    { name: 'a number', entry: 7, says: 'no key with a kty' },
    { name: 'a list', entry: [[]], says: 'no key with a kty' },
    { name: 'an id alone', entry: { kid: 'x' }, says: 'no key with a kty' },
    { name: 'a kty that is no text', entry: { kty: 7, kid: 'key-1' }, says: 'no key with a kty' },
    { name: 'a kty of the future', entry: { kty: 'AKP', alg: 'ML-DSA-44', pub: 'AA', kid: 'key-1' }, says: null },
    { name: 'a curve of the future', entry: { kty: 'EC', crv: 'P-999', x: 'AA', y: 'AA', kid: 'key-1' }, says: null },
    { name: 'a key for encryption', entry: { ...rsa, use: 'enc', kid: 'key-1' }, says: null },
    {
      name: 'a broken RSA key',
      entry: { kty: 'RSA', n: '!', e: 'AQAB', kid: 'r' },
      says: 'an RSA key of less than 2048 bits',
    },
    { name: 'half an RSA key', entry: { kty: 'RSA', e: 'AQAB', kid: 'r' }, says: 'a key that cannot be read' },
    { name: 'a short RSA key', entry: { ...short, kid: 'r' }, says: 'an RSA key of less than 2048 bits' },
    {
      name: 'a point off its curve',
      entry: { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' },
      says: 'a key that cannot be read',
    },
    {
      name: 'a private key',
      entry: { ...privateKey.export({ format: 'jwk' }), kid: 'p' },
      says: 'a private key, which everybody has now',
    },
    {
      name: 'a shared secret',
      entry: { kty: 'oct', k: 'AAAA', kid: 'key-1' },
      says: 'a private key, which everybody has now',
    },
    { name: 'one that names a prototype', entry: { kty: '__proto__', kid: 'constructor' }, says: null },
  ])('counts as the others in it do: $name', async ({ entry, says }) => {
    for (const keys of [
      [entry, corp.jwk],
      [corp.jwk, entry],
    ]) {
      odd = []
      publishes(...keys)
      const identifier = identifierOf(caFile, ['RS256', 'ES256'])
      expect(await identifier.identify(await corp.token())).toMatchObject({ kind: 'principal' })
      expect(odd).toEqual(says === null ? [] : [`corp keys[${keys.indexOf(entry)}]: ${says}`])
    }
  })

  test.each<{ name: string; keys: () => readonly unknown[] }>([
    { name: 'the same entry twice', keys: () => [corp.jwk, corp.jwk, { ...corp.jwk }] },
    {
      name: 'the same key written in two ways',
      keys: () => [
        { alg: 'ES256', ...corp.jwk },
        { ...corp.jwk, x5t: 'x' },
      ],
    },
    { name: 'one id for RSA and EC', keys: () => [{ ...rsa, kid: 'key-1' }, corp.jwk] },
    { name: 'one key without an id', keys: () => [{ ...corp.jwk, kid: undefined }] },
  ])('opens to a token of its issuer: $name', async ({ keys }) => {
    publishes(...keys())
    const identifier = identifierOf(caFile, ['RS256', 'ES256'])
    const token = await corp.token({}, keys().every(key => !hasId(key)) ? { kid: undefined } : {})
    expect(await identifier.identify(token)).toMatchObject({ kind: 'principal' })
    const forger = await TestIssuer.create()
    expect(await identifier.identify(await forger.token())).toMatchObject({ kind: 'refused', reason: 'bad-token' })
  })

  test('a published private key opens nothing, whatever is signed with it', async () => {
    publishes({ ...(await exportJWK(corp.key)), kid: 'key-1', alg: 'ES256' })
    expect(await identifierOf().identify(await corp.token())).toMatchObject({ kind: 'refused', reason: 'bad-token' })
  })

  test('is spoken of once, and shortly', async () => {
    publishes(corp.jwk, ...Array.from({ length: 500 }, () => null))
    const identifier = identifierOf()
    for (let i = 0; i < 3; i++) await identifier.identify(await corp.token())
    expect(odd).toHaveLength(6)
    expect(odd.at(-1)).toBe('corp 495 more')
  })
})

describe('a key that is new', () => {
  test('counts within seconds, and until then its issuer is not asked for each token', async () => {
    publishes(otherEc())
    const identifier = identifierOf()
    const token = await corp.token()
    expect(await identifier.identify(token)).toMatchObject({ reason: 'bad-token' })
    publishes(corp.jwk)
    const start = performance.now()
    let tries = 0
    await until('the new key to count', async () => {
      const many = await Promise.all(Array.from({ length: 20 }, () => identifier.identify(token)))
      tries += many.length
      return many.some(({ kind }) => kind === 'principal')
    })
    const seconds = (performance.now() - start) / 1000
    expect(tries).toBeGreaterThan(100)
    expect(asked.length).toBeLessThanOrEqual(2 + Math.ceil(seconds / 5))
  })

  test('an issuer that is away meanwhile is asked no oftener, and its known keys count', async () => {
    const identifier = identifierOf()
    const [known, unknown] = [await corp.token(), await corp.token({}, { kid: 'key-2' })]
    expect(await identifier.identify(known)).toMatchObject({ kind: 'principal' })
    answer = (_, response) => response.writeHead(500).end()
    await until('it to be asked again', async () => {
      await identifier.identify(unknown)
      return asked.length > 1
    })
    for (let i = 0; i < 20; i++) await identifier.identify(unknown)
    expect(asked).toHaveLength(2)
    expect(await identifier.identify(known)).toMatchObject({ kind: 'principal' })
  })
})

describe('an issuer that says its keys are gone', () => {
  test('is believed: a token of a key that it had opens nothing from then on', async () => {
    const identifier = identifierOf()
    const [known, unknown] = [await corp.token(), await corp.token({}, { kid: 'key-2' })]
    expect(await identifier.identify(known)).toMatchObject({ kind: 'principal' })
    answer = (_, response) => response.writeHead(410).end()
    await until('it to be asked again', async () => {
      await identifier.identify(unknown)
      return asked.length > 1
    })
    expect(await identifier.identify(known)).toMatchObject({ kind: 'refused', reason: 'unavailable' })
  })
})

function otherEc(): Record<string, unknown> {
  return { ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' }) }
}

function hasId(key: unknown): boolean {
  return (key as { readonly kid?: unknown }).kid !== undefined
}
