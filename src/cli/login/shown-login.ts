import { CLIENT_SETTINGS } from '../../config/roles.ts'
import { timeLeft } from '../../support/time/time-left.ts'
import { settings } from '../command/settings.ts'
import type { Terminal } from '../command/terminal.ts'
import type { Login, Store } from './store/kept-login.ts'
import { loginStore } from './store/login-store.ts'

/** What may be said of a login. */
export interface ShownLogin extends Pick<Login, 'issuer' | 'how' | 'expiresAt' | 'renews'> {
  readonly store: Store
}

/** By what commands are somebody here; null: by a token or certificate that the settings name. */
export async function loginInUse(terminal: Terminal): Promise<ShownLogin | null> {
  const { brokerUrl, identityTokenFile, clientCertFile } = settings(terminal, CLIENT_SETTINGS)
  if (identityTokenFile !== null || clientCertFile !== null) return null
  const file = await loginStore(brokerUrl, terminal.env).find()
  return file === null ? null : toShown(file, file.store)
}

export function toShown({ issuer, how, expiresAt, renews }: Login, store: Store): ShownLogin {
  return { issuer, how, expiresAt, renews, store }
}

/** A line of its own. */
export function describeLogin({ issuer, how, expiresAt, renews, store }: ShownLogin, now: number): string {
  const by = how === 'device' ? 'a device code' : 'a browser'
  const until = `${new Date(expiresAt).toISOString()} (${timeLeft(expiresAt, now)})`
  const then = renews ? `renewed by itself, next at ${until}` : `until ${until}, then: leasegate login`
  return `logged in at ${issuer} with ${by}, ${then}; kept in ${store === 'file' ? 'a file' : 'the keychain'}\n`
}
