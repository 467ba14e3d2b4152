import type { HeaderLine } from './http-request.ts'
import { type Refused, refuse } from './refuse.ts'

/** Set by the boundary alone, or meaningful only to a proxy in front of it. */
const FORBIDDEN: ReadonlySet<string> = new Set(['audit-id', 'proxy-authorization', 'x-forwarded-client-cert'])

/** Identities, and what tells Envoy's router to send a request again, elsewhere or for longer than was decided. */
const FORBIDDEN_PREFIXES = [
  ...['impersonate', 'x-remote-'],
  ...['x-envoy-upstream-', 'x-envoy-retr', 'x-envoy-max-retries', 'x-envoy-hedge-'],
]

/** With two of them, two readers could each take another one. */
const SINGLE: ReadonlySet<string> = new Set([
  ...['authorization', 'content-type', 'content-length', 'transfer-encoding', 'content-encoding', 'kubectl-session'],
])

/** RFC 9110 token without the underscore, which some servers take for a hyphen. */
const NAME = /^[a-z0-9!#$%&'*+.^`|~-]+$/

/** With other bytes, what one reader trims or cuts off, another keeps. */
const PLAIN_VALUE = /^[\t\x20-\x7e]*$/

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
  // Of watches and logs.
  ...['binary.k8s.io', 'base64.binary.k8s.io'],
])

/**
 * Envoy takes 100, pseudo headers and its own among them, and the answer to a check adds two: with more lines than these an allowed
 * request would end in Envoy, after it was journaled. Tried in test/envoy/head-size.test.ts.
 */
export const MAX_HEADER_LINES = 90

/** Refuses a request whose headers claim an identity or could take ours away; null when there is nothing to object to. */
export function refuseHeaders(headers: readonly HeaderLine[]): Refused | null {
  if (headers.length > MAX_HEADER_LINES) {
    return refuse('too-many-headers', `${headers.length} lines, and ${MAX_HEADER_LINES} are passed on`)
  }
  const seen = new Set<string>()
  for (const [rawName, value] of headers) {
    const name = rawName.toLowerCase()
    if (isForbidden(name) || (SINGLE.has(name) && seen.has(name)) || !isHarmless(name, value)) {
      return refuse('forbidden-header', printable(name) || 'a header without a name')
    }
    seen.add(name)
  }
  return null
}

function isForbidden(name: string): boolean {
  return FORBIDDEN.has(name) || !NAME.test(name) || FORBIDDEN_PREFIXES.some(prefix => name.startsWith(prefix))
}

/** Whether a line of this name may have such a value. */
export function isHarmless(name: string, value: string): boolean {
  switch (name) {
    case 'authorization':
    case 'content-type':
      return PLAIN_VALUE.test(value) && !value.includes(',')
    case 'content-length':
      return /^[0-9]{1,15}$/.test(value)
    case 'transfer-encoding':
      return value.toLowerCase() === 'chunked'
    // A compressed body is judged by nobody; Kubernetes' clients send none, and its API server would not unpack it.
    case 'content-encoding':
      return value.toLowerCase() === 'identity'
    case 'upgrade':
      return PLAIN_VALUE.test(value)
    case 'connection':
      return PLAIN_VALUE.test(value) && listItems(value).every(token => CONNECTION_TOKENS.has(token.toLowerCase()))
    case 'sec-websocket-protocol':
      return PLAIN_VALUE.test(value) && listItems(value).every(protocol => SUBPROTOCOLS.has(protocol))
    // Envoy lets none of these through in a value; whoever did would leave it to the next reader where the line ends.
    default:
      return !/[\0\r\n]/.test(value)
  }
}

/** All values of a header, one a line, in order; `name` in lower case. */
export function headerValues(headers: readonly HeaderLine[], name: string): readonly string[] {
  const values: string[] = []
  // Each request is asked for a dozen names: most lines are told apart by their length.
  for (const line of headers) if (line[0].length === name.length && line[0].toLowerCase() === name) values.push(line[1])
  return values
}

/** Items of all lines of a list header, without the empty ones. */
export function headerItems(headers: readonly HeaderLine[], name: string): readonly string[] {
  const values = headerValues(headers, name)
  return values.length === 0 ? values : values.flatMap(listItems)
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
  return {
    userAgent: claimIn(headers, 'user-agent'),
    kubectlCommand: claimIn(headers, 'kubectl-command'),
    kubectlSession: clientSession(headers),
  }
}

/** The last of these alone. */
export function clientSession(headers: readonly HeaderLine[]): string {
  return claimIn(headers, 'kubectl-session')
}

function claimIn(headers: readonly HeaderLine[], name: string): string {
  return printable(headerValues(headers, name)[0] ?? '')
}

function printable(text: string): string {
  return text.slice(0, 512).replace(/[^\x20-\x7e]/g, '?')
}
