import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type CryptoKey,
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
  type JWTPayload,
  SignJWT,
} from 'jose'
import { AUDIENCE } from './policy-text.ts'

export const PEOPLE_ISSUER = 'https://people.leasegate.local'
export const PEOPLE_ALGORITHM = 'ES256'
const TTL = '12h'

export interface People {
  readonly issuer: string
  readonly jwksFile: string
  /** Private; whoever has it signs in anybody. */
  readonly key: JWK
  /** Writes a person's identity token, valid for 12 hours, into the folder; the file's path. */
  readonly tokenFor: (name: string) => Promise<string>
  /** The same with claims other than the name as subject. */
  readonly writeToken: (file: string, claims: JWTPayload) => Promise<void>
}

/** Stands in for a company's identity provider: an issuer whose keys and tokens are files. A folder keeps its key. */
export async function createPeople(directory: string, issuer = PEOPLE_ISSUER): Promise<People> {
  const jwk = await openKey(join(directory, 'people.key.json'))
  const { d: _, ...publicJwk } = jwk
  const jwksFile = join(directory, 'people.jwks.json')
  await writeFile(jwksFile, JSON.stringify({ keys: [publicJwk] }))
  const key = (await importJWK(jwk, PEOPLE_ALGORITHM)) as CryptoKey
  const writeToken = async (file: string, claims: JWTPayload) =>
    writeFile(file, await sign({ iss: issuer, ...claims }, key, jwk.kid ?? ''), { mode: 0o600 })
  return {
    issuer,
    jwksFile,
    key: jwk,
    writeToken,
    tokenFor: async name => {
      const file = join(directory, `${name}.token`)
      await writeToken(file, { sub: name })
      return file
    },
  }
}

async function openKey(file: string): Promise<JWK> {
  const kept = await readFile(file, 'utf8').catch(() => null)
  if (kept !== null) return JSON.parse(kept) as JWK
  const { privateKey } = await generateKeyPair(PEOPLE_ALGORITHM, { extractable: true })
  const jwk = await exportJWK(privateKey)
  const made = { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: PEOPLE_ALGORITHM, use: 'sig' }
  await writeFile(file, JSON.stringify(made), { mode: 0o600 })
  return made
}

function sign(claims: JWTPayload, key: CryptoKey, kid: string): Promise<string> {
  return new SignJWT(claims)
    .setProtectedHeader({ alg: PEOPLE_ALGORITHM, kid, typ: 'JWT' })
    .setAudience(AUDIENCE)
    .setIssuedAt()
    .setExpirationTime(TTL)
    .sign(key)
}
