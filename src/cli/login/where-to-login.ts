import { z } from 'zod'
import type { LoginConfig } from '../../config/roles.ts'
import { SETTINGS } from '../../config/settings.ts'
import type { LoginClient } from '../../identity/login/issuer-client.ts'
import { httpCall, whyUnreachable } from '../../support/net/http-call.ts'
import { proxyFor } from '../../support/net/proxy-for.ts'
import { unfitServerUrl } from '../../support/net/server-url.ts'
import { readCaFile } from '../broker/read-ca-file.ts'
import { CliError } from '../command/cli-error.ts'
import type { Terminal } from '../command/terminal.ts'

const ANSWER_MS = 10_000
const MAX_ANSWER = 65_536
const SCOPES = 'openid profile email'
const PLACES = z.array(
  z.object({
    name: z.string(),
    issuer: z.string().refine(url => unfitServerUrl(url) === null),
    clientId: z.string().min(1),
    scopes: z.string().exactOptional(),
  }),
)
const SAID = z.object({ issuers: PLACES, consents: PLACES.default([]) })

export interface LoginPlace extends LoginClient {
  readonly scopes: string
}

/** Where somebody logs in: as their settings say, else as the broker does. `named`: which of several. */
export async function whereToLogIn(
  config: LoginConfig,
  named: string | undefined,
  env: Terminal['env'],
): Promise<LoginPlace> {
  const { loginIssuer: issuer, loginIssuerCaFile: issuerCaFile, loginClientId: clientId, loginScopes } = config
  if (issuer !== null && clientId !== null) return { issuer, issuerCaFile, clientId, scopes: loginScopes ?? SCOPES }
  if (issuer !== null || clientId !== null)
    throw new CliError('usage', `settings: ${SETTINGS.loginIssuer.env} and ${SETTINGS.loginClientId.env} go together`)
  const { issuers: said } = await askBroker(config, env)
  const found = named === undefined ? said : said.filter(({ name }) => name === named)
  const [only, ...others] = found
  if (only !== undefined && others.length === 0)
    return { issuer: only.issuer, issuerCaFile, clientId: only.clientId, scopes: loginScopes ?? only.scopes ?? SCOPES }
  const names = said.map(({ name }) => name).join(', ')
  if (said.length === 0)
    throw new CliError(
      'refused',
      `nobody can log in at ${config.brokerUrl}: its policy has no issuer with login; say where with ${SETTINGS.loginIssuer.env} and ${SETTINGS.loginClientId.env}`,
    )
  throw new CliError('usage', `say with --issuer where you log in: ${names}`)
}

/** Where people say that an agent may act for them. */
export async function whereToConsent(config: LoginConfig, env: Terminal['env']): Promise<LoginPlace> {
  const { consents } = await askBroker(config, env)
  const [only, ...others] = consents
  if (only === undefined)
    throw new CliError('refused', `the policy at ${config.brokerUrl} has no issuer with consentFor and login`)
  if (others.length > 0)
    throw new CliError(
      'refused',
      `there are several issuers to consent at (${consents.map(({ name }) => name).join(', ')}): bring a token of one of them with --on-behalf-of`,
    )
  const { issuer, clientId, scopes = SCOPES } = only
  return { issuer, issuerCaFile: config.loginIssuerCaFile, clientId, scopes }
}

async function askBroker(
  { brokerUrl, brokerCaFile }: LoginConfig,
  env: Terminal['env'],
): Promise<z.infer<typeof SAID>> {
  const ca = brokerCaFile === null ? null : await readCaFile(brokerCaFile, "the broker's CA (LEASEGATE_BROKER_CA_FILE)")
  const url = new URL('/login', brokerUrl).href
  const call = {
    method: 'GET',
    url,
    proxy: proxyFor(url, env),
    headers: { accept: 'application/json' },
    body: '',
    ca,
    withinMs: ANSWER_MS,
    maxBytes: MAX_ANSWER,
  }
  const answer = await httpCall(call).catch((error: unknown) => {
    throw new CliError('unavailable', `cannot reach the broker at ${brokerUrl}: ${whyUnreachable(error)}`, error)
  })
  const said = answer.status === 200 ? SAID.safeParse(parsed(answer.text)) : null
  if (said?.success) return said.data
  throw new CliError(
    'unavailable',
    `${brokerUrl} does not say where to log in; say it with ${SETTINGS.loginIssuer.env} and ${SETTINGS.loginClientId.env}`,
  )
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
