import { generateKeyPairSync } from 'node:crypto'
import { exportJWK } from 'jose'
import { describe, expect, test } from 'vitest'
import { TestIssuer } from '../../support/issuer.ts'
import { caFile, corp, identifierOf, odd, publishes } from './the-issuer.ts'

describe('a key set with something odd in it', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' })
  const short = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' })
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })

  test.each<{ name: string; entry: unknown; says: string | null }>([
    { name: 'null', entry: null, says: 'no key with a kty' },
    { name: 'a text', entry: 'key', says: 'no key with a kty' },
    { name: 'a number', entry: 7, says: 'no key with a kty' },
    { name: 'a list', entry: [[]], says: 'no key with a kty' },
    { name: 'an id alone', entry: { kid: 'x' }, says: 'no key with a kty' },
    { name: 'a kty that is no text', entry: { kty: 7, kid: 'key-1' }, says: 'no key with a kty' },
    { name: 'a kty of the future', entry: { kty: 'AKP', alg: 'ML-DSA-44', pub: 'AA', kid: 'key-1' }, says: null },
    { name: 'a curve of the future', entry: { kty: 'EC', crv: 'P-999', x: 'AA', y: 'AA', kid: 'key-1' }, says: null },
    { name: 'a key for encryption', entry: { ...rsa, use: 'enc', kid: 'key-1' }, says: null },
    {
      name: 'a broken RSA key',
      entry: { kty: 'RSA', n: '!', e: 'AQAB', kid: 'r' },
      says: 'an RSA key of less than 2048 bits',
    },
    { name: 'half an RSA key', entry: { kty: 'RSA', e: 'AQAB', kid: 'r' }, says: 'a key that cannot be read' },
    { name: 'a short RSA key', entry: { ...short, kid: 'r' }, says: 'an RSA key of less than 2048 bits' },
    {
      name: 'a point off its curve',
      entry: { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' },
      says: 'a key that cannot be read',
    },
    {
      name: 'a private key',
      entry: { ...privateKey.export({ format: 'jwk' }), kid: 'p' },
      says: 'a private key, which everybody has now',
    },
    {
      name: 'a shared secret',
      entry: { kty: 'oct', k: 'AAAA', kid: 'key-1' },
      says: 'a private key, which everybody has now',
    },
    { name: 'one that names a prototype', entry: { kty: '__proto__', kid: 'constructor' }, says: null },
  ])('counts as the others in it do: $name', async ({ entry, says }) => {
    for (const keys of [
      [entry, corp.jwk],
      [corp.jwk, entry],
    ]) {
      odd.length = 0
      publishes(...keys)
      const identifier = identifierOf(caFile, ['RS256', 'ES256'])
      expect(await identifier.identify(await corp.token())).toMatchObject({ kind: 'principal' })
      expect(odd).toEqual(says === null ? [] : [`corp keys[${keys.indexOf(entry)}]: ${says}`])
    }
  })

  test.each<{ name: string; keys: () => readonly unknown[] }>([
    { name: 'the same entry twice', keys: () => [corp.jwk, corp.jwk, { ...corp.jwk }] },
    {
      name: 'the same key written in two ways',
      keys: () => [
        { alg: 'ES256', ...corp.jwk },
        { ...corp.jwk, x5t: 'x' },
      ],
    },
    { name: 'one id for RSA and EC', keys: () => [{ ...rsa, kid: 'key-1' }, corp.jwk] },
    { name: 'one key without an id', keys: () => [{ ...corp.jwk, kid: undefined }] },
  ])('opens to a token of its issuer: $name', async ({ keys }) => {
    publishes(...keys())
    const identifier = identifierOf(caFile, ['RS256', 'ES256'])
    const token = await corp.token({}, keys().every(key => !hasId(key)) ? { kid: undefined } : {})
    expect(await identifier.identify(token)).toMatchObject({ kind: 'principal' })
    const forger = await TestIssuer.create()
    expect(await identifier.identify(await forger.token())).toMatchObject({ kind: 'refused', reason: 'bad-token' })
  })

  test('a published private key opens nothing, whatever is signed with it', async () => {
    publishes({ ...(await exportJWK(corp.key)), kid: 'key-1', alg: 'ES256' })
    expect(await identifierOf().identify(await corp.token())).toMatchObject({ kind: 'refused', reason: 'bad-token' })
  })

  test('is spoken of once, and shortly', async () => {
    publishes(corp.jwk, ...Array.from({ length: 500 }, () => null))
    const identifier = identifierOf()
    for (let i = 0; i < 3; i++) await identifier.identify(await corp.token())
    expect(odd).toHaveLength(6)
    expect(odd.at(-1)).toBe('corp 495 more')
  })
})

function hasId(key: unknown): boolean {
  return (key as { readonly kid?: unknown }).kid !== undefined
}
