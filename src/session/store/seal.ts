import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomFillSync } from 'node:crypto'

export const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** Where something belongs, so that it opens nowhere else. */
export interface Place {
  readonly auditId: string
  readonly kind: 'events' | 'gap' | 'end' | 'frame' | 'last-frame' | 'ending' | 'progress'
  /** Of the chunk; 0 where a session has one alone. */
  readonly n: number
  /** Of the frame in its segment. */
  readonly frame?: number
}

/**
 * AES-256-GCM, `nonce | ciphertext | tag`, bound to its context. Nonces are random: a key seals one session, which is far from the 2^32
 * that NIST SP 800-38D allows.
 */
export function seal(key: Uint8Array, context: string, plain: Uint8Array): Buffer {
  return Buffer.concat(sealParts(key, context, plain))
}

/** What `seal` puts together, for who writes it piece by piece: nothing that may be large is copied. */
export function sealParts(key: Uint8Array, context: string, plain: Uint8Array): readonly Buffer[] {
  const nonce = nextNonce()
  const cipher = createCipheriv('aes-256-gcm', keyOf(key), nonce).setAAD(Buffer.from(context))
  const text = cipher.update(plain)
  // Of a counter mode nothing is left over.
  cipher.final()
  return [nonce, text, cipher.getAuthTag()]
}

/** Null for what was not sealed with this key in this context, byte for byte. */
export function unseal(key: Uint8Array, context: string, sealed: Uint8Array): Buffer | null {
  if (sealed.length < NONCE_BYTES + TAG_BYTES) return null
  const decipher = createDecipheriv('aes-256-gcm', keyOf(key), sealed.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  })
  decipher.setAAD(Buffer.from(context)).setAuthTag(sealed.subarray(-TAG_BYTES))
  const plain = decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES))
  try {
    decipher.final()
    return plain
  } catch {
    return null
  }
}

const NONCES = Buffer.alloc(256 * NONCE_BYTES)
let nextAt = NONCES.length

/** Each is given out once. They are drawn many at a time, which takes a call that is dear for a few bytes. */
function nextNonce(): Buffer {
  if (nextAt === NONCES.length) {
    randomFillSync(NONCES)
    nextAt = 0
  }
  const nonce = Buffer.from(NONCES.subarray(nextAt, nextAt + NONCE_BYTES))
  nextAt += NONCE_BYTES
  return nonce
}

/** Node finds out anew what bytes of a key are each time that it is given them, which takes longer than to seal a piece with it. */
function keyOf(key: Uint8Array): KeyObject {
  const known = KEYS.get(key)
  if (known !== undefined) return known
  const made = createSecretKey(key)
  KEYS.set(key, made)
  return made
}

const KEYS = new WeakMap<Uint8Array, KeyObject>()

export function contextOf({ auditId, kind, n, frame = 0 }: Place): string {
  return JSON.stringify(['leasegate/session/1', auditId, kind, n, frame])
}
