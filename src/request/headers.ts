import type { HeaderLine } from './http-request.ts'
import { type Refused, refuse } from './refuse.ts'

/** Set by the boundary alone, or meaningful only to a proxy in front of it. */
const FORBIDDEN: ReadonlySet<string> = new Set(['audit-id', 'proxy-authorization', 'x-forwarded-client-cert'])
const FORBIDDEN_PREFIXES = ['impersonate', 'x-remote-']

/** With two of them, two readers could each take another one. */
const SINGLE: ReadonlySet<string> = new Set(['authorization', 'content-type', 'content-length', 'kubectl-session'])

/** A proxy drops the headers that Connection names: with others than these it would drop the identity that the boundary sets. */
const CONNECTION_TOKENS: ReadonlySet<string> = new Set(['upgrade', 'keep-alive', 'close'])

/**
 * Every subprotocol that Kubernetes serves. All others are refused, above all base64url.bearer.authorization.k8s.io.*, which carries
 * a token that the API server would take for the caller's.
 */
const SUBPROTOCOLS: ReadonlySet<string> = new Set([
  ...['v5.channel.k8s.io', 'v4.channel.k8s.io', 'v3.channel.k8s.io', 'v2.channel.k8s.io', 'channel.k8s.io'],
  ...['v4.base64.channel.k8s.io', 'base64.channel.k8s.io'],
  ...['SPDY/3.1+portforward.k8s.io', 'portforward.k8s.io'],
])

/** Refuses a request whose headers claim an identity or could take ours away; null when there is nothing to object to. */
export function refuseHeaders(headers: readonly HeaderLine[]): Refused | null {
  const seen = new Set<string>()
  for (const [rawName, value] of headers) {
    const name = rawName.toLowerCase()
    if (isForbidden(name) || (SINGLE.has(name) && seen.has(name)) || !isHarmless(name, value)) {
      return refuse('forbidden-header', printable(name))
    }
    seen.add(name)
  }
  return null
}

function isForbidden(name: string): boolean {
  return FORBIDDEN.has(name) || name.includes('_') || FORBIDDEN_PREFIXES.some(prefix => name.startsWith(prefix))
}

function isHarmless(name: string, value: string): boolean {
  switch (name) {
    case 'authorization':
    case 'content-type':
    case 'content-length':
      return !value.includes(',')
    case 'connection':
      return listItems(value).every(token => CONNECTION_TOKENS.has(token.toLowerCase()))
    case 'sec-websocket-protocol':
      return listItems(value).every(protocol => SUBPROTOCOLS.has(protocol))
    default:
      return true
  }
}

/** All values of a header, one a line, in order; `name` in lower case. */
export function headerValues(headers: readonly HeaderLine[], name: string): readonly string[] {
  return headers.filter(line => line[0].toLowerCase() === name).map(line => line[1])
}

/** Items of all lines of a list header, without the empty ones. */
export function headerItems(headers: readonly HeaderLine[], name: string): readonly string[] {
  return headerValues(headers, name).flatMap(listItems)
}

function listItems(value: string): readonly string[] {
  return value
    .split(',')
    .map(item => item.trim())
    .filter(item => item !== '')
}

/** What the client says about itself. Good for grouping and display, never for a decision. */
export interface ClientClaims {
  readonly userAgent: string
  readonly kubectlCommand: string
  readonly kubectlSession: string
}

/** Each cut to 512 bytes, with '?' for all but printable ASCII; '' when not sent. */
export function clientClaims(headers: readonly HeaderLine[]): ClientClaims {
  const claim = (name: string) => printable(headerValues(headers, name)[0] ?? '')
  return {
    userAgent: claim('user-agent'),
    kubectlCommand: claim('kubectl-command'),
    kubectlSession: claim('kubectl-session'),
  }
}

function printable(text: string): string {
  return text.slice(0, 512).replace(/[^\x20-\x7e]/g, '?')
}
