import { CompactSign, decodeJwt, SignJWT } from 'jose'
import { beforeAll, describe, expect, test } from 'vitest'
import { issueLeaseToken, readLeaseToken } from '../../../src/identity/token/lease-token.ts'
import { LeaseTokenVerifier } from '../../../src/identity/token/lease-token-verifier.ts'
import { TestIssuer } from '../../support/issuer.ts'
import { type TestKeys, testKeys } from '../../support/keys.ts'

const NOW = 1_800_000_000_000
const LEASE = { id: 'lse_1', agent: 'web-operator', expiresAt: NOW + 3_600_000 }
const MINUTE = 60_000

let keys: TestKeys
beforeAll(async () => {
  keys = await testKeys()
})

const issue = (lease = LEASE, ttlMs = 5 * MINUTE) => issueLeaseToken(lease, { key: keys.signing, now: NOW, ttlMs })
const claims = {
  iss: 'leasegate',
  aud: 'leasegate:boundary',
  sub: 'web-operator',
  lease: 'lse_1',
  iat: NOW / 1000,
  exp: NOW / 1000 + 60,
}
const sign = (payload: object = claims, header: object = {}, key = keys.signing.key) =>
  new CompactSign(Buffer.from(JSON.stringify(payload)))
    .setProtectedHeader({ alg: 'EdDSA', typ: 'leasegate-lease+jwt', kid: keys.signing.kid, ...header })
    .sign(key)

describe('issueLeaseToken', () => {
  test('names lease and agent and can be read back', async () => {
    const { token } = await issue()
    expect(await readLeaseToken(token, keys.verify)).toEqual({
      kind: 'lease',
      lease: 'lse_1',
      agent: 'web-operator',
      tokenIssuedAt: NOW,
      tokenExpiresAt: NOW + 5 * MINUTE,
    })
  })

  test('never outlives the lease', async () => {
    expect((await issue({ ...LEASE, expiresAt: NOW + 90_500 })).expiresAt).toBe(NOW + 90_000)
  })

  test('never lives longer than a quarter of an hour, whatever is asked', async () => {
    expect((await issue(LEASE, 60 * MINUTE)).expiresAt).toBe(NOW + 15 * MINUTE)
  })

  test('says nothing but what it must', async () => {
    expect(Object.keys(decodeJwt((await issue()).token)).sort()).toEqual(['aud', 'exp', 'iat', 'iss', 'lease', 'sub'])
  })
})

describe('readLeaseToken', () => {
  test.each([
    { name: 'another type', make: () => sign(claims, { typ: 'JWT' }) },
    { name: 'no type', make: () => sign(claims, { typ: undefined }) },
    { name: 'a contract', make: () => sign(claims, { typ: 'leasegate-contract+jwt' }) },
    { name: 'no kid', make: () => sign(claims, { kid: undefined }) },
    { name: 'an unknown kid', make: () => sign(claims, { kid: 'other' }) },
    { name: 'a kid every object has', make: () => sign(claims, { kid: '__proto__' }) },
    { name: 'a key brought along', make: () => sign(claims, { jwk: { kty: 'OKP' } }) },
    { name: 'a key by address', make: () => sign(claims, { jku: 'https://evil.example' }) },
    { name: 'another audience', make: () => sign({ ...claims, aud: 'leasegate' }) },
    { name: 'an audience in a list', make: () => sign({ ...claims, aud: ['leasegate:boundary'] }) },
    { name: 'another issuer', make: () => sign({ ...claims, iss: 'corp' }) },
    { name: 'no lease', make: () => sign({ ...claims, lease: undefined }) },
    { name: 'a lease that is no text', make: () => sign({ ...claims, lease: ['lse_1'] }) },
    { name: 'no end', make: () => sign({ ...claims, exp: undefined }) },
    { name: 'an end in a text', make: () => sign({ ...claims, exp: '9999999999' }) },
    { name: 'a life of sixteen minutes', make: () => sign({ ...claims, exp: claims.iat + 960 }) },
    { name: 'a claim of its own', make: () => sign({ ...claims, scope: '*' }) },
  ])('refuses a token signed by the right key with $name', async ({ make }) => {
    expect(await readLeaseToken(await make(), keys.verify)).toMatchObject({ kind: 'none' })
  })

  test('refuses a token of another key that goes by the same name', async () => {
    const other = await testKeys()
    expect(await readLeaseToken(await sign(claims, {}, other.signing.key), keys.verify)).toMatchObject({
      reason: 'bad-token',
    })
  })

  test('refuses a token with one character changed, wherever', async () => {
    const { token } = await issue()
    for (let at = 0; at < token.length; at += 7) {
      const changed = token[at] === 'A' ? 'B' : 'A'
      const found = await readLeaseToken(token.slice(0, at) + changed + token.slice(at + 1), keys.verify)
      expect(found.kind, `position ${at}`).toBe('none')
    }
  })

  test('refuses unsigned tokens and HMACs with the public key', async () => {
    const [header, payload] = (await sign()).split('.')
    expect(await readLeaseToken(`${header}.${payload}.`, keys.verify)).toMatchObject({ reason: 'bad-token' })
    const hmac = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256', typ: 'leasegate-lease+jwt', kid: keys.signing.kid })
      .sign(Buffer.from(keys.signing.kid.padEnd(32)))
    expect(await readLeaseToken(hmac, keys.verify)).toMatchObject({ reason: 'bad-token' })
  })

  test('tells an identity token from a broken one', async () => {
    const corp = await TestIssuer.create()
    expect(await readLeaseToken(await corp.token(), keys.verify)).toMatchObject({ reason: 'identity-token' })
    expect(await readLeaseToken('not.a.token', keys.verify)).toMatchObject({ reason: 'bad-token' })
  })
})

