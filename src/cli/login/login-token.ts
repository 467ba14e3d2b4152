import type { Environment } from '../../config/read-config.ts'
import { LoginError } from '../../identity/login/login-error.ts'
import { CliError } from '../command/cli-error.ts'
import type { KeptTokens, LoginFile } from './store/kept-login.ts'
import { type LoginStore, loginStore } from './store/login-store.ts'

/** A token that ends on its way is of no use. */
const SOON_MS = 60_000
const AGAIN = 'run: leasegate login'

interface Current {
  readonly token: string
  readonly expiresAt: number
}

/** The identity token of whoever is logged in at this broker, renewed where it has ended; null where nobody is. Asks once for many at a time. */
export function loginToken(brokerUrl: string, env: Environment): () => Promise<string | null> {
  const store = loginStore(brokerUrl, env)
  let current: Current | null = null
  let asking: Promise<Current | null> | null = null
  return async () => {
    if (current === null || isOver(current, SOON_MS)) {
      asking ??= find(store).finally(() => {
        asking = null
      })
      current = await asking
    }
    return current?.token ?? null
  }
}

async function find(store: LoginStore): Promise<Current | null> {
  const file = await store.find()
  if (file === null) return null
  if (!isOver(file, SOON_MS)) return asItIs(file, await store.open(file))
  if (!file.renews) return whileItLasts(file, await store.open(file))
  return store.alone(() => renewed(store))
}

/** Nobody else is at it now, but somebody was: what they left counts. */
async function renewed(store: LoginStore): Promise<Current | null> {
  const file = await store.find()
  if (file === null) return null
  const tokens = await store.open(file)
  const { idToken, refreshToken } = tokens
  if (!isOver(file, SOON_MS)) return asItIs(file, tokens)
  if (refreshToken === null) return whileItLasts(file, tokens)
  // Loaded when it is needed: it is most of what a login takes to load.
  const { renewLogin } = await import('../../identity/login/renew-login.ts')
  try {
    const next = await renewLogin(file, { subject: file.subject, refreshToken })
    if (next === null) {
      await store.replace(file, file.expiresAt, { idToken, refreshToken: null })
      return whileItLasts(file, tokens)
    }
    await store.replace(file, next.expiresAt, { idToken: next.idToken, refreshToken: next.refreshToken })
    return { token: next.idToken, expiresAt: next.expiresAt }
  } catch (error) {
    if (!(error instanceof LoginError)) throw error
    if (!isOver(file, 0)) return asItIs(file, tokens)
    throw notRenewed(error)
  }
}

function notRenewed(error: LoginError): CliError {
  const code = error.code === 'unavailable' ? 'unavailable' : 'usage'
  const mend = code === 'unavailable' ? 'try again later' : AGAIN
  return new CliError(code, `your login could not be renewed: ${error.message}; ${mend}`, error)
}

function asItIs({ expiresAt }: LoginFile, { idToken }: KeptTokens): Current {
  return { token: idToken, expiresAt }
}

function whileItLasts(file: LoginFile, tokens: KeptTokens): Current {
  if (!isOver(file, 0)) return asItIs(file, tokens)
  throw new CliError('usage', `your login at ${file.issuer} has ended; ${AGAIN}`)
}

function isOver({ expiresAt }: Pick<Current, 'expiresAt'>, earlyMs: number): boolean {
  return expiresAt - Date.now() <= earlyMs
}
