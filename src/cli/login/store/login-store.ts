import { createHash } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join } from 'node:path'
import type { Environment } from '../../../config/read-config.ts'
import { CliError } from '../../command/cli-error.ts'
import { type KeptTokens, type Login, type LoginFile, parseLoginFile, type Store } from './kept-login.ts'
import { type Keychain, KeychainError, keychainOf } from './keychain.ts'
import { withLock } from './lock-file.ts'
import { makeFolder, readPrivate, writePrivate } from './private-file.ts'
import { newKey, openTokens, sealTokens } from './seal-tokens.ts'

/** The login at one broker. */
export interface LoginStore {
  readonly path: string
  /** Null where there is none. Throws a CliError for one that is not to be used. */
  find(): Promise<LoginFile | null>
  /** Its tokens. Throws a CliError where the keychain does not give them. */
  open(file: LoginFile): Promise<KeptTokens>
  /** In place of what was there. Throws a CliError where that store cannot be used. */
  put(login: Login, tokens: KeptTokens, store: Store): Promise<void>
  /** The next tokens of a login that is there, kept as those before. */
  replace(file: LoginFile, expiresAt: number, tokens: KeptTokens): Promise<void>
  /** All of it, whatever it is. */
  remove(): Promise<void>
  /** Does the work while no other process renews or changes this login. */
  alone<T>(work: () => Promise<T>): Promise<T>
}

const AGAIN = 'run: leasegate login'

export function loginStore(url: string, env: Environment): LoginStore {
  const brokerUrl = new URL(url).origin
  const account = createHash('sha256').update(brokerUrl).digest('hex').slice(0, 32)
  const path = join(folderOf(env), `${account}.json`)
  const keychain = keychainOf(env)
  const write = (file: LoginFile) => writePrivate(path, `${JSON.stringify(file)}\n`)
  return {
    path,
    find: async () => {
      const text = await readPrivate(path)
      if (text === null) return null
      const file = parseLoginFile(text)
      if (file?.brokerUrl === brokerUrl) return file
      throw new CliError('usage', `${path} is no login of this version; ${AGAIN}`)
    },
    open: async file => {
      if (file.store === 'file') return file.tokens
      const key = await keyIn(keychain, account)
      const tokens = key === null ? null : openTokens(file.sealed, key, about(file))
      if (tokens !== null) return tokens
      throw new CliError('usage', `your keychain does not have the key of this login any more; ${AGAIN}`)
    },
    put: async (login, tokens, store) => {
      if (store === 'file') {
        await write({ version: 1, ...login, store, tokens })
        await keychain?.remove(account).catch(() => undefined)
      } else {
        const key = await keepKey(keychain, account)
        await write({ version: 1, ...login, store, sealed: sealTokens(tokens, key, about(login)) })
      }
    },
    replace: async (file, expiresAt, tokens) => {
      const next = { ...file, expiresAt, renews: tokens.refreshToken !== null }
      if (next.store === 'file') return write({ ...next, tokens })
      const key = await keyIn(keychain, account)
      if (key === null) throw new CliError('usage', `your keychain does not have the key of this login; ${AGAIN}`)
      return write({ ...next, sealed: sealTokens(tokens, key, about(next)) })
    },
    remove: async () => {
      await rm(path, { force: true })
      await keychain?.remove(account).catch(() => undefined)
    },
    alone: async work => {
      await makeFolder(dirname(path))
      return withLock(`${path}.lock`, work)
    },
  }
}

/** Where programs of this user keep what is theirs and no configuration. */
function folderOf(env: Environment): string {
  const state = env['XDG_STATE_HOME'] || ''
  return join(isAbsolute(state) ? state : join(env['HOME'] || homedir(), '.local', 'state'), 'leasegate', 'logins')
}

/** What of a closed login nobody changes without its key: who gets its tokens. */
function about({ brokerUrl, issuer, issuerCaFile, clientId, subject }: Login): string {
  return JSON.stringify([brokerUrl, issuer, issuerCaFile, clientId, subject])
}

async function keyIn(keychain: Keychain | null, account: string): Promise<string | null> {
  try {
    return (await keychain?.find(account)) ?? null
  } catch (cause) {
    if (!(cause instanceof KeychainError)) throw cause
    const mend = 'unlock it, or run: leasegate login --store file'
    throw new CliError('unavailable', `your keychain cannot be read (${cause.message}): ${mend}`, cause)
  }
}

/** A new one with each login. What a keychain took and does not give back would be missed when it is needed. */
async function keepKey(keychain: Keychain | null, account: string): Promise<string> {
  const key = newKey()
  try {
    await keychain?.put(account, key)
    if (keychain !== null && (await keychain.find(account)) === key) return key
  } catch (cause) {
    if (!(cause instanceof KeychainError)) throw cause
    throw new CliError(
      'unavailable',
      `your keychain cannot be used (${cause.message}); --store file does without`,
      cause,
    )
  }
  throw new CliError('unavailable', 'there is no keychain here that can be used; --store file does without')
}
