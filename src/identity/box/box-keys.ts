import { createHash, createPrivateKey, createPublicKey, KeyObject, type webcrypto } from 'node:crypto'

/** Of the field that both curves are over. */
const P = 2n ** 255n - 19n
/** PKCS #8 of an X25519 key (RFC 8410), before its 32 bytes. */
const PKCS8 = Buffer.from('302e020100300506032b656e04220420', 'hex')

/**
 * The X25519 key that belongs to an Ed25519 one (RFC 7748, 4.1: u = (1 + y) / (1 - y)), so that who signs can be written to without another pair
 * of keys that would have to be made, handed out and rotated.
 */
export function toBoxPublicKey(x: string): KeyObject {
  const bytes = Buffer.from(x, 'base64url')
  // The sign of the other coordinate.
  bytes.writeUInt8(bytes.readUInt8(31) & 0x7f, 31)
  const y = BigInt(`0x${bytes.reverse().toString('hex')}`)
  const u = mod((1n + y) * inverse(mod(1n - y)))
  const x25519 = Buffer.from(u.toString(16).padStart(64, '0'), 'hex').reverse().toString('base64url')
  return createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x: x25519 }, format: 'jwk' })
}

/** Of the seed `d` of an Ed25519 key (RFC 8032, 5.1.5); X25519 itself sets the bits that have to be. */
export function toBoxPrivateKey(d: string): KeyObject {
  const scalar = createHash('sha512').update(Buffer.from(d, 'base64url')).digest().subarray(0, 32)
  return createPrivateKey({ key: Buffer.concat([PKCS8, scalar]), format: 'der', type: 'pkcs8' })
}

const known = new WeakMap<ReadonlyMap<string, webcrypto.CryptoKey>, ReadonlyMap<string, KeyObject>>()

/** Of every key that something may be signed with, so that a change of keys loses nothing. */
export function boxKeysOf(verify: ReadonlyMap<string, webcrypto.CryptoKey>): ReadonlyMap<string, KeyObject> {
  const before = known.get(verify)
  if (before !== undefined) return before
  const keys = new Map([...verify].map(([kid, key]) => [kid, toBoxPublicKey(xOf(key))]))
  known.set(verify, keys)
  return keys
}

function xOf(key: webcrypto.CryptoKey): string {
  return String(KeyObject.from(key).export({ format: 'jwk' }).x)
}

function mod(value: bigint): bigint {
  return ((value % P) + P) % P
}

/** By Fermat: value^(p-2). */
function inverse(value: bigint): bigint {
  let [result, base, exponent] = [1n, value, P - 2n]
  for (; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = mod(result * base)
    base = mod(base * base)
  }
  return result
}
