import {
  createCipheriv,
  createDecipheriv,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto'
import { z } from 'zod'

/** Who can open boxes that others close. */
export interface BoxKey {
  readonly kid: string
  readonly key: KeyObject
}

const BOX = z.strictObject({
  /** The sender's key of this one box, X25519. */
  from: z.base64url(),
  /** The key of the content, closed for each that may open it. */
  to: z.record(z.string(), z.base64url()),
  content: z.base64url(),
})

const CIPHER = 'aes-256-gcm'
const TAG_BYTES = 16
/** Each key closes one thing only. */
const NONCE = Buffer.alloc(12)

/**
 * Closes bytes so that only holders of these keys can read them: ECDH with a key of the moment, HKDF, AES-256-GCM. Nobody can pass it off as
 * a box about something else than `about`. It tells nothing of who closed it.
 */
export function closeBox(bytes: Uint8Array, about: string, to: ReadonlyMap<string, KeyObject>): string {
  const { publicKey, privateKey } = generateKeyPairSync('x25519')
  const from = rawOf(publicKey)
  const content = randomBytes(32)
  const wrapped = [...to].map(([kid, key]) => {
    const shared = diffieHellman({ privateKey, publicKey: key })
    return [kid, encrypt(content, derived(shared, from, rawOf(key)), about)] as const
  })
  return JSON.stringify({
    from: from.toString('base64url'),
    to: Object.fromEntries(wrapped),
    content: encrypt(bytes, content, about),
  })
}

/** The bytes; null where the box is not for this key, not about this, or not as it was closed. */
export function openBox(text: string, about: string, { kid, key }: BoxKey): Buffer | null {
  try {
    const { from, to, content } = BOX.parse(JSON.parse(text))
    const wrapped = to[kid]
    if (wrapped === undefined) return null
    const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x: from }, format: 'jwk' })
    const shared = diffieHellman({ privateKey: key, publicKey })
    const own = rawOf(createPublicKey(key as unknown as Parameters<typeof createPublicKey>[0]))
    return decrypt(content, decrypt(wrapped, derived(shared, Buffer.from(from, 'base64url'), own), about), about)
  } catch {
    return null
  }
}

function derived(shared: Buffer, from: Buffer, to: Buffer): Buffer {
  return Buffer.from(hkdfSync('sha256', shared, Buffer.concat([from, to]), 'leasegate-box-1', 32))
}

function encrypt(bytes: Uint8Array, key: Buffer, about: string): string {
  const cipher = createCipheriv(CIPHER, key, NONCE).setAAD(Buffer.from(about))
  return Buffer.concat([cipher.update(bytes), cipher.final(), cipher.getAuthTag()]).toString('base64url')
}

function decrypt(text: string, key: Buffer, about: string): Buffer {
  const bytes = Buffer.from(text, 'base64url')
  const cut = bytes.length - TAG_BYTES
  const decipher = createDecipheriv(CIPHER, key, NONCE, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(about))
  decipher.setAuthTag(bytes.subarray(cut))
  return Buffer.concat([decipher.update(bytes.subarray(0, cut)), decipher.final()])
}

function rawOf(key: KeyObject): Buffer {
  return Buffer.from(String(key.export({ format: 'jwk' }).x), 'base64url')
}
