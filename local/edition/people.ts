import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from 'jose'
import { AUDIENCE } from './policy-text.ts'

const ISSUER = 'https://people.leasegate.local'
const ALGORITHM = 'ES256'
const TTL = '12h'

export interface People {
  readonly issuer: string
  readonly jwksFile: string
  /** Writes a person's identity token; the file's path. */
  readonly tokenFor: (name: string) => Promise<string>
}

/** Stands in for a company's identity provider: an issuer whose keys and tokens are files. */
export async function createPeople(directory: string): Promise<People> {
  const { publicKey, privateKey } = await generateKeyPair(ALGORITHM)
  const jwk = await exportJWK(publicKey)
  const kid = await calculateJwkThumbprint(jwk)
  const jwksFile = join(directory, 'people.jwks.json')
  await writeFile(jwksFile, JSON.stringify({ keys: [{ ...jwk, kid, alg: ALGORITHM, use: 'sig' }] }))
  return { issuer: ISSUER, jwksFile, tokenFor: name => writeToken(directory, name, privateKey, kid) }
}

async function writeToken(directory: string, name: string, key: CryptoKey, kid: string): Promise<string> {
  const token = await new SignJWT({})
    .setProtectedHeader({ alg: ALGORITHM, kid, typ: 'JWT' })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setSubject(name)
    .setIssuedAt()
    .setExpirationTime(TTL)
    .sign(key)
  const file = join(directory, `${name}.token`)
  await writeFile(file, token, { mode: 0o600 })
  return file
}
