import { createHmac, createSign } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { EncryptJWT, exportPKCS8, exportSPKI, generateKeyPair, importJWK, SignJWT } from 'jose'
import { beforeAll, describe, expect, test } from 'vitest'
import { jwtIdentifier } from '../../src/identity/jwt-identifier.ts'
import { generateKeyFiles, parseSigningKey } from '../../src/identity/token/keys.ts'
import { issueLeaseToken } from '../../src/identity/token/lease-token.ts'
import type { Policy } from '../../src/policy/policy.ts'
import { handmade, TestIssuer } from '../support/issuer.ts'
import { aPolicy } from './a-policy.ts'

let corp: TestIssuer
let policy: Policy
let now: () => number = Date.now

beforeAll(async () => {
  corp = await TestIssuer.create()
  policy = aPolicy({
    issuers: [corp.issuer],
    agents: [
      {
        name: 'web-operator',
        match: { issuer: 'corp', claims: { sub: 'agent-7' } },
        sponsor: { kind: 'fixed', name: 'ada@corp.example' },
      },
    ],
  })
})

const identify = (token: string, of: Policy = policy) =>
  jwtIdentifier({ policy: () => of, clock: () => now(), onUnavailable: () => {} }).identify(token)

async function expectRefused(token: string, reason = 'bad-token') {
  expect(await identify(token)).toMatchObject({ kind: 'refused', reason })
}

