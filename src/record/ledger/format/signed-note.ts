import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { ok, type Parsed, problem } from '../../../support/text/parsed.ts'

/**
 * Signed notes (c2sp.org/signed-note) with one signature of Ed25519. The name of the key is the origin of the ledger, so that one key of an
 * installation signs for all of them and each checkpoint carries the name that its ledger has.
 */
const ED25519 = 1
const LINE = /^— (?<name>[^\s+]+) (?<signature>[A-Za-z0-9+/]+={0,2})$/u

/** Text and signature lines; the text ends with a line break and has no control characters. */
export function signNote(text: string, name: string, key: KeyObject): string {
  const signature = Buffer.concat([keyId(name, createPublicKey(key)), sign(null, Buffer.from(text), key)])
  return `${text}\n— ${name} ${signature.toString('base64')}\n`
}

/** The text of a note that this key signed under this name. Signatures of others are left alone. */
export function openNote(note: string, name: string, key: KeyObject): Parsed<string> {
  const end = note.lastIndexOf('\n\n')
  if (end < 0 || !note.endsWith('\n')) return problem('it is no signed note')
  const text = note.slice(0, end + 1)
  const lines = note
    .slice(end + 2, -1)
    .split('\n')
    .map(line => LINE.exec(line)?.groups)
  if (lines.some(line => line === undefined)) return problem('a signature line cannot be read')
  const id = keyId(name, key)
  const ours = lines
    .filter(line => line?.['name'] === name)
    .map(line => Buffer.from(line?.['signature'] ?? '', 'base64'))
    .filter(signature => signature.subarray(0, 4).equals(id))
  if (ours.length === 0) return problem('the key has not signed it')
  const good = ours.every(signature => verify(null, Buffer.from(text), key, signature.subarray(4)))
  return good ? ok(text) : problem('the signature is not of this text')
}

/** The key as other tools for notes want it: `name+id+key`. */
export function toVerifierKey(name: string, key: KeyObject): string {
  const bytes = Buffer.concat([Buffer.from([ED25519]), rawKey(key)])
  return `${name}+${keyId(name, key).toString('hex')}+${bytes.toString('base64')}`
}

/** From PEM. The message never repeats what is in it. */
export function parsePrivateKey(pem: string): Parsed<KeyObject> {
  return parse(pem, createPrivateKey, 'a private Ed25519 key in PEM')
}

export function parsePublicKey(pem: string): Parsed<KeyObject> {
  // Node would make the public half out of a private key: what an auditor is given must not be that.
  if (pem.includes('PRIVATE KEY')) return problem('is a private key; verifying needs the public one alone')
  return parse(pem, createPublicKey, 'a public Ed25519 key in PEM')
}

function parse(pem: string, read: (pem: string) => KeyObject, wanted: string): Parsed<KeyObject> {
  try {
    const key = read(pem)
    return key.asymmetricKeyType === 'ed25519' ? ok(key) : problem(`is not ${wanted}`)
  } catch {
    return problem(`is not ${wanted}`)
  }
}

function keyId(name: string, key: KeyObject): Buffer {
  return createHash('sha256')
    .update(`${name}\n`)
    .update(Buffer.from([ED25519]))
    .update(rawKey(key))
    .digest()
    .subarray(0, 4)
}

/** Its 32 bytes (RFC 8032). */
function rawKey(key: KeyObject): Buffer {
  return Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url')
}
