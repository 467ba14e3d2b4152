import { CliError } from '../../command/cli-error.ts'
import type { Terminal } from '../../command/terminal.ts'
import type { KeptTokens, Login, Store } from './kept-login.ts'
import type { LoginStore } from './login-store.ts'

interface Kept {
  readonly store: Store
  /** What was there before, where it could be renewed. */
  readonly before: { readonly login: Login; readonly refreshToken: string } | null
}

/** In the store that was named; where none was, in the keychain if it can be used, else in a file. */
export async function keepLogin(
  logins: LoginStore,
  login: Login,
  { idToken, refreshToken }: KeptTokens,
  wanted: Store | undefined,
  { note }: Pick<Terminal, 'note'>,
): Promise<Kept> {
  return logins.alone(async () => {
    const before = await replaceable(logins)
    const put = (store: Store) => logins.put(login, { idToken, refreshToken }, store).then(() => store)
    const store = await put(wanted ?? 'keychain').catch(error => {
      if (wanted !== undefined || !(error instanceof CliError) || error.code !== 'unavailable') throw error
      note(`No keychain can be used here: the tokens are in ${logins.path}, which nobody but you can read.\n`)
      return put('file')
    })
    return { store, before }
  })
}

async function replaceable(logins: LoginStore): Promise<Kept['before']> {
  try {
    const login = await logins.find()
    const { refreshToken = null } = login === null ? {} : await logins.open(login)
    return login === null || refreshToken === null ? null : { login, refreshToken }
  } catch (error) {
    // It is replaced all the same.
    if (error instanceof CliError) return null
    throw error
  }
}
