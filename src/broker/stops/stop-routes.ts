import { Hono } from 'hono'
import type { z } from 'zod'
import type { Principal } from '../../identity/caller.ts'
import type { Stop, StopAct } from '../../lease/stop/stop.ts'
import { describeSubject } from '../../lease/stop/subject.ts'
import type { Role } from '../../policy/policy.ts'
import { otherSubjects, unknownSubject } from '../../policy/stop-subject.ts'
import { toStopping } from '../../record/journal/events.ts'
import { maskText } from '../../record/mask/mask-text.ts'
import { serveOperation } from '../http/operation.ts'
import type { STOPPING } from '../http/read-body.ts'
import { StatusError } from '../http/refusal/status.ts'
import type { BrokerEnv, BrokerParts, Person } from '../parts.ts'
import { ACT_ON_LEASES, LIST_STOPS } from './stop-operations.ts'

/** Who may: to take away wants less than to give back. */
const ROLES_FOR = {
  end: ['admin', 'stopper'],
  stop: ['admin', 'stopper'],
  freeze: ['admin', 'stopper'],
  start: ['admin'],
  thaw: ['admin'],
} as const satisfies Record<StopAct, readonly Role[]>

export function stopRoutes(parts: BrokerParts): Hono<BrokerEnv> {
  const routes = new Hono<BrokerEnv>()
  serveOperation(routes, LIST_STOPS, async ({ principal }) => ({ stops: await seenBy(principal, parts) }))
  serveOperation(routes, ACT_ON_LEASES, async ({ principal, body }) => actOnLeases(await body(), principal, parts))
  return routes
}

export async function actOnLeases(
  { act, subject, reason: said, gone }: z.infer<typeof STOPPING>,
  principal: Principal,
  { stops, policy, clock, log }: BrokerParts,
): Promise<Stop> {
  const { name: by } = whoMay(act, principal)
  const today = policy()
  const unknown = gone || act === 'start' || act === 'thaw' ? null : unknownSubject(subject, today)
  if (unknown !== null) throw new StatusError(404, `${unknown} (of one that it had before: gone, --gone)`)
  const reason = maskText(said, today.mask)
  const asked = { subject, act, by, reason }
  const stands = await stops.act(toStopping(asked, otherSubjects(subject, today), clock()))
  if (stands === null) {
    const state = act === 'start' ? 'stopped' : 'frozen'
    throw new StatusError(404, `${describeSubject(subject)}: not ${state}`)
  }
  log.warn({ act, subject, by }, 'done to all leases of a subject')
  return stands
}

export function mayActOnLeases(act: StopAct, { roles }: Pick<Person, 'roles'>): boolean {
  const wanted: readonly Role[] = ROLES_FOR[act]
  return roles.some(role => wanted.includes(role))
}

function whoMay(act: StopAct, principal: Principal): Person {
  const wanted: readonly Role[] = ROLES_FOR[act]
  if (principal.kind === 'person' && mayActOnLeases(act, principal)) return principal
  throw new StatusError(
    403,
    `only people whom the policy file gives the role ${wanted.join(' or ')} may ${act} leases of others`,
  )
}

/** An agent sees what stands in its own way, of what it can know: not who else was stopped. */
async function seenBy(principal: Principal, { stops }: BrokerParts): Promise<readonly Stop[]> {
  const all = await stops.list()
  if (principal.kind === 'person') return all
  return all.filter(({ subject: { kind, name } }) => kind === 'all' || (kind === 'agent' && name === principal.agent))
}
