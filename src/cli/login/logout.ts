import { Command } from 'commander'
import { CLIENT_SETTINGS } from '../../config/roles.ts'
import { LoginError } from '../../identity/login/login-error.ts'
import { CliError } from '../command/cli-error.ts'
import { outputOption, toJson } from '../command/output.ts'
import { settings } from '../command/settings.ts'
import type { Terminal } from '../command/terminal.ts'
import { contextOption } from './context-option.ts'
import type { LoginFile } from './store/kept-login.ts'
import { type LoginStore, loginStore } from './store/login-store.ts'

export function logoutCommand(terminal: Terminal): Command {
  const command = new Command('logout').addOption(contextOption()).addOption(outputOption())
  return command.action(async ({ output }: { readonly output: string }) => {
    const { brokerUrl } = settings(terminal, CLIENT_SETTINGS)
    const store = loginStore(brokerUrl, terminal.env)
    const done = await store.alone(() => logOut(store, brokerUrl))
    if (output === 'json') terminal.print(toJson({ broker: brokerUrl, done }))
    else terminal.note(`${done}\n`)
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
