import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Issuer, Policy } from '../policy.ts'

/** What is wrong with the files that a policy names, each in a sentence: they are read with each token, when it is too late to say so. */
export async function faultsInFiles({ issuers }: Pick<Policy, 'issuers'>): Promise<readonly string[]> {
  const found = await Promise.all(issuers.map(faultOf))
  return found.filter(fault => fault !== null)
}

async function faultOf({ name, jwks }: Issuer): Promise<string | null> {
  if (jwks.kind === 'file') {
    const text = await read(jwks.path)
    if (text === null) return `issuer ${name}: its JWKS file ${jwks.path} cannot be read`
    return isJwks(text) ? null : `issuer ${name}: what ${jwks.path} holds is not a JWKS`
  }
  if (jwks.kind !== 'url' || jwks.caFile === null) return null
  const text = await read(jwks.caFile)
  if (text === null) return `issuer ${name}: its CA file ${jwks.caFile} cannot be read`
  return isCertificate(text) ? null : `issuer ${name}: ${jwks.caFile} holds no certificate`
}

async function read(file: string): Promise<string | null> {
  return readFile(file, 'utf8').catch(() => null)
}

function isJwks(text: string): boolean {
  try {
    return Array.isArray((JSON.parse(text) as { readonly keys?: unknown } | null)?.keys)
  } catch {
    return false
  }
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0
  } catch {
    return false
  }
}
