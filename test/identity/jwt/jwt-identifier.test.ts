import { readFile, writeFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { jwtIdentifier } from '../../../src/identity/jwt-identifier.ts'
import { generateKeyFiles, parseSigningKey } from '../../../src/identity/keys/keys.ts'
import { issueLeaseToken } from '../../../src/identity/token/lease-token.ts'
import { TestIssuer } from '../../support/issuer.ts'
import { anIdentifier } from './an-identifier.ts'

const { clock, corp, policy, identify, expectRefused } = await anIdentifier()

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
    clock.now = () => Date.now() + 2 * 3_600_000
    await expectRefused(token, 'token-expired')
    clock.now = Date.now
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
