import { Hono } from 'hono'
import type { Principal } from '../../identity/caller.ts'
import type { Hold } from '../../lease/hold/hold.ts'
import { suggest } from '../../policy/file/suggest.ts'
import type { HoldEvent } from '../../record/journal/journal-entry.ts'
import { maskText } from '../../record/mask/mask-text.ts'
import { HOLD, REVOCATION, readBody } from '../http/read-body.ts'
import { StatusError } from '../http/status.ts'
import type { BrokerEnv, BrokerParts, Person } from '../parts.ts'
import { holdAgent } from './hold-agent.ts'

export function holdRoutes(parts: BrokerParts): Hono<BrokerEnv> {
  return new Hono<BrokerEnv>()
    .get('/', async context => context.json({ holds: await seenBy(context.var.principal, parts) }))
    .post('/', async context => {
      const { name: by } = adminOnly(context.var.principal)
      const { agent, reason, for: forMs } = await readBody(context, HOLD)
      const known = parts.policy().agents.map(({ name }) => name)
      if (!known.includes(agent)) {
        throw new StatusError(404, `the policy file has no agent "${agent}"${suggest(agent, known)}`)
      }
      const { hold, ended } = await holdAgent({ agent, by, reason, forMs }, parts)
      return context.json({ ...hold, ended }, 201)
    })
    .delete('/:agent', async context => {
      const { name: by } = adminOnly(context.var.principal)
      const { reason: said } = await readBody(context, REVOCATION)
      const reason = maskText(said, parts.policy().mask)
      return context.json(await release({ agent: context.req.param('agent'), by, reason }, parts))
    })
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

/** One that the policy file no longer has can be released too. */
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
