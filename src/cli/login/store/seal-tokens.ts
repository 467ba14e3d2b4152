import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { type KeptTokens, parseTokens } from './kept-login.ts'

const CIPHER = 'aes-256-gcm'
const IV_BYTES = 12
const TAG_BYTES = 16

/** For the keychain: short, so that each of them takes it whole. */
export function newKey(): string {
  return randomBytes(32).toString('base64url')
}

/** `about` is not hidden, and cannot be changed without the key. */
export function sealTokens(tokens: KeptTokens, key: string, about: string): string {
  const iv = randomBytes(IV_BYTES)
  const cipher = createCipheriv(CIPHER, Buffer.from(key, 'base64url'), iv).setAAD(Buffer.from(about))
  const closed = Buffer.concat([cipher.update(JSON.stringify(tokens)), cipher.final()])
  return Buffer.concat([iv, closed, cipher.getAuthTag()]).toString('base64url')
}

/** Null where the key is not the one, or something was changed. */
export function openTokens(sealed: string, key: string, about: string): KeptTokens | null {
  const bytes = Buffer.from(sealed, 'base64url')
  if (bytes.length < IV_BYTES + TAG_BYTES) return null
  try {
    const decipher = createDecipheriv(CIPHER, Buffer.from(key, 'base64url'), bytes.subarray(0, IV_BYTES))
    decipher.setAAD(Buffer.from(about)).setAuthTag(bytes.subarray(-TAG_BYTES))
    const opened = [decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]
    return parseTokens(Buffer.concat(opened).toString())
  } catch {
    return null
  }
}