describe('jwtIdentifier', () => {
  test('a good token is the one agent that its claims lead to', async () => {
    expect(await identify(await corp.token())).toMatchObject({
      kind: 'principal',
      principal: { kind: 'agent', agent: 'web-operator', sponsor: 'ada@corp.example', identity: { issuer: 'corp' } },
    })
  })

  test('a token for the client that people log in with is as good for people, not for agents, and one for others as well is not', async () => {
    const issuer = { ...corp.issuer, login: { clientId: 'leasegate-cli' } }
    const grace = {
      name: 'grace',
      match: { issuer: 'corp', claims: { sub: 'person-7' } },
      roles: ['approver'],
      alsoKnownAs: [],
    } as const
    const of = { ...policy, issuers: [issuer], people: [grace] }
    for (const aud of ['leasegate-cli', 'leasegate', ['leasegate-cli'], ['leasegate', 'leasegate-cli']])
      expect(await identify(await corp.token({ sub: 'person-7', aud }), of)).toMatchObject({ kind: 'principal' })
    for (const aud of ['leasegate', ['leasegate', 'leasegate-cli']])
      expect(await identify(await corp.token({ aud }), of)).toMatchObject({ kind: 'principal' })
    for (const aud of ['leasegate-cli', ['leasegate-cli']]) {
      const detail = 'it is a login as agent web-operator: only people log in'
      const refused = { kind: 'refused', reason: 'unknown-identity', detail }
      expect(await identify(await corp.token({ aud }), of)).toEqual(refused)
    }
    for (const aud of ['other', ['leasegate-cli', 'other'], '', []])
      expect(await identify(await corp.token({ aud }), of)).toMatchObject({ kind: 'refused', reason: 'bad-token' })
    await expectRefused(await corp.token({ aud: 'leasegate-cli' }))
  })

  test.each([
    { name: 'audience of another service', claims: { aud: 'other' } },
    { name: 'audience of ours and others', claims: { aud: ['leasegate', 'other'] } },
    { name: 'no audience', claims: { aud: undefined } },
    { name: 'empty audience', claims: { aud: '' } },
    { name: 'audience in another case', claims: { aud: 'Leasegate' } },
    { name: 'another issuer', claims: { iss: 'https://evil.example' } },
    { name: 'issuer with a trailing slash', claims: { iss: 'https://login.corp.example/' } },
    { name: 'issuer in another case', claims: { iss: 'https://LOGIN.corp.example' } },
    { name: 'issuer in a list', claims: { iss: ['https://login.corp.example'] } },
    { name: 'no issuer', claims: { iss: undefined } },
    { name: 'no end', claims: { exp: undefined } },
    { name: 'an end in words', claims: { exp: 'never' } },
    { name: 'no subject', claims: { sub: undefined } },
    { name: 'a subject that is a number', claims: { sub: 7 } },
    { name: 'not valid yet', claims: { nbf: Math.floor(Date.now() / 1000) + 600 } },
  ])('refuses a token with $name', async ({ claims }) => expectRefused(await corp.token(claims)))

  test('an expired token is told so, and only when its signature is right', async () => {
    const expired = await corp.token({ exp: Math.floor(Date.now() / 1000) - 60 })
    await expectRefused(expired, 'token-expired')
    await expectRefused(`${expired.slice(0, -8)}AAAAAAAA`)
  })

  const seconds = Math.floor(Date.now() / 1000)
  test.each([
    { name: 'no word of when it was issued', claims: { iat: undefined }, says: 'iat' },
    { name: 'an issue in an hour', claims: { iat: seconds + 3600, exp: seconds + 7200 }, says: 'ahead of the clock' },
    { name: 'an issue in words', claims: { iat: 'now' }, says: 'iat' },
    { name: 'an issue in fractions', claims: { iat: seconds - 0.5 }, says: 'iat' },
    { name: 'an end in fractions', claims: { exp: seconds + 60.5 }, says: 'exp' },
    { name: 'an end in milliseconds', claims: { exp: (seconds + 60) * 1000 }, says: 'exp' },
    { name: 'an end beyond all time', claims: { exp: 1e308 }, says: 'exp' },
    { name: 'a beginning in fractions', claims: { nbf: seconds - 60.5 }, says: 'nbf' },
    { name: 'a life of ten years', claims: { exp: seconds + 315_360_000 }, says: 'maxTokenLifetime' },
    { name: 'a second more than a day', claims: { iat: seconds, exp: seconds + 86_401 }, says: 'made for 24h1s' },
    { name: 'a long life of which little is left', claims: { iat: seconds - 200_000, exp: seconds + 60 }, says: '24h' },
  ])('refuses a token with $name, and says so', async ({ claims, says }) => {
    expect(await identify(await corp.token(claims))).toMatchObject({
      kind: 'refused',
      reason: 'bad-token',
      detail: expect.stringContaining(says),
    })
  })

  test.each([
    { name: 'GitHub Actions', claims: { nbf: seconds - 600, iat: seconds, exp: seconds + 300, jti: 'x' } },
    { name: 'Google', claims: { iat: seconds, exp: seconds + 3600, email: 'x@corp.example' } },
    { name: 'Entra', claims: { iat: seconds, nbf: seconds, exp: seconds + 5400, ver: '2.0' } },
    { name: 'a projected service account token', claims: { nbf: seconds, iat: seconds, exp: seconds + 3607 } },
    { name: 'one that was asked for a day', claims: { nbf: seconds, iat: seconds, exp: seconds + 86_400 } },
    { name: 'a clock a little ahead', claims: { iat: seconds + 3, exp: seconds + 600 } },
  ])('takes the times that $name writes', async ({ claims }) => {
    expect(await identify(await corp.token(claims))).toMatchObject({ kind: 'principal' })
  })

  test('an issuer may be held to less, or given more', async () => {
    const lasting = (maxTokenLifetimeMs: number) => ({ ...policy, issuers: [{ ...corp.issuer, maxTokenLifetimeMs }] })
    expect(await identify(await corp.token(), lasting(600_000))).toMatchObject({ reason: 'bad-token' })
    const token = await corp.token({ exp: seconds + 200_000 })
    expect(await identify(token, lasting(300_000_000))).toMatchObject({ kind: 'principal' })
  })

  test('the clock that is handed in decides', async () => {
    const token = await corp.token()
    now = () => Date.now() + 2 * 3_600_000
    await expectRefused(token, 'token-expired')
    now = Date.now
  })

  test('a token whose audience is a list of ours alone is good', async () => {
    expect(await identify(await corp.token({ aud: ['leasegate'] }))).toMatchObject({ kind: 'principal' })
  })

  test.each(['JWT', 'jwt', 'at+jwt', 'application/at+jwt'])('typ %s is an identity token', async typ => {
    expect(await identify(await corp.token({}, { typ }))).toMatchObject({ kind: 'principal' })
  })

  test.each(['dpop+jwt', 'secevent+jwt', 'logout+jwt', ''])('typ %j is none', async typ =>
    expectRefused(await corp.token({}, { typ })),
  )

  test('a lease token is told from others, whoever signed it', async () => {
    await expectRefused(await corp.token({}, { typ: 'leasegate-lease+jwt' }), 'lease-token')
    const key = await parseSigningKey((await generateKeyFiles()).signing)
    if (key.kind === 'problem') throw new Error(key.message)
    const lease = { id: 'lse_x', agent: 'web-operator', expiresAt: Date.now() + 60_000 }
    const issued = await issueLeaseToken(lease, { key: key.value, now: Date.now(), ttlMs: 60_000 })
    await expectRefused(issued.token, 'lease-token')
  })
})

