import type { MiddlewareHandler } from 'hono'
import type { Principal } from '../../../identity/caller.ts'
import type { Identified, IdentityProblem } from '../../../identity/identifier.ts'
import { matchPrincipal } from '../../../identity/match-principal.ts'
import { type Authorization, fromAuthorization } from '../../../identity/token/authorization.ts'
import type { Holder } from '../../../lease/lease.ts'
import type { HeaderLine } from '../../../request/http-request.ts'
import type { BrokerEnv, BrokerParts } from '../../parts.ts'
import { refusalLog } from '../refusal/refusal-log.ts'
import { type StatusCode, StatusError } from '../refusal/status.ts'
import { clientCertificate } from './client-certificate.ts'

const PROBLEMS = {
  'bad-token': { code: 401, says: 'the token is not a valid identity token' },
  'token-expired': { code: 401, says: 'the identity token has expired' },
  'lease-token': { code: 401, says: 'the broker wants your identity token' },
  'unknown-identity': { code: 403, says: 'this identity is not known here' },
  'ambiguous-identity': { code: 403, says: 'this identity is not unique here' },
  'bad-certificate': { code: 401, says: 'the client certificate is not one that is believed' },
  'other-agent': { code: 403, says: 'the client certificate is that of somebody else' },
  unavailable: { code: 503, says: 'your identity cannot be checked' },
} as const satisfies Record<Problem, { readonly code: StatusCode; readonly says: string }>

type Problem = IdentityProblem | 'bad-certificate' | 'other-agent'
type Found =
  | { readonly kind: 'principal'; readonly principal: Principal }
  | { readonly kind: 'refused'; readonly reason: Problem; readonly detail: string }

/** Identity tokens open the broker, and to agents the client certificate of their connection. */
export function authenticate(parts: BrokerParts): MiddlewareHandler<BrokerEnv> {
  const logRefusal = refusalLog(parts.log, parts.clock)
  return async (context, next) => {
    const identified = await identify(context.req.raw.headers, parts)
    if (identified.kind === 'refused') {
      logRefusal(identified.reason, identified.detail)
      const { code, says } = PROBLEMS[identified.reason]
      const message = identified.detail === '' ? says : `${says}: ${identified.detail}`
      throw new StatusError(code, message, code === 503 ? 1 : null)
    }
    context.set('principal', identified.principal)
    await next()
  }
}

async function identify(headers: Headers, { identifier, certificates, policy }: BrokerParts): Promise<Found> {
  const chain = certificates === null ? null : clientCertificate(headers)
  const token = tokenIn(headers)
  if (certificates === null || chain === null) return byToken(token, identifier)
  const shown = await certificates.identify(chain)
  if (shown.kind === 'refused') return shown
  const named = matchPrincipal(shown.identity, policy())
  if (token.kind === 'none' && token.reason === 'no-credential') return asAgent(named, shown.holder)
  const found = await byToken(token, identifier)
  if (found.kind !== 'principal' || found.principal.kind !== 'agent') return found
  return besideToken(named, found.principal.agent) ?? asAgent(found, shown.holder)
}

/** A certificate that is registered for nobody still binds. Null: it may stand beside the agent's token. */
function besideToken(named: Identified, agent: string): Found | null {
  if (named.kind === 'refused') return named.reason === 'unknown-identity' ? null : named
  const whose = named.principal.kind === 'agent' ? named.principal.agent : named.principal.name
  if (named.principal.kind === 'agent' && whose === agent) return null
  return { kind: 'refused', reason: 'other-agent', detail: `it is ${whose}'s, and the token ${agent}'s` }
}

/** People have no certificates here: what a browser shows by itself, it shows to whatever page made it ask. */
function asAgent(found: Identified, holder: Holder): Found {
  if (found.kind !== 'principal') return found
  const { principal } = found
  if (principal.kind !== 'agent') return { kind: 'refused', reason: 'unknown-identity', detail: 'it is no agent' }
  return { kind: 'principal', principal: { ...principal, holder } }
}

/** Repeated Authorization headers arrive joined by a comma, which no token has. */
function tokenIn(headers: Headers): Authorization {
  return fromAuthorization([...headers] as readonly HeaderLine[])
}

async function byToken(authorization: Authorization, identifier: BrokerParts['identifier']): Promise<Found> {
  if (authorization.kind === 'token') return identifier.identify(authorization.token)
  const detail = authorization.reason === 'no-credential' ? 'none was sent' : authorization.detail
  return { kind: 'refused', reason: 'bad-token', detail }
}
