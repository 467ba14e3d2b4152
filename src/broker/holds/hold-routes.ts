import { Hono } from 'hono'
import type { z } from 'zod'
import type { Principal } from '../../identity/caller.ts'
import type { Hold } from '../../lease/hold/hold.ts'
import type { HeldAgent } from '../../lease/hold/hold-agent.ts'
import { suggest } from '../../policy/file/issues/suggest.ts'
import type { HoldEvent } from '../../record/journal/journal-entry.ts'
import { maskText } from '../../record/mask/mask-text.ts'
import { serveOperation } from '../http/operation.ts'
import type { HOLD } from '../http/read-body.ts'
import { StatusError } from '../http/refusal/status.ts'
import type { BrokerEnv, BrokerParts, Person } from '../parts.ts'
import { holdByBroker } from './hold-agent.ts'
import { LIST_HOLDS, PLACE_HOLD, RELEASE_AGENT } from './hold-operations.ts'

export function holdRoutes(parts: BrokerParts): Hono<BrokerEnv> {
  const routes = new Hono<BrokerEnv>()
  serveOperation(routes, LIST_HOLDS, async ({ principal }) => ({ holds: await seenBy(principal, parts) }))
  serveOperation(routes, PLACE_HOLD, async ({ principal, body }) => {
    const { hold, ended } = await placeHold(await body(), principal, parts)
    return { ...hold, ended }
  })
  serveOperation(routes, RELEASE_AGENT, async ({ principal, path, body }) => {
    const { reason } = await body()
    return releaseAgent(path.agent, reason, principal, parts)
  })
  return routes
}

export async function placeHold(
  { agent, reason, for: forMs }: z.infer<typeof HOLD>,
  principal: Principal,
  parts: BrokerParts,
): Promise<HeldAgent> {
  const { name: by } = adminOnly(principal)
  const known = parts.policy().agents.map(({ name }) => name)
  if (!known.includes(agent))
    throw new StatusError(404, `the policy file has no agent "${agent}"${suggest(agent, known)}`)
  return holdByBroker({ agent, by, reason, forMs }, parts)
}

/** One that the policy file no longer has can be released too. */
export async function releaseAgent(
  agent: string,
  said: string,
  principal: Principal,
  parts: BrokerParts,
): Promise<Hold> {
  const { name: by } = adminOnly(principal)
  return release({ agent, by, reason: maskText(said, parts.policy().mask) }, parts)
}

export function adminOnly(principal: Principal): Person {
  if (principal.kind === 'person' && principal.roles.includes('admin')) return principal
  throw new StatusError(403, 'only admins hold and release agents')
}

/** An agent sees whether it is held itself. */
async function seenBy(principal: Principal, { holds, clock }: BrokerParts): Promise<readonly Hold[]> {
  if (principal.kind === 'person') return holds.list(clock())
  const hold = await holds.find(principal.agent, clock())
  return hold === null ? [] : [hold]
}

async function release(
  { agent, by, reason }: { readonly agent: string; readonly by: string; readonly reason: string },
  { holds, clock, log }: BrokerParts,
): Promise<Hold> {
  const at = clock()
  const event: HoldEvent = { kind: 'hold', event: 'released', at, agent, by, reason, until: null }
  const hold = await holds.release({ agent, now: at, event: JSON.stringify(event) })
  if (hold === null) throw new StatusError(404, `agent "${agent}" is not held`)
  log.info({ agent, by }, 'agent released')
  return hold
}
