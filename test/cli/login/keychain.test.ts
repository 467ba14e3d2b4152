import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { NOT_TRIED } from '../../../local/testing/count-results.ts'
import { KeychainError, keychainOf } from '../../../src/cli/login/store/keychain.ts'
import { newKey, openTokens, sealTokens } from '../../../src/cli/login/store/seal-tokens.ts'
import { type Keyring, missingPrograms, realKeyring, standIn } from './a-keyring.ts'
import { LoginWorld } from './login-world.ts'

const missing = missingPrograms()

const KEYRINGS = [
  { name: 'the stand-in for secret-tool', start: standIn as () => Promise<Keyring>, skip: false },
  {
    name: missing.length === 0 ? 'secret-tool and GNOME Keyring' : `${NOT_TRIED}${missing.join(', ')}`,
    start: realKeyring,
    skip: missing.length > 0,
  },
]

for (const { name, start, skip } of KEYRINGS)
  describe.skipIf(skip)(`the keychain, with ${name}`, () => {
    let keyring: Keyring
    beforeAll(async () => {
      keyring = await start()
    })
    afterAll(() => keyring?.[Symbol.asyncDispose]())
    const keychain = () => {
      const found = keychainOf(keyring.env, 'linux')
      if (found === null) throw new Error('none')
      return found
    }

    test('gives back what it was given, by account, and the newest', async () => {
      const [one, other] = [newKey(), newKey()]
      await keychain().put('account-1', newKey())
      await keychain().put('account-1', one)
      await keychain().put('account-2', other)
      expect(await keychain().find('account-1')).toBe(one)
      expect(await keychain().find('account-2')).toBe(other)
    })

    test('has nothing of what was removed, or never there', async () => {
      await keychain().put('account-3', newKey())
      await keychain().remove('account-3')
      expect(await keychain().find('account-3')).toBeNull()
      await keychain().remove('account-3')
      expect(await keychain().find('account-4')).toBeNull()
    })

    test('says so where it cannot be asked, which is not the same as having nothing', async () => {
      const env = { ...keyring.env, DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere' }
      const folder = keyring.env['KEYRING']
      if (folder !== undefined) await writeFile(join(folder, 'locked'), '')
      await expect(keychainOf(env, 'linux')?.find('account-1')).rejects.toThrow(KeychainError)
      await expect(keychainOf(env, 'linux')?.put('account-1', newKey())).rejects.toThrow(KeychainError)
      if (folder !== undefined) await rm(join(folder, 'locked'))
    })
  })

describe('tokens that are sealed', () => {
  const TOKENS = { idToken: 'a.b.c', refreshToken: 'r' }
  test('open with their key, for what they were sealed about, and not otherwise', () => {
    const key = newKey()
    const sealed = sealTokens(TOKENS, key, 'broker')
    expect(openTokens(sealed, key, 'broker')).toEqual(TOKENS)
    expect(openTokens(sealed, newKey(), 'broker')).toBeNull()
    expect(openTokens(sealed, key, 'another broker')).toBeNull()
    for (let at = 0; at < sealed.length; at += 7) {
      const changed = `${sealed.slice(0, at)}${sealed[at] === 'A' ? 'B' : 'A'}${sealed.slice(at + 1)}`
      expect(openTokens(changed, key, 'broker')).toBeNull()
    }
    for (const odd of ['', 'A', 'x'.repeat(20)]) expect(openTokens(odd, key, 'broker')).toBeNull()
  })
})

describe('a login in the keychain', () => {
  let world: LoginWorld
  beforeAll(async () => {
    world = await LoginWorld.start()
  })
  afterAll(() => world.stop())

  test('is taken by itself where there is one; no token is in a file, and nothing of it in arguments', async () => {
    await using home = await world.home()
    await using keyring = await standIn()
    home.env = { ...home.env, ...keyring.env }
    const ran = await home.logIn()
    expect(ran).toMatchObject({ code: 0, stdout: expect.stringContaining('kept in the keychain') })
    const text = await readFile(await home.file(), 'utf8')
    expect(text).not.toContain('idToken')
    expect(await home.leasegate('whoami')).toMatchObject({ code: 0, stdout: expect.stringContaining('hana') })
    const [secret = ''] = (await readdir(keyring.folder)).filter(name => name.startsWith('kept-'))
    const calls = await readFile(keyring.calls, 'utf8')
    expect(calls).not.toContain(await readFile(join(keyring.folder, secret), 'utf8'))
    expect(calls).not.toContain('LEASEGATE_')

    // Renewed in there as well.
    await writeFile(await home.file(), JSON.stringify({ ...JSON.parse(text), expiresAt: 0 }))
    expect(await home.leasegate('whoami')).toMatchObject({ code: 0 })
    expect(JSON.parse(await readFile(await home.file(), 'utf8'))).toMatchObject({ store: 'keychain' })

    await writeFile(join(keyring.folder, 'locked'), '')
    const locked = await home.leasegate('whoami')
    expect(locked).toMatchObject({ code: 3, stderr: expect.stringContaining('unlock it, or run: leasegate login') })
    await rm(join(keyring.folder, 'locked'))

    // Whoever changes whom the tokens are sent to has none.
    await writeFile(
      await home.file(),
      JSON.stringify({ ...JSON.parse(text), issuer: 'http://127.0.0.1:9', expiresAt: 0 }),
    )
    expect(await home.leasegate('whoami')).toMatchObject({ code: 2, stderr: expect.stringContaining('your keychain') })

    expect((await home.leasegate('logout')).code).toBe(0)
    expect((await readdir(keyring.folder)).filter(name => name.startsWith('kept-'))).toEqual([])
  })

  test('is not had where none can be used, and who wants one is told', async () => {
    await using home = await world.home()
    await using keyring = await standIn()
    await writeFile(join(keyring.folder, 'locked'), '')
    home.env = { ...home.env, ...keyring.env }
    const ran = await home.logIn('hana', '--store', 'keychain')
    expect(ran).toMatchObject({ code: 3, stdout: '', stderr: expect.stringContaining('--store file does without') })
    await expect(home.file()).rejects.toThrow(/no login/)
    const other = await home.logIn()
    expect(other.stderr).toContain('No keychain can be used here')
    expect(other.stdout).toContain('kept in a file')
  })

  test('is left alone with --store file', async () => {
    await using home = await world.home()
    await using keyring = await standIn()
    home.env = { ...home.env, ...keyring.env }
    expect((await home.logIn('hana', '--store', 'file')).stdout).toContain('kept in a file')
    expect(await readFile(keyring.calls, 'utf8')).not.toContain('store --label')
  })
})
