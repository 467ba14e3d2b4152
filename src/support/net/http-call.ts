import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import type https from 'node:https'

// Not imported: an import reads every export of node:http, and one of them loads all of fetch: a sixth of what `credential` takes.
const { request: httpRequest } = process.getBuiltinModule('node:http')
const { request: httpsRequest } = process.getBuiltinModule('node:https')

/** PEM. */
export interface ClientCertificate {
  readonly cert: string
  readonly key: string
}

export interface HttpCall {
  readonly method: string
  readonly url: string
  /** Path and query, sent as they are in place of the URL's: what is in a URL is normalised. */
  readonly target?: string
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  readonly body: string | Uint8Array
  /** PEM, null: the system's CAs. */
  readonly ca: string | null
  /** Shown to a server that asks for one. */
  readonly certificate?: ClientCertificate | null
  readonly withinMs: number
  /** Longest answer that is read, in bytes; a longer one rejects. */
  readonly maxBytes: number
  /** A proxy to go through, for https; null and absent: none. */
  readonly proxy?: string | null
  /** Keeps connections for the calls that follow; without one each call has its own. */
  readonly agent?: https.Agent
}

export interface HttpAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

/** One request. Node's fetch cannot be given a CA. Rejects with the error of the network. */
export async function httpCall({
  method,
  url,
  target: path,
  headers,
  body,
  ca,
  certificate = null,
  withinMs,
  maxBytes,
  agent,
  proxy = null,
}: HttpCall): Promise<HttpAnswer> {
  const target = new URL(url)
  const length = body.length === 0 ? {} : { 'content-length': String(Buffer.byteLength(body)) }
  const signal = AbortSignal.timeout(withinMs)
  // Loaded when it is needed: kubectl waits for every module of its plugin.
  const through = proxy === null ? null : await import('./through-proxy.ts')
  const socket = through === null || proxy === null ? {} : { socket: await through.throughProxy(proxy, target, signal) }
  const options = {
    method,
    headers: { ...headers, ...length } as OutgoingHttpHeaders,
    agent: agent ?? false,
    signal,
    ...(path === undefined ? {} : { path }),
  }
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const request =
    target.protocol === 'http:'
      ? httpRequest(target, options, resolve)
      : httpsRequest(target, { ...options, ...(ca === null ? {} : { ca }), ...certificate, ...socket }, resolve)
  request.on('error', reject)
  request.end(body)
  const response = await promise
  return { status: response.statusCode ?? 0, headers: response.headers, text: await readText(response, maxBytes) }
}

async function readText(response: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes > maxBytes) throw new Error('the answer is too long')
  }
  return Buffer.concat(chunks).toString('utf8')
}

const REACHES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there',
  ENOTFOUND: 'the name is not known',
  EAI_AGAIN: 'the name cannot be looked up',
  ECONNRESET: 'the connection was cut',
  EPROTO: 'no TLS comes about there: it may speak none, another version, or want a client certificate',
  ERR_SSL_WRONG_VERSION_NUMBER: 'what answers there does not speak TLS',
  HPE_INVALID_CONSTANT: 'what answers there does not speak HTTP',
  ETIMEDOUT: 'no answer in time',
  EHOSTUNREACH: 'there is no way there',
  ENETUNREACH: 'there is no way there',
  TimeoutError: 'no answer in time',
  ABORT_ERR: 'no answer in time',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is of an unknown CA',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is of an unknown CA',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is of an unknown CA',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is of an unknown CA',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
}

/** Why a call did not come through, for people. */
export function whyUnreachable(error: unknown): string {
  const { code, isPlain } = error as { readonly code?: unknown; readonly isPlain?: unknown }
  if (isPlain === true && error instanceof Error) return error.message
  return typeof code === 'string' ? (REACHES[code] ?? code) : 'the connection failed'
}
