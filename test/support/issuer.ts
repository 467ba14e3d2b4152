import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'
import type { Issuer } from '../../src/policy/policy.ts'

/** An issuer of identity tokens with a JWKS file, as an identity provider would be. */
export class TestIssuer {
  readonly issuer: Issuer
  readonly jwksFile: string
  readonly jwk: JWK
  readonly key: CryptoKey

  private constructor(issuer: Issuer, jwksFile: string, jwk: JWK, key: CryptoKey) {
    this.issuer = issuer
    this.jwksFile = jwksFile
    this.jwk = jwk
    this.key = key
  }

  static async create(given: Partial<Issuer> = {}, algorithm = 'ES256'): Promise<TestIssuer> {
    const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true })
    const jwk = { ...(await exportJWK(publicKey)), kid: 'key-1', alg: algorithm, use: 'sig' }
    const jwksFile = join(await mkdtemp(join(tmpdir(), 'leasegate-issuer-')), 'jwks.json')
    await writeFile(jwksFile, JSON.stringify({ keys: [jwk] }))
    const issuer: Issuer = {
      name: 'corp',
      issuer: 'https://login.corp.example',
      audience: 'leasegate',
      algorithms: [algorithm],
      maxTokenLifetimeMs: 86_400_000,
      jwks: { kind: 'file', path: jwksFile },
      ...given,
    }
    return new TestIssuer(issuer, jwksFile, jwk, privateKey)
  }

  /** A good token for an hour; claims and header can be changed one by one, undefined takes one away. */
  token(claims: Record<string, unknown> = {}, header: Record<string, unknown> = {}): Promise<string> {
    const now = Math.floor(Date.now() / 1000)
    const { issuer: iss, audience: aud, algorithms } = this.issuer
    const given = { iss, aud, sub: 'agent-7', iat: now, exp: now + 3600, ...claims }
    const payload = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
    const protectedHeader = { alg: algorithms[0] ?? '', kid: 'key-1', ...header }
    return new SignJWT(payload).setProtectedHeader(protectedHeader).sign(this.key)
  }
}

/** A JWS of exactly these bytes, signed by `sign`. */
export async function handmade(
  header: string,
  payload: string,
  sign: (input: string) => Promise<string> | string,
): Promise<string> {
  const input = `${Buffer.from(header).toString('base64url')}.${Buffer.from(payload).toString('base64url')}`
  return `${input}.${await sign(input)}`
}