describe('LeaseTokenVerifier', () => {
  const verifierOf = (of: () => TestKeys['verify'], maxTokens?: number) => new LeaseTokenVerifier(of, maxTokens)

  test('does not take a token from the future, but for what clocks may differ', async () => {
    const { token } = await issue()
    const verifier = new LeaseTokenVerifier(() => keys.verify)
    expect(await verifier.verify(token, NOW - 30_000)).toMatchObject({ kind: 'lease' })
    expect(await verifier.verify(token, NOW - 31_000)).toMatchObject({ kind: 'none', reason: 'bad-token' })
  })

  test('looks at the end of a token every time', async () => {
    const verifier = verifierOf(() => keys.verify)
    const { token, expiresAt } = await issue()
    expect(await verifier.verify(token, NOW)).toMatchObject({ kind: 'lease' })
    expect(await verifier.verify(token, expiresAt - 1)).toMatchObject({ kind: 'lease' })
    expect(await verifier.verify(token, expiresAt)).toMatchObject({ kind: 'none', reason: 'token-expired' })
  })

  test('takes both keys while they are rotated, and forgets a key at once when it goes', async () => {
    const next = await testKeys()
    let now: TestKeys['verify'] = keys.verify
    const verifier = verifierOf(() => now)
    const old = (await issue()).token
    const fresh = (await issueLeaseToken(LEASE, { key: next.signing, now: NOW, ttlMs: MINUTE })).token
    expect(await verifier.verify(fresh, NOW)).toMatchObject({ kind: 'none' })
    now = new Map([...keys.verify, ...next.verify])
    expect(await verifier.verify(old, NOW)).toMatchObject({ kind: 'lease' })
    expect(await verifier.verify(fresh, NOW)).toMatchObject({ kind: 'lease' })
    now = next.verify
    expect(await verifier.verify(old, NOW)).toMatchObject({ kind: 'none', reason: 'bad-token' })
    expect(await verifier.verify(fresh, NOW)).toMatchObject({ kind: 'lease' })
  })

  test('never takes one token for another that shares its beginning or its signature', async () => {
    const verifier = verifierOf(() => keys.verify)
    const mine = (await issue()).token
    const yours = (await issue({ ...LEASE, id: 'lse_2' })).token
    await verifier.verify(mine, NOW)
    expect(await verifier.verify(yours, NOW)).toMatchObject({ lease: 'lse_2' })
    const [header, payload] = yours.split('.')
    const mixed = `${header}.${payload}.${mine.split('.')[2]}`
    expect(await verifier.verify(mixed, NOW)).toMatchObject({ kind: 'none', reason: 'bad-token' })
    expect(await verifier.verify(`${mine} `, NOW)).toMatchObject({ kind: 'none', reason: 'bad-token' })
  })

  test('stays right when it holds fewer tokens than are in use', async () => {
    const verifier = verifierOf(() => keys.verify, 2)
    const leases = Array.from({ length: 12 }, (_, i) => `lse_${i}`)
    const tokens = await Promise.all(leases.map(id => issue({ ...LEASE, id })))
    for (let round = 0; round < 2; round++) {
      const found = await Promise.all(tokens.map(({ token }) => verifier.verify(token, NOW)))
      expect(found.map(caller => caller.kind === 'lease' && caller.lease)).toEqual(leases)
    }
  })

  test('reads the token from the Authorization header alone', async () => {
    const verifier = verifierOf(() => keys.verify)
    const { token } = await issue()
    expect(await verifier.identify([['authorization', `Bearer ${token}`]], NOW)).toMatchObject({ lease: 'lse_1' })
    expect(await verifier.identify([['x-token', token]], NOW)).toMatchObject({ reason: 'no-credential' })
  })
})
