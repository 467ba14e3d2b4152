import { readFile } from 'node:fs/promises'
import type { Environment } from '../../config/read-config.ts'
import { CLIENT_SETTINGS, type ClientConfig } from '../../config/roles.ts'
import { SETTINGS } from '../../config/settings.ts'
import { type ClientCertificate, type HttpAnswer, httpCall, whyUnreachable } from '../../support/net/http-call.ts'
import { BrokerRefusal, CliError } from '../command/cli-error.ts'
import { settings } from '../command/settings.ts'
import type { Terminal } from '../command/terminal.ts'
import { readCaFile } from './read-ca-file.ts'
import { readClientCertificate } from './read-client-certificate.ts'

const ANSWER_MS = 10_000
const MAX_ANSWER = 16_777_216

const NO_IDENTITY = SETTINGS.identityTokenFile.doc

/** What an answer must look like: a schema of zod, or a reader by hand where loading zod would be most of the time. */
export interface AnswerReader<T> {
  readonly safeParse: (value: unknown) => { readonly success: true; readonly data: T } | { readonly success: false }
}

export type BrokerClient = <T>(
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  answer: AnswerReader<T>,
  body?: object,
) => Promise<T>

/** By what the broker knows who asks. */
interface Credentials {
  readonly token: string | null
  readonly certificate: ClientCertificate | null
}

interface Asking {
  readonly config: ClientConfig
  readonly env: Environment
}

/** Calls the broker with the caller's own identity token, read anew for each call; `given`: with this one instead. */
export function brokerClient(terminal: Terminal, given?: () => Promise<string>): BrokerClient {
  const config = settings(terminal, CLIENT_SETTINGS)
  const prove = given ?? proofOf(config, terminal)
  const isLogin = given === undefined && config.identityTokenFile === null && config.clientCertFile === null
  return clientFor({ config, env: terminal.env }, isLogin ? '; run: leasegate login' : '', async () => {
    const certificate = await readClientCertificate(config)
    return { token: await prove(certificate), certificate }
  })
}

/** Calls the broker for whoever brought this token; nothing of our own identity goes with it. */
export function brokerClientFor(terminal: Pick<Terminal, 'env'>, token: () => string): BrokerClient {
  const asking = { config: settings(terminal, CLIENT_SETTINGS), env: terminal.env }
  return clientFor(asking, '', async () => ({ token: token(), certificate: null }))
}

/** `mend`: what whoever is not known can do about it. */
function clientFor(asking: Asking, mend: string, credentials: () => Promise<Credentials>): BrokerClient {
  const { config } = asking
  return async (method, path, answer, body = {}) => {
    const call = { method, path, body: method === 'GET' ? '' : JSON.stringify(body) }
    const response = await send(asking, await credentials(), call)
    // Of every answer of an API server, and of the boundary, which stands in its place; never of a broker's.
    if (response.headers['audit-id'] !== undefined) throw notABroker(config.brokerUrl)
    const value = parseJson(response.text)
    if (response.status >= 200 && response.status < 300) {
      const checked = answer.safeParse(value)
      if (checked.success) return checked.data
      throw new CliError('unavailable', `${config.brokerUrl} does not answer like a broker of this version`)
    }
    throw toCliError(response.status, value, config.brokerUrl, mend)
  }
}

/** As kubectl finds it, which may run beside us behind the same one. */
async function proxyOf(url: string, env: Environment): Promise<string | null> {
  if (env['HTTPS_PROXY'] === undefined && env['https_proxy'] === undefined) return null
  // Loaded when it is needed: kubectl waits for every module of its plugin.
  return (await import('../../support/net/proxy-for.ts')).proxyFor(url, env)
}

function notABroker(url: string): CliError {
  const what = 'the boundary or an API server answers there'
  return new CliError('usage', `${url} is no broker: ${what}; ${SETTINGS.brokerUrl.env} is the address of the broker`)
}

function toCliError(status: number, body: unknown, url: string, mend: string): CliError {
  const { kind, message, details } = (body ?? {}) as Partial<Record<'kind' | 'message' | 'details', unknown>>
  const said = kind === 'Status' && typeof message === 'string' ? message : `${url} answered with status ${status}`
  if (status >= 500) return new CliError('unavailable', said)
  return new BrokerRefusal(status, `${said}${status === 401 ? mend : ''}`, approvalIn(details))
}

/** The question that it waits for, where it says so. */
function approvalIn(details: unknown): string | null {
  const { causes } = (details ?? {}) as { readonly causes?: unknown }
  if (!Array.isArray(causes)) return null
  const cause = causes.find(one => one?.reason === 'LeasegateApproval')
  return typeof cause?.message === 'string' ? cause.message : null
}

/**
 * The one place that says as whom somebody asks: by the token that the settings name, else by their certificate alone, else by their login.
 * Null: by the certificate.
 */
function proofOf(config: ClientConfig, { env }: Terminal): (certificate: object | null) => Promise<string | null> {
  let login: (() => Promise<string | null>) | null = null
  return async certificate => {
    if (config.identityTokenFile !== null) return readIdentityToken(config.identityTokenFile)
    if (certificate !== null) return null
    // Loaded when it is needed: agents have none, and kubectl waits for every module of its plugin.
    login ??= (await import('../login/login-token.ts')).loginToken(config.brokerUrl, env)
    return (await login()) ?? readIdentityToken(null)
  }
}

interface Call {
  readonly method: string
  readonly path: string
  readonly body: string
}

async function send(
  { config, env }: Asking,
  { token, certificate }: Credentials,
  { method, path, body }: Call,
): Promise<HttpAnswer> {
  const headers = {
    ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    accept: 'application/json',
    ...(body === '' ? {} : { 'content-type': 'application/json' }),
  }
  const ca =
    config.brokerCaFile === null
      ? null
      : await readCaFile(config.brokerCaFile, "the broker's CA (LEASEGATE_BROKER_CA_FILE)")
  const url = new URL(path, config.brokerUrl).href
  const proxy = await proxyOf(url, env)
  try {
    const limits = { withinMs: ANSWER_MS, maxBytes: MAX_ANSWER }
    return await httpCall({ method, url, headers, body, ca, certificate, proxy, ...limits })
  } catch (error) {
    const why = whyUnreachable(error)
    const hint = why.includes('unknown CA') ? ' (LEASEGATE_BROKER_CA_FILE)' : ''
    throw new CliError('unavailable', `cannot reach the broker at ${config.brokerUrl}: ${why}${hint}`, error)
  }
}

/** The caller's identity token, as it is now. */
export async function readIdentityToken(file: string | null): Promise<string> {
  if (file === null)
    throw new CliError(
      'usage',
      `settings: LEASEGATE_IDENTITY_TOKEN_FILE is not set: ${NO_IDENTITY} People log in instead: leasegate login`,
    )
  const text = await readFile(file, 'utf8').catch(cause => {
    throw new CliError('usage', `cannot read your identity token (LEASEGATE_IDENTITY_TOKEN_FILE): ${file}`, cause)
  })
  const token = text.trim()
  if (/^[\w.~+/-]+=*$/.test(token)) return token
  throw new CliError('usage', `there is no token in ${file} (LEASEGATE_IDENTITY_TOKEN_FILE)`)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
