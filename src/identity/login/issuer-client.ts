import { readFile } from 'node:fs/promises'
import * as oidc from 'openid-client'
import { whyUnreachable } from '../../support/net/http-call.ts'
import { unfitServerUrl } from '../../support/net/server-url.ts'
import { issuerFetch } from '../sign-in/issuer-fetch.ts'
import { LoginError } from './login-error.ts'

/** Who we are to an issuer: a public client, which has no secret (RFC 8252 8.5). */
export interface LoginClient {
  readonly issuer: string
  /** CA of the issuer; null: the system's. */
  readonly issuerCaFile: string | null
  readonly clientId: string
}

export interface AskedIssuer extends LoginClient {
  readonly config: oidc.Configuration
}

/** What the issuer says of itself. Rejects with a LoginError. */
export async function askIssuer(client: LoginClient): Promise<AskedIssuer> {
  const { issuer, issuerCaFile, clientId } = client
  const ca = issuerCaFile === null ? null : await readCa(issuerCaFile)
  const options: oidc.DiscoveryRequestOptions = { [oidc.customFetch]: issuerFetch(ca) }
  // Plain http is for loopback, which whoever names the issuer sees to.
  if (issuer.startsWith('http:')) options.execute = [oidc.allowInsecureRequests]
  try {
    return { ...client, config: await oidc.discovery(new URL(issuer), clientId, undefined, oidc.None(), options) }
  } catch (cause) {
    throw new LoginError('unavailable', `${issuer} cannot be asked: ${whyNot(cause)}`, cause)
  }
}

async function readCa(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(cause => {
    throw new LoginError('refused', `cannot read the CA of the issuer (LEASEGATE_LOGIN_ISSUER_CA_FILE): ${file}`, cause)
  })
}

/** Somewhere that a browser, or somebody who reads it, may be sent to: no program, no file, no other scheme. */
export function publicUrl(value: string, { issuer }: LoginClient): URL {
  if (unfitServerUrl(value) === null) return new URL(value)
  throw new LoginError('refused', `${issuer} sends people to a place that begins with neither https:// nor loopback`)
}

/** An answer that came is a no; everything else is nobody's. */
export function toLoginError(issuer: string): (cause: unknown) => never {
  return cause => {
    if (cause instanceof LoginError) throw cause
    const said = saidBy(cause)
    if (said !== null) throw new LoginError('refused', NOS[said] ?? `${issuer} said no: ${said}`, cause)
    if (isUnfit(cause)) throw new LoginError('refused', `what ${issuer} answered ${unfitBy(cause)}`, cause)
    throw new LoginError('unavailable', `${issuer} cannot be asked: ${whyNot(cause)}`, cause)
  }
}

const NOS: Readonly<Record<string, string>> = {
  access_denied: 'the sign-in was denied',
  expired_token: 'nobody signed in while the code was valid',
}

/** A code of OAuth alone: descriptions are the issuer's words, and could be anything. */
export function saidBy(cause: unknown): string | null {
  if (!(cause instanceof oidc.AuthorizationResponseError || cause instanceof oidc.ResponseBodyError)) return null
  return /^[\w.-]{1,60}$/.test(cause.error) ? cause.error : 'an error'
}

/** It answered, and its answer is not one to this. What no answer came to has no code, or one of these. */
function isUnfit(cause: unknown): boolean {
  return codeOf(cause).startsWith('OAUTH_') && !NO_ANSWER.has(codeOf(cause)) && !(statusOf(cause) >= 500)
}

const NO_ANSWER: ReadonlySet<string> = new Set(['OAUTH_TIMEOUT', 'OAUTH_ABORT'])

function unfitBy(cause: unknown): string {
  return codeOf(cause) === 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED'
    ? 'is not valid now: its clock and that of this machine differ'
    : 'does not belong to this login'
}

function whyNot(cause: unknown): string {
  if (codeOf(cause) === 'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED') return 'it says that it is another issuer'
  const status = statusOf(cause)
  if (status > 0) return `it answered with status ${status}`
  if (codeOf(cause).startsWith('OAUTH_') && !NO_ANSWER.has(codeOf(cause)))
    return 'it does not answer like an OpenID issuer'
  const reason = (cause as Error).cause
  return whyUnreachable(reason instanceof DOMException ? { code: reason.name } : (reason ?? cause))
}

function codeOf(cause: unknown): string {
  const { code } = cause as { readonly code?: unknown }
  return typeof code === 'string' ? code : ''
}

/** Of an answer that was none to our question, else 0. */
function statusOf(cause: unknown): number {
  const { cause: answer } = cause as { readonly cause?: unknown }
  return answer instanceof Response ? answer.status : 0
}
