import type { MiddlewareHandler } from 'hono'
import type { Identified, IdentityProblem } from '../../identity/identifier.ts'
import { fromAuthorization } from '../../identity/token/authorization.ts'
import type { HeaderLine } from '../../request/http-request.ts'
import type { BrokerEnv, BrokerParts } from '../parts.ts'
import { refusalLog } from './refusal-log.ts'
import { type StatusCode, StatusError } from './status.ts'

const PROBLEMS = {
  'bad-token': { code: 401, says: 'the token is not a valid identity token' },
  'token-expired': { code: 401, says: 'the identity token has expired' },
  'lease-token': { code: 401, says: 'the broker wants your identity token' },
  'unknown-identity': { code: 403, says: 'this identity is not known here' },
  'ambiguous-identity': { code: 403, says: 'this identity is not unique here' },
  unavailable: { code: 503, says: 'your identity cannot be checked' },
} as const satisfies Record<IdentityProblem, { readonly code: StatusCode; readonly says: string }>

/** Only identity tokens open the broker. */
export function authenticate({ identifier, clock, log }: BrokerParts): MiddlewareHandler<BrokerEnv> {
  const logRefusal = refusalLog(log, clock)
  return async (context, next) => {
    const identified = await identify(context.req.raw.headers, identifier)
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

/** Repeated Authorization headers arrive joined by a comma, which no token has. */
async function identify(headers: Headers, identifier: BrokerParts['identifier']): Promise<Identified> {
  const authorization = fromAuthorization([...headers] as readonly HeaderLine[])
  if (authorization.kind === 'token') return identifier.identify(authorization.token)
  const detail = authorization.reason === 'no-credential' ? 'none was sent' : authorization.detail
  return { kind: 'refused', reason: 'bad-token', detail }
}
