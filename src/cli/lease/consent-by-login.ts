import { LOGIN_SETTINGS } from '../../config/roles.ts'
import { askIssuer } from '../../identity/login/issuer-client.ts'
import { settings } from '../command/settings.ts'
import type { Terminal } from '../command/terminal.ts'
import { toCliError, withoutRefresh } from '../login/login.ts'
import { signInByDevice } from '../login/sign-in.ts'
import { whereToConsent } from '../login/where-to-login.ts'

const WARNING = 'Whoever enters it lets this agent act for them: only if you want that.'

/** A token by which a person lets this agent act for them, given in any browser of theirs; nothing of it is kept. */
export async function consentByLogin(terminal: Terminal): Promise<string> {
  const { scopes, ...client } = await whereToConsent(settings(terminal, LOGIN_SETTINGS), terminal.env)
  try {
    const asked = await askIssuer(client)
    const given = await signInByDevice(asked, { scopes, renew: false }, terminal, WARNING)
    await withoutRefresh(given, asked)
    return given.idToken
  } catch (error) {
    return toCliError(error)
  }
}
