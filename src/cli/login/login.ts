import { Command, Option } from 'commander'
import { LOGIN_SETTINGS, type LoginConfig } from '../../config/roles.ts'
import { SETTINGS } from '../../config/settings.ts'
import { type AskedIssuer, askIssuer } from '../../identity/login/issuer-client.ts'
import { LoginError } from '../../identity/login/login-error.ts'
import type { LoginTokens } from '../../identity/login/login-tokens.ts'
import { revokeLogin } from '../../identity/login/renew-login.ts'
import { WHOAMI, type WhoAmI } from '../access/whoami.ts'
import { brokerClient } from '../broker/broker-client.ts'
import { CliError } from '../command/cli-error.ts'
import { outputOption, toJson } from '../command/output.ts'
import { settings } from '../command/settings.ts'
import type { Terminal } from '../command/terminal.ts'
import { contextOption } from './context-option.ts'
import { describeLogin, toShown } from './shown-login.ts'
import { signInByBrowser, signInByDevice } from './sign-in.ts'
import { keepLogin } from './store/keep-login.ts'
import type { Login, Store } from './store/kept-login.ts'
import { loginStore } from './store/login-store.ts'
import { whereToLogIn } from './where-to-login.ts'

interface Options {
  readonly device?: true
  readonly issuer?: string
  readonly store?: Store
  readonly refresh: boolean
  readonly output: string
}

export function loginCommand(terminal: Terminal): Command {
  return new Command('login')
    .option('--device', 'with a code that you enter in any browser, for a machine that has none')
    .addOption(contextOption())
    .option('--issuer <name>', 'which issuer of the policy, where there are several to log in at')
    .addOption(
      new Option(
        '--store <where>',
        'what keeps the tokens (default: the keychain where there is one, else a file of yours alone)',
      ).choices(['keychain', 'file']),
    )
    .option('--no-refresh', 'end with the first identity token: no refresh token is asked for or kept')
    .addOption(outputOption())
    .action(async (options: Options) => {
      await logIn(terminal, options).catch(toCliError)
    })
}

async function logIn(terminal: Terminal, options: Options): Promise<void> {
  const config = settings(terminal, LOGIN_SETTINGS)
  const { scopes, ...client } = await whereToLogIn(config, options.issuer, terminal.env)
  const asked = await askIssuer(client)
  const how = options.device ? 'device' : 'browser'
  const signIn = how === 'device' ? signInByDevice : signInByBrowser
  const given = await signIn(asked, { scopes, renew: options.refresh }, terminal)
  const me = await personOf(given, asked, { terminal, config })
  const tokens = options.refresh ? given : await withoutRefresh(given, asked)
  const { issuer, issuerCaFile, clientId } = client
  const { subject, expiresAt, refreshToken } = tokens
  const renews = refreshToken !== null
  const brokerUrl = new URL(config.brokerUrl).origin
  const login: Login = { brokerUrl, issuer, issuerCaFile, clientId, subject, how, expiresAt, renews }
  const { store, before } = await keepLogin(loginStore(brokerUrl, terminal.env), login, tokens, options.store, terminal)
  if (before !== null && !isSame(before.login, login))
    await revokeLogin(before.login, before.refreshToken).catch(() => undefined)
  const shown = toShown(login, store)
  terminal.print(
    options.output === 'json'
      ? toJson({ name: me.name, roles: me.roles, login: shown })
      : `${me.name}, ${me.roles.join(' and ')}\n  ${describeLogin(shown, Date.now())}`,
  )
  terminal.note(`${notUsed(config)}`)
}

/** Of one person and client some issuers revoke all that there is with one token (Auth0, Keycloak): the new login would end with the old one. */
function isSame(one: Login, other: Login): boolean {
  return one.issuer === other.issuer && one.clientId === other.clientId && one.subject === other.subject
}

interface Around {
  readonly terminal: Terminal
  readonly config: LoginConfig
}

type Person = Extract<WhoAmI, { readonly kind: 'person' }>

/** What is not known to be a person's is not kept: an agent has nothing that rests. */
async function personOf(tokens: LoginTokens, asked: AskedIssuer, { terminal, config }: Around): Promise<Person> {
  try {
    const me = await brokerClient(terminal, async () => tokens.idToken)('GET', '/v1/whoami', WHOAMI)
    if (me.kind === 'person') return me
    throw new CliError('refused', `this is agent ${me.name}: only people log in, agents have tokens of their own`)
  } catch (error) {
    await withoutRefresh(tokens, asked)
    if (!(error instanceof CliError)) throw error
    const what = `you signed in at ${asked.issuer}, and are not logged in at ${config.brokerUrl}`
    throw new CliError(error.code, `${what}: ${error.message}`, error)
  }
}

/** One that came unasked, or for nothing, is given back. */
export async function withoutRefresh(tokens: LoginTokens, asked: AskedIssuer): Promise<LoginTokens> {
  if (tokens.refreshToken !== null) await revokeLogin(asked, tokens.refreshToken).catch(() => undefined)
  return { ...tokens, refreshToken: null }
}

function notUsed({ identityTokenFile, clientCertFile }: LoginConfig): string {
  const used = identityTokenFile !== null ? 'identityTokenFile' : clientCertFile !== null ? 'clientCertFile' : null
  return used === null ? '' : `it is not used here, where ${SETTINGS[used].env} says who you are\n`
}

const CODES = { refused: 'refused', unavailable: 'unavailable', late: 'timeout' } as const

export function toCliError(error: unknown): never {
  if (!(error instanceof LoginError)) throw error
  throw new CliError(CODES[error.code], error.message, error)
}
