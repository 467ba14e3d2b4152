import { Command } from 'commander'
import { CLIENT_SETTINGS } from '../../config/roles.ts'
import { LoginError } from '../../identity/login/login-error.ts'
import { CliError } from '../command/cli-error.ts'
import { settings } from '../command/settings.ts'
import type { Terminal } from '../command/terminal.ts'
import { contextOption } from './context-option.ts'
import type { LoginFile } from './store/kept-login.ts'
import { type LoginStore, loginStore } from './store/login-store.ts'

export function logoutCommand(terminal: Terminal): Command {
  return new Command('logout').addOption(contextOption()).action(async () => {
    const { brokerUrl } = settings(terminal, CLIENT_SETTINGS)
    const store = loginStore(brokerUrl, terminal.env)
    terminal.note(`${await store.alone(() => logOut(store, brokerUrl))}\n`)
  })
}

/** Gone from here first, whatever the issuer says. */
async function logOut(store: LoginStore, brokerUrl: string): Promise<string> {
  const found = await read(store)
  await store.remove()
  if (found === null) return `you are not logged in at ${brokerUrl}`
  if (found === 'unusable') return `${store.path} is removed; nothing of it was used, and nothing revoked`
  const { file, refreshToken } = found
  if (refreshToken === null) return `logged out of ${brokerUrl}`
  const { revokeLogin } = await import('../../identity/login/renew-login.ts')
  const isRevoked = await revokeLogin(file, refreshToken).catch((error: unknown) => {
    if (!(error instanceof LoginError)) throw error
    throw new CliError('unavailable', `logged out here, but the refresh token was not revoked: ${error.message}`, error)
  })
  return isRevoked
    ? `logged out of ${brokerUrl}, and the refresh token is revoked`
    : `logged out of ${brokerUrl}; ${file.issuer} revokes no refresh tokens, so it ends there with its time`
}

async function read(
  store: LoginStore,
): Promise<{ readonly file: LoginFile; readonly refreshToken: string | null } | 'unusable' | null> {
  try {
    const file = await store.find()
    return file === null ? null : { file, refreshToken: (await store.open(file)).refreshToken }
  } catch (error) {
    if (error instanceof CliError) return 'unusable'
    throw error
  }
}
