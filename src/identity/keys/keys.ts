import type { KeyObject } from 'node:crypto'
import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose'
import { z } from 'zod'
import { ok, type Parsed, problem } from '../../support/text/parsed.ts'
import { toBoxPrivateKey } from '../box/box-keys.ts'
import { ALGORITHM } from '../token/token-types.ts'

export interface SigningKey {
  readonly kid: string
  readonly key: CryptoKey
  /** The same for reading what was closed for its holder. */
  readonly box: KeyObject
}

/** Public keys by `kid`; two of them while keys are rotated. */
export type VerifyKeys = ReadonlyMap<string, CryptoKey>

const OKP = z.object({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.base64url().length(43),
  kid: z.string().min(1).max(128),
  alg: z.enum([ALGORITHM, 'Ed25519']).optional(),
  use: z.literal('sig').optional(),
})
const PRIVATE_SET = z.object({ keys: z.array(OKP.extend({ d: z.base64url().length(43) })).min(1) })
const PUBLIC_SET = z.object({ keys: z.array(OKP.extend({ d: z.never().optional() })).min(1) })

/** The private JWKS file of the broker; its first key signs. */
export async function parseSigningKey(text: string): Promise<Parsed<SigningKey>> {
  const set = PRIVATE_SET.safeParse(parseJson(text))
  const [first] = set.data?.keys ?? []
  if (first === undefined) return problem('not a JWKS with a private Ed25519 key that has a kid')
  const imported = await importKey(first)
  if (imported === null) return problem(`key ${first.kid} cannot be used`)
  return ok({ kid: first.kid, key: imported, box: toBoxPrivateKey(first.d) })
}

/** The public JWKS file of whoever verifies. A private key in it was copied to the wrong place, so it is refused. */
export async function parseVerifyKeys(text: string): Promise<Parsed<VerifyKeys>> {
  const set = PUBLIC_SET.safeParse(parseJson(text))
  if (!set.success) return problem('not a JWKS of public Ed25519 keys that each have a kid')
  const keys = new Map<string, CryptoKey>()
  for (const jwk of set.data.keys) {
    if (keys.has(jwk.kid)) return problem(`two keys are called ${jwk.kid}`)
    const imported = await importKey(jwk)
    if (imported === null) return problem(`key ${jwk.kid} cannot be used`)
    keys.set(jwk.kid, imported)
  }
  return ok(keys)
}

export interface KeyFiles {
  /** Private JWKS, JSON text. */
  readonly signing: string
  /** Public JWKS, JSON text. */
  readonly verify: string
}

export async function generateKeyFiles(): Promise<KeyFiles> {
  const pair = await generateKeyPair(ALGORITHM, { crv: 'Ed25519', extractable: true })
  const publicJwk = await exportJWK(pair.publicKey)
  const names = { kid: await calculateJwkThumbprint(publicJwk), alg: ALGORITHM, use: 'sig' }
  const privateJwk = await exportJWK(pair.privateKey)
  return { signing: toFile({ ...privateJwk, ...names }), verify: toFile({ ...publicJwk, ...names }) }
}

function toFile(jwk: JWK): string {
  return `${JSON.stringify({ keys: [jwk] }, null, 2)}\n`
}

async function importKey(jwk: z.infer<typeof OKP> & { d?: string | undefined }): Promise<CryptoKey | null> {
  const { kty, crv, x, d } = jwk
  const key = await importJWK(d === undefined ? { kty, crv, x } : { kty, crv, x, d }, ALGORITHM).catch(() => null)
  return key instanceof Uint8Array ? null : key
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
