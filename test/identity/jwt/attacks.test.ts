import { createHmac, createSign } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { EncryptJWT, exportPKCS8, exportSPKI, generateKeyPair, importJWK, SignJWT } from 'jose'
import { describe, expect, test } from 'vitest'
import { handmade, TestIssuer } from '../../support/issuer.ts'
import { anIdentifier } from './an-identifier.ts'

const { corp, policy, identify, expectRefused } = await anIdentifier()

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
