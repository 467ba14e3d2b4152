import { beginCodeLogin } from '../../identity/login/code-login.ts'
import { beginDeviceLogin } from '../../identity/login/device-login.ts'
import type { AskedIssuer } from '../../identity/login/issuer-client.ts'
import { LoginError } from '../../identity/login/login-error.ts'
import type { LoginTokens } from '../../identity/login/login-tokens.ts'
import type { Wanted } from '../../identity/login/wanted-scopes.ts'
import { aborted } from '../../support/process/shutdown.ts'
import { timeLeft } from '../../support/time/time-left.ts'
import type { Terminal } from '../command/terminal.ts'
import { openLoopback } from './loopback.ts'
import { openBrowser } from './open-browser.ts'

const WAIT_MS = 5 * 60_000
const STOPPED = 'stopped; you are not logged in'

/** In a browser on this machine. */
export async function signInByBrowser(asked: AskedIssuer, wanted: Wanted, terminal: Terminal): Promise<LoginTokens> {
  const stopping = terminal.stopping()
  await using loopback = await openLoopback()
  const { url, state, finish } = await beginCodeLogin(asked, loopback.redirectUri, wanted)
  const back = loopback.wait(state, AbortSignal.any([stopping, AbortSignal.timeout(WAIT_MS)]))
  back.catch(() => undefined)
  terminal.note(`Sign in with a browser of this machine:\n\n  ${url}\n\n`)
  const isOpen = await openBrowser(url, terminal.env)
  terminal.note(isOpen ? 'It should have opened by itself.\n' : 'No browser here? leasegate login --device\n')
  const { query, show } = await back.catch(() => {
    throw stopping.aborted
      ? new LoginError('refused', STOPPED)
      : new LoginError('late', `nobody signed in within ${timeLeft(WAIT_MS, 0)}; you are not logged in`)
  })
  try {
    const tokens = await finish(query)
    show('You have signed in. Go on in the terminal, and close this page.')
    return tokens
  } catch (error) {
    show('You have not signed in. The terminal says why.')
    throw error
  }
}

/** In a browser anywhere. */
export async function signInByDevice(
  asked: AskedIssuer,
  wanted: Wanted,
  terminal: Terminal,
  warning = 'Enter no code that somebody else sent you.',
): Promise<LoginTokens> {
  const stopping = terminal.stopping()
  const { url, directUrl, code, validMs, finish } = await beginDeviceLogin(asked, wanted)
  const direct = directUrl === null ? '' : `  or, with the code in it: ${directUrl}\n`
  terminal.note(`Open ${url} in any browser, and enter ${code}\n${direct}`)
  terminal.note(`It is valid for ${timeLeft(validMs, 0)}. ${warning}\n`)
  // It looks at the signal between two questions alone, and nobody wants to wait for the next one.
  const stopped = aborted(stopping).then(() => {
    throw new LoginError('refused', STOPPED)
  })
  return Promise.race([finish(stopping), stopped])
}
