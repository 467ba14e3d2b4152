import { readFile } from 'node:fs/promises'
import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import { z } from 'zod'
import { CLIENT_SETTINGS, type ClientConfig } from '../config/roles.ts'
import { CliError } from './cli-error.ts'
import { settings } from './settings.ts'
import type { Terminal } from './terminal.ts'

const ANSWER_MS = 10_000
const MAX_ANSWER = 16_777_216

const STATUS = z.looseObject({ kind: z.literal('Status'), message: z.string() })

export type BrokerClient = <T>(
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  answer: z.ZodType<T>,
  body?: object,
) => Promise<T>

/** Calls the broker with the caller's own identity token, read anew for each call. Node's fetch cannot be given a CA. */
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

interface Answer {
  readonly status: number
  readonly text: string
}

async function send(config: ClientConfig, method: string, path: string, body: string): Promise<Answer> {
  const token = await readToken(config.identityTokenFile)
  const ca = config.brokerCaFile === null ? {} : { ca: await readCa(config.brokerCaFile) }
  const url = new URL(path, config.brokerUrl)
  const headers = {
    authorization: `Bearer ${token}`,
    accept: 'application/json',
    ...(body === '' ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
  }
  const options = { method, headers, agent: false, signal: AbortSignal.timeout(ANSWER_MS) }
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  try {
    const request =
      url.protocol === 'http:'
        ? http.request(url, options, resolve)
        : https.request(url, { ...options, ...ca }, resolve)
    request.on('error', reject)
    request.end(body)
    const response = await promise
    return { status: response.statusCode ?? 0, text: await readText(response) }
  } catch (error) {
    throw toUnreachable(error, config)
  }
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes > MAX_ANSWER) throw new Error('the answer is too long')
  }
  return Buffer.concat(chunks).toString('utf8')
}

async function readToken(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(cause => {
    throw new CliError('usage', `cannot read your identity token (LEASEGATE_IDENTITY_TOKEN_FILE): ${file}`, cause)
  })
  const token = text.trim()
  if (/^[\w.~+/-]+=*$/.test(token)) return token
  throw new CliError('usage', `there is no token in ${file} (LEASEGATE_IDENTITY_TOKEN_FILE)`)
}

async function readCa(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(cause => {
    throw new CliError('usage', `cannot read the broker's CA (LEASEGATE_BROKER_CA_FILE): ${file}`, cause)
  })
}

const REACHES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there',
  ENOTFOUND: 'the name is not known',
  EAI_AGAIN: 'the name cannot be looked up',
  ECONNRESET: 'the connection was cut',
  TimeoutError: `no answer within ${ANSWER_MS / 1000} s`,
  ABORT_ERR: `no answer within ${ANSWER_MS / 1000} s`,
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is of an unknown CA (LEASEGATE_BROKER_CA_FILE)',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is of an unknown CA (LEASEGATE_BROKER_CA_FILE)',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is of an unknown CA (LEASEGATE_BROKER_CA_FILE)',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is of an unknown CA (LEASEGATE_BROKER_CA_FILE)',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
}

function toUnreachable(error: unknown, { brokerUrl }: ClientConfig): CliError {
  const code = (error as { readonly code?: unknown }).code
  const why = typeof code === 'string' ? (REACHES[code] ?? code) : 'the connection failed'
  return new CliError('unavailable', `cannot reach the broker at ${brokerUrl}: ${why}`, error)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