describe('jwtIdentifier under attack', () => {
  const claims = () => {
    const iat = Math.floor(Date.now() / 1000)
    return JSON.stringify({ iss: corp.issuer.issuer, aud: 'leasegate', sub: 'agent-7', iat, exp: iat + 3600 })
  }

  test.each(['none', 'None', 'NONE', 'nOnE'])('alg %s, with and without a signature', async alg => {
    await expectRefused(await handmade(JSON.stringify({ alg, kid: 'key-1' }), claims(), () => ''))
    await expectRefused(await handmade(JSON.stringify({ alg, kid: 'key-1' }), claims(), () => 'AAAA'))
  })

  test('HS256 with the public key as the secret, in every spelling of that key', async () => {
    const rsa = await TestIssuer.create({}, 'RS256')
    const confused = { ...policy, issuers: [{ ...rsa.issuer, algorithms: ['RS256', 'HS256'] }] }
    const spki = await exportSPKI((await importJWK(rsa.jwk, 'RS256', { extractable: true })) as never)
    for (const secret of [spki, spki.trim(), ` ${spki}`, JSON.stringify(rsa.jwk), rsa.jwk.n ?? '']) {
      const token = await handmade(JSON.stringify({ alg: 'HS256', kid: 'key-1' }), claims(), input =>
        createHmac('sha256', secret).update(input).digest('base64url'),
      )
      expect(await identify(token, confused)).toMatchObject({ kind: 'refused', reason: 'bad-token' })
    }
  })

  test('HS256 is refused even where the policy and the JWKS are wrong enough to have it', async () => {
    const k = Buffer.from('a secret of thirty-two bytes long!').toString('base64url')
    const careless = await TestIssuer.create({ algorithms: ['HS256'] })
    await writeFile(careless.jwksFile, JSON.stringify({ keys: [{ kty: 'oct', k, kid: 'key-1', alg: 'HS256' }] }))
    const token = await handmade(JSON.stringify({ alg: 'HS256', kid: 'key-1' }), claims(), input =>
      createHmac('sha256', Buffer.from(k, 'base64url')).update(input).digest('base64url'),
    )
    const found = await identify(token, { ...policy, issuers: [careless.issuer] })
    expect(found).toMatchObject({ kind: 'refused', reason: 'bad-token' })
  })

  test('an algorithm that the issuer does not use', async () => {
    const rsa = await TestIssuer.create({ algorithms: ['ES256'] }, 'RS256')
    const token = await new SignJWT({ sub: 'agent-7' })
      .setProtectedHeader({ alg: 'PS256', kid: 'key-1' })
      .setIssuer(String(corp.issuer.issuer))
      .setAudience('leasegate')
      .setExpirationTime('1h')
      .sign((await generateKeyPair('PS256')).privateKey)
    expect(await identify(token, { ...policy, issuers: [rsa.issuer] })).toMatchObject({ reason: 'bad-token' })
  })

  test('keys that the token brings along: jwk, jku, x5u, x5c', async () => {
    let asked = 0
    const evil = createServer((_, answer) => answer.end(String(asked++)))
    await new Promise<void>(resolve => evil.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(evil.address() as AddressInfo).port}/jwks`
    const mine = await TestIssuer.create()
    for (const header of [{ jwk: mine.jwk }, { jku: url }, { x5u: url }, { x5c: ['MIIB'] }]) {
      await expectRefused(await mine.token({}, header))
      await expectRefused(await mine.token({}, { ...header, kid: undefined }))
    }
    evil.close()
    expect(asked).toBe(0)
  })

  test.each(['../../../../dev/null', "' OR 1=1 --", '__proto__', 'constructor', 'key-1\0', 'K'.repeat(10_000)])(
    'kid %j is only a name',
    async kid => {
      await expectRefused(await corp.token({}, { kid }))
      await expectRefused(await corp.token({}, { kid: { toString: 'key-1' } }))
    },
  )

  test('a token of one issuer with the iss of another', async () => {
    const other = await TestIssuer.create({ name: 'other', issuer: 'https://other.example' })
    const both = { ...policy, issuers: [corp.issuer, other.issuer] }
    const crossed = await other.token({ iss: corp.issuer.issuer })
    expect(await identify(crossed, both)).toMatchObject({ kind: 'refused', reason: 'bad-token' })
  })

  test('the right subject of another issuer is nobody', async () => {
    const other = await TestIssuer.create({ name: 'other', issuer: 'https://other.example' })
    const both = { ...policy, issuers: [corp.issuer, other.issuer] }
    expect(await identify(await other.token(), both)).toMatchObject({ kind: 'refused', reason: 'unknown-identity' })
  })

  test('critical extensions and unencoded payloads', async () => {
    const sign = async (header: string, payload = claims()) => {
      const pem = await exportPKCS8(corp.key)
      return handmade(header, payload, input =>
        createSign('sha256').update(input).sign({ key: pem, dsaEncoding: 'ieee-p1363' }, 'base64url'),
      )
    }
    expect(await identify(await sign('{"alg":"ES256","kid":"key-1"}'))).toMatchObject({ kind: 'principal' })
    await expectRefused(await sign('{"alg":"ES256","kid":"key-1","crit":["x"],"x":1}'))
    await expectRefused(await sign('{"alg":"ES256","kid":"key-1","crit":["b64"],"b64":false}'))
    await expectRefused(await sign('{"alg":"ES256","kid":"key-1","crit":[]}'))
  })

  test('names that stand twice in header or claims, however they are spelt', async () => {
    const pem = await exportPKCS8(corp.key)
    const sign = (header: string, payload: string) =>
      handmade(header, payload, input =>
        createSign('sha256').update(input).sign({ key: pem, dsaEncoding: 'ieee-p1363' }, 'base64url'),
      )
    const header = '{"alg":"ES256","kid":"key-1"}'
    await expectRefused(await sign('{"alg":"none","alg":"ES256","kid":"key-1"}', claims()))
    await expectRefused(await sign(header, claims().replace('{', '{"sub":"agent-8",')))
    await expectRefused(await sign(header, claims().replace('{', '{"\\u0073ub":"agent-8",')))
    await expectRefused(await sign(header, claims().replace('}', ',"deep":{"a":1,"b":{},"a":2}}')))
  })

  test.each([
    { name: 'nothing', token: '' },
    { name: 'no dots', token: 'token' },
    { name: 'two parts', token: 'e30.e30' },
    { name: 'empty parts', token: '..' },
    { name: 'dots alone', token: '.'.repeat(1_000_000) },
    { name: 'a hundred thousand parts', token: 'e30.'.repeat(100_000) },
    { name: 'a very long payload', token: `e30.${'A'.repeat(1_000_000)}.AAAA` },
    { name: 'not JSON', token: 'AAAA.AAAA.AAAA' },
    { name: 'null', token: `${Buffer.from('null').toString('base64url')}.e30.AAAA` },
    { name: 'a list', token: `${Buffer.from('[]').toString('base64url')}.e30.AAAA` },
    { name: 'broken UTF-8', token: `${Buffer.from([123, 255, 125]).toString('base64url')}.e30.AAAA` },
    { name: 'spaces around', token: ' e30.e30.AAAA ' },
    { name: 'the other base64 alphabet', token: 'e30+.e30/.AAAA=' },
  ])('refuses $name quickly', async ({ token }) => {
    const start = process.cpuUsage()
    await expectRefused(token)
    const { user, system } = process.cpuUsage(start)
    expect((user + system) / 1000).toBeLessThan(500)
  })

  test('a token that is good but longer than any we expect', async () => {
    await expectRefused(await corp.token({ padding: 'x'.repeat(20_000) }))
  })

  test('an encrypted token is not one, whatever it would cost to open', async () => {
    const jwe = await new EncryptJWT({ sub: 'agent-7' })
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
      .encrypt(new Uint8Array(32))
    await expectRefused(jwe)
    const bomb = Buffer.from('{"alg":"PBES2-HS512+A256KW","p2c":1000000000,"enc":"A256GCM"}').toString('base64url')
    await expectRefused(`${bomb}.AAAA.AAAA.AAAA.AAAA`)
  })
})

describe('issuerKeys by file', () => {
  test('a key that is taken out of the file stops working at once, a new one starts', async () => {
    const issuer = await TestIssuer.create()
    const of = { ...policy, issuers: [issuer.issuer] }
    const identifier = jwtIdentifier({ policy: () => of, clock: Date.now, onUnavailable: () => {} })
    const next = await TestIssuer.create()
    expect(await identifier.identify(await issuer.token())).toMatchObject({ kind: 'principal' })
    await writeFile(issuer.jwksFile, await readFile(next.jwksFile))
    expect(await identifier.identify(await issuer.token())).toMatchObject({ kind: 'refused', reason: 'bad-token' })
    expect(await identifier.identify(await next.token())).toMatchObject({ kind: 'principal' })
  })

  test('while the file is unusable nobody passes, and the log hears why', async () => {
    const issuer = await TestIssuer.create()
    const heard: string[] = []
    const identifier = jwtIdentifier({
      policy: () => ({ ...policy, issuers: [issuer.issuer] }),
      clock: Date.now,
      onUnavailable: error => heard.push(String(error.cause)),
    })
    await writeFile(issuer.jwksFile, 'half a fi')
    expect(await identifier.identify(await issuer.token())).toMatchObject({ kind: 'refused', reason: 'unavailable' })
    expect(heard.join()).toContain('no JWKS')
  })

  test('two keys of one name are no key', async () => {
    const issuer = await TestIssuer.create()
    const twin = await TestIssuer.create()
    await writeFile(issuer.jwksFile, JSON.stringify({ keys: [twin.jwk, issuer.jwk] }))
    const found = await identify(await issuer.token(), { ...policy, issuers: [issuer.issuer] })
    expect(found).toMatchObject({ kind: 'refused', reason: 'bad-token' })
  })
})
