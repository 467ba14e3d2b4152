import { setTimeout as pause } from 'node:timers/promises'
import { Hono } from 'hono'
import type { Principal } from '../../identity/caller.ts'
import type { Role } from '../../policy/policy.ts'
import { sessionEnded } from '../../record/journal/events.ts'
import { maskText } from '../../record/mask/mask-text.ts'
import { serveOperation } from '../http/operation.ts'
import { isNamed } from '../http/path-parameters.ts'
import { StatusError } from '../http/refusal/status.ts'
import type { BrokerEnv, BrokerParts, Person } from '../parts.ts'
import { END_SESSION } from './session-operations.ts'

/** To take away wants less than to give: whoever sponsors the agent may, too. */
const MAY_END: readonly Role[] = ['approver', 'stopper', 'admin']
/** Authorizers look twice a second. */
const CUT_WITHIN_MS = 3000
const LOOK_EVERY_MS = 100

export interface EndedSession {
  readonly auditId: string
  readonly by: string
  readonly reason: string
  /** Null: no authorizer said within seconds that it cut it. It may be over, or open at one that does not hear of this. */
  readonly cutAt: number | null
}

export function sessionRoutes(parts: BrokerParts): Hono<BrokerEnv> {
  const routes = new Hono<BrokerEnv>()
  serveOperation(routes, END_SESSION, async ({ principal, path, body }) => {
    const { reason } = await body()
    return endSession(path.auditId, reason, principal, parts)
  })
  return routes
}

async function endSession(
  auditId: string,
  said: string,
  principal: Principal,
  { streams, policy, clock, log }: BrokerParts,
): Promise<EndedSession> {
  const { name: by } = whoMay(principal)
  if (!isNamed('auditId', auditId)) throw new StatusError(400, 'a session is named by its audit id')
  const reason = maskText(said, policy().mask)
  await streams.end({ auditId, event: JSON.stringify(sessionEnded({ auditId, by, reason }, clock())) })
  const late = performance.now() + CUT_WITHIN_MS
  let isCut = await streams.wasCut(auditId)
  while (!isCut && performance.now() < late) {
    await pause(LOOK_EVERY_MS)
    isCut = await streams.wasCut(auditId)
  }
  log.warn(
    { auditId, by, isCut },
    isCut ? 'a session was ended' : 'a session is to end, and no authorizer said that it cut it',
  )
  return { auditId, by, reason, cutAt: isCut ? clock() : null }
}

function whoMay(principal: Principal): Person {
  if (principal.kind === 'person' && principal.roles.some(role => MAY_END.includes(role))) return principal
  throw new StatusError(403, 'only people whom the policy file gives the role approver, stopper or admin end sessions')
}
