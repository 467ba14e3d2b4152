import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { CLIENT_SETTINGS, type ClientConfig } from '../config/roles.ts'
import { SETTINGS } from '../config/settings.ts'
import { type HttpAnswer, httpCall, whyUnreachable } from '../support/http-call.ts'
import { CliError } from './cli-error.ts'
import { readCaFile } from './read-ca-file.ts'
import { readClientCertificate } from './read-client-certificate.ts'
import { settings } from './settings.ts'
import type { Terminal } from './terminal.ts'

const ANSWER_MS = 10_000
const MAX_ANSWER = 16_777_216

const NO_IDENTITY = SETTINGS.identityTokenFile.doc

const STATUS = z.looseObject({ kind: z.literal('Status'), message: z.string() })

export type BrokerClient = <T>(
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  answer: z.ZodType<T>,
  body?: object,
) => Promise<T>

/** Calls the broker with the caller's own identity token, read anew for each call. */
export function brokerClient(terminal: Terminal): BrokerClient {
  const config = settings(terminal, CLIENT_SETTINGS)
  return async (method, path, answer, body = {}) => {
    const response = await send(config, method, path, method === 'GET' ? '' : JSON.stringify(body))
    const value = parseJson(response.text)
    if (response.status >= 200 && response.status < 300) {
      const checked = answer.safeParse(value)
      if (checked.success) return checked.data
      throw new CliError('unavailable', `${config.brokerUrl} does not answer like a broker of this version`)
    }
    throw toCliError(response.status, value, config.brokerUrl)
  }
}

function toCliError(status: number, body: unknown, url: string): CliError {
  const said = STATUS.safeParse(body)
  const code = status >= 500 ? 'unavailable' : 'refused'
  return new CliError(code, said.success ? said.data.message : `${url} answered with status ${status}`)
}

async function send(config: ClientConfig, method: string, path: string, body: string): Promise<HttpAnswer> {
  const certificate = await readClientCertificate(config)
  const headers = {
    ...(config.identityTokenFile === null && certificate !== null
      ? {}
      : { authorization: `Bearer ${await readIdentityToken(config.identityTokenFile)}` }),
    accept: 'application/json',
    ...(body === '' ? {} : { 'content-type': 'application/json' }),
  }
  const ca =
    config.brokerCaFile === null
      ? null
      : await readCaFile(config.brokerCaFile, "the broker's CA (LEASEGATE_BROKER_CA_FILE)")
  const url = new URL(path, config.brokerUrl).href
  try {
    return await httpCall({ method, url, headers, body, ca, certificate, withinMs: ANSWER_MS, maxBytes: MAX_ANSWER })
  } catch (error) {
    const why = whyUnreachable(error)
    const hint = why.includes('unknown CA') ? ' (LEASEGATE_BROKER_CA_FILE)' : ''
    throw new CliError('unavailable', `cannot reach the broker at ${config.brokerUrl}: ${why}${hint}`, error)
  }
}

/** The caller's identity token, as it is now. */
export async function readIdentityToken(file: string | null): Promise<string> {
  if (file === null) throw new CliError('usage', `settings: LEASEGATE_IDENTITY_TOKEN_FILE is not set: ${NO_IDENTITY}`)
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
