import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto'
import { ok, type Parsed, problem } from '../../support/text/parsed.ts'

/** A witness as its key names it (c2sp.org/signed-note, verifier keys). */
export interface Witness {
  readonly name: string
  readonly key: KeyObject
  readonly keyId: Buffer
}

/** Ed25519 cosignatures (c2sp.org/tlog-cosignature). Node's own keys of ML-DSA-44 have no such witness to be tried with. */
const COSIGNATURE_V1 = 4
const KEY_BYTES = 32
const SIGNATURE_BYTES = 64
/** Of a key in DER (RFC 8410), before its 32 bytes. */
const SPKI = Buffer.from('302a300506032b6570032100', 'hex')

/** From `name+id+key`. */
export function parseWitnessKey(text: string): Parsed<Witness> {
  const {
    name = '',
    id = '',
    key = '',
  } = /^(?<name>[^\s+]+)\+(?<id>[0-9a-f]{8})\+(?<key>[A-Za-z0-9+/]+={0,2})$/.exec(text)?.groups ?? {}
  const bytes = Buffer.from(key, 'base64')
  if (bytes.length !== 1 + KEY_BYTES || bytes[0] !== COSIGNATURE_V1) {
    return problem('is no key of a witness that signs with Ed25519, as name+id+key')
  }
  const raw = bytes.subarray(1)
  const keyId = createHash('sha256').update(`${name}\n`).update(bytes).digest().subarray(0, 4)
  if (keyId.toString('hex') !== id) return problem('has another id than its name and key come to')
  return ok({ name, keyId, key: createPublicKey({ key: Buffer.concat([SPKI, raw]), format: 'der', type: 'spki' }) })
}

/** When this witness signed the text, epoch milliseconds; null where none of the lines is its good signature. */
export function cosignedAt(text: string, lines: readonly string[], { name, key, keyId }: Witness): number | null {
  for (const line of lines) {
    const signature = signatureOf(line, name)
    if (signature === null || !signature.subarray(0, 4).equals(keyId)) continue
    if (signature.length !== 4 + 8 + SIGNATURE_BYTES) continue
    const seconds = signature.readBigUInt64BE(4)
    const signed = Buffer.from(`cosignature/v1\ntime ${seconds}\n${text}`)
    if (seconds <= LATEST && verify(null, signed, key, signature.subarray(12))) return Number(seconds) * 1000
  }
  return null
}

/** Signature lines of a note. */
export function signatureLines(note: string): readonly string[] {
  return note
    .slice(note.lastIndexOf('\n\n') + 2)
    .split('\n')
    .slice(0, -1)
}

/** A signature line as we would write it: base64 is read with anything between its letters. */
export function plainLine(line: string, { name }: Witness): string {
  return `— ${name} ${signatureOf(line, name)?.toString('base64')}`
}

/** Beyond it a number of milliseconds is not exact. */
const LATEST = 9_000_000_000_000n

function signatureOf(line: string, name: string): Buffer | null {
  const prefix = `— ${name} `
  return line.startsWith(prefix) ? Buffer.from(line.slice(prefix.length), 'base64') : null
}
