import { describe, expect, test } from 'vitest'
import { generateKeyFiles, parseSigningKey, parseVerifyKeys } from '../../../src/identity/keys/keys.ts'

describe('generateKeyFiles', () => {
  test('makes a new key each time, named by its thumbprint in both files, private in one of them only', async () => {
    const [one, two] = [await generateKeyFiles(), await generateKeyFiles()]
    expect(one.signing).not.toBe(two.signing)
    expect(JSON.parse(one.signing).keys[0].kid).toBe(JSON.parse(one.verify).keys[0].kid)
    expect(JSON.parse(one.verify).keys[0]).not.toHaveProperty('d')
  })
})

describe('parseSigningKey', () => {
  test('the first key signs', async () => {
    const [one, two] = [await generateKeyFiles(), await generateKeyFiles()]
    const both = { keys: [JSON.parse(two.signing).keys[0], JSON.parse(one.signing).keys[0]] }
    const parsed = await parseSigningKey(JSON.stringify(both))
    expect(parsed).toMatchObject({ kind: 'ok', value: { kid: both.keys[0].kid } })
  })

  test.each(['', '{', '[]', '{}', '{"keys":[]}', '{"keys":[{"kty":"oct","k":"AAAA","kid":"a"}]}'])(
    'refuses %j and never repeats it',
    async text => expect(await parseSigningKey(text)).toMatchObject({ kind: 'problem' }),
  )

  test('refuses a public key', async () => {
    expect(await parseSigningKey((await generateKeyFiles()).verify)).toMatchObject({ kind: 'problem' })
  })
})

describe('parseVerifyKeys', () => {
  test('takes two keys while they are rotated', async () => {
    const [one, two] = [await generateKeyFiles(), await generateKeyFiles()]
    const keys = [...JSON.parse(one.verify).keys, ...JSON.parse(two.verify).keys]
    const parsed = await parseVerifyKeys(JSON.stringify({ keys }))
    expect(parsed.kind === 'ok' && [...parsed.value.keys()]).toEqual(keys.map(key => key.kid))
  })

  test('refuses a private key where public ones belong, without showing it', async () => {
    const { signing } = await generateKeyFiles()
    const parsed = await parseVerifyKeys(signing)
    expect(parsed).toMatchObject({ kind: 'problem' })
    expect(JSON.stringify(parsed)).not.toContain(JSON.parse(signing).keys[0].d)
  })

  test('refuses two keys of one name', async () => {
    const [one, two] = [await generateKeyFiles(), await generateKeyFiles()]
    const [first] = JSON.parse(one.verify).keys
    const [second] = JSON.parse(two.verify).keys
    const keys = [first, { ...second, kid: first.kid }]
    expect(await parseVerifyKeys(JSON.stringify({ keys }))).toMatchObject({ kind: 'problem' })
  })

  test.each(['', 'null', '{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB","kid":"a"}]}'])('refuses %j', async text =>
    expect(await parseVerifyKeys(text)).toMatchObject({ kind: 'problem' }),
  )
})
