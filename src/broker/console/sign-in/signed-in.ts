import type { MiddlewareHandler } from 'hono'
import { principalOf } from '../../../identity/sign-in/sessions.ts'
import { StatusError } from '../../http/refusal/status.ts'
import type { ConsoleEnv, WithConsole } from '../console-env.ts'
import { readCookie } from './cookies.ts'

/**
 * Pages are for people of the policy, as it stands at this moment: who is taken out of it, or loses a role, has lost it with the next
 * click. Everybody else is sent to sign in.
 */
export function signedIn(parts: WithConsole): MiddlewareHandler<ConsoleEnv> {
  return async (context, next) => {
    const session = await parts.console.sessions.find(readCookie(context, 'session'))
    if (session === null) {
      if (context.req.method !== 'GET') throw new StatusError(401, 'your session has ended; sign in and do it again')
      return context.redirect(`/console/sign-in?to=${encodeURIComponent(context.req.path)}`, 303)
    }
    const identified = principalOf(session, parts.policy())
    if (identified.kind === 'refused') throw new StatusError(403, identified.detail)
    if (identified.principal.kind !== 'person') throw new StatusError(403, 'the console is for people')
    context.set('session', session)
    context.set('principal', identified.principal)
    return next()
  }
}
