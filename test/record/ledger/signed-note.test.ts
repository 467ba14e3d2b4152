import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { openCheckpoint, signCheckpoint, splitNotes } from '../../../src/record/ledger/format/checkpoint.ts'
import {
  openNote,
  parsePrivateKey,
  parsePublicKey,
  signNote,
  toVerifierKey,
} from '../../../src/record/ledger/format/signed-note.ts'
import { Frontier, leafHash } from '../../../src/record/ledger/format/tree.ts'

/** The example of golang.org/x/mod/sumdb/note, which the format comes from. */
const SEED = 'AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz'
const VERIFIER = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'
const TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
const SIGNED = `${TEXT}
— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
`

function keyFromSeed(seed: Buffer): KeyObject {
  const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed])
  return createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
}

const peters = keyFromSeed(Buffer.from(SEED, 'base64').subarray(1))
const petersPublic = createPublicKey(peters)

describe('signNote', () => {
  test('makes the very bytes that other tools make', () => {
    expect(signNote(TEXT, 'PeterNeumann', peters)).toBe(SIGNED)
    expect(toVerifierKey('PeterNeumann', petersPublic)).toBe(VERIFIER)
  })
})

describe('openNote', () => {
  test('gives the text of what the key signed, beside signatures of others', () => {
    const { privateKey: other } = generateKeyPairSync('ed25519')
    const witnessed = SIGNED + signNote(TEXT, 'witness.example/w', other).slice(TEXT.length + 1)
    for (const note of [SIGNED, witnessed]) {
      expect(openNote(note, 'PeterNeumann', petersPublic)).toEqual({ kind: 'ok', value: TEXT })
    }
  })

  test.each([
    { name: 'another text', note: SIGNED.replace('answer', 'problem') },
    { name: 'another name', note: SIGNED.replace('— PeterNeumann', '— PaulNeumann') },
    { name: 'another signature', note: SIGNED.replace('ZJkuBS', 'ZJkuBT') },
    { name: 'another key id', note: SIGNED.replace('x08go', 'y08go') },
    { name: 'no signature', note: TEXT },
    { name: 'a line that is none', note: `${SIGNED}- PeterNeumann AAAA\n` },
    { name: 'a cut line', note: SIGNED.slice(0, -1) },
  ])('refuses $name', ({ note }) => {
    expect(openNote(note, 'PeterNeumann', petersPublic).kind).toBe('problem')
  })
})

describe('checkpoints', () => {
  const tree = new Frontier()
  for (const n of [1, 2, 3]) tree.append(leafHash(`${n}`))

  test('are of their own ledger and key', () => {
    const note = signCheckpoint('tap-a', tree, peters)
    expect(openCheckpoint(note, 'tap-a', petersPublic)).toEqual({ kind: 'ok', value: { size: 3, root: tree.root() } })
    expect(openCheckpoint(note, 'tap-b', petersPublic).kind).toBe('problem')
    expect(openCheckpoint(note, 'tap-a', generateKeyPairSync('ed25519').publicKey).kind).toBe('problem')
  })

  test.each([0, 1, 5])('%i of them come apart as they were put together, and half of one is left over', count => {
    const note = signCheckpoint('tap-a', tree, peters)
    const text = `${note}\n`.repeat(count)
    expect(splitNotes(text)).toEqual({ notes: Array(count).fill(note), rest: '' })
    for (const cut of [1, 20, note.length - 3]) {
      const { notes, rest } = splitNotes(text + note.slice(0, cut))
      expect({ notes: notes.length, rest }).toEqual({ notes: count, rest: note.slice(0, cut) })
    }
  })
})

describe('parsePublicKey', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const pem = (key: KeyObject, type: 'pkcs8' | 'spki') => String(key.export({ type, format: 'pem' }))

  test('takes the public half, and refuses the private one, other keys and what is none', () => {
    expect(parsePublicKey(pem(publicKey, 'spki')).kind).toBe('ok')
    expect(parsePrivateKey(pem(privateKey, 'pkcs8')).kind).toBe('ok')
    const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    for (const text of [pem(privateKey, 'pkcs8'), pem(ec.publicKey, 'spki'), '', 'x']) {
      const parsed = parsePublicKey(text)
      expect(parsed.kind).toBe('problem')
      if (text.length > 1) expect(JSON.stringify(parsed)).not.toContain(text.slice(30, 60))
    }
    expect(parsePrivateKey(pem(publicKey, 'spki')).kind).toBe('problem')
  })
})
