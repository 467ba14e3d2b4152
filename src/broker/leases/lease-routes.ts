import { Hono } from 'hono'
import type { z } from 'zod'
import type { Principal } from '../../identity/caller.ts'
import type { Lease } from '../../lease/lease.ts'
import { isLeaseId } from '../../lease/lease-id.ts'
import type { Policy } from '../../policy/policy.ts'
import { requestCommand } from '../../policy/template/request-command.ts'
import { sameAgain } from '../../policy/template/ways-in.ts'
import { revokedEvent } from '../../record/journal/events.ts'
import { maskText } from '../../record/mask/mask-text.ts'
import { heldError, holdByBroker } from '../holds/hold-agent.ts'
import { adminOnly } from '../holds/hold-routes.ts'
import { clientAddress } from '../http/client-address.ts'
import { LEASE_END, LEASE_NARROWING, LEASE_REQUEST, NOTHING, readBody } from '../http/read-body.ts'
import { readPageQuery } from '../http/read-page-query.ts'
import { StatusError } from '../http/status.ts'
import type { AgentPrincipal, BrokerEnv, BrokerParts } from '../parts.ts'
import { frozenError } from '../stops/stopped-error.ts'
import { findLease, type KnownLease, listLeases } from './find-lease.ts'
import { issueLease } from './issue-lease.ts'
import { mustHold } from './must-hold.ts'
import { narrowLease } from './narrow-lease.ts'

export function leaseRoutes(parts: BrokerParts): Hono<BrokerEnv> {
  return new Hono<BrokerEnv>()
    .post('/', async context => {
      const agent = agentOnly(context.var.principal)
      const wish = await readBody(context, LEASE_REQUEST)
      return context.json(show(await issueLease(agent, wish, clientAddress(context.req), parts)), 201)
    })
    .get('/', async context => {
      const { items, next } = await listLeases(context.var.principal, readPageQuery(context, isLeaseId), parts)
      return context.json({ leases: items.map(show), next })
    })
    .get('/:id', async context =>
      context.json(show(await findLease(context.req.param('id'), context.var.principal, parts))),
    )
    .post('/:id/token', async context => {
      await readBody(context, NOTHING)
      return context.json(await renew(context.req.param('id'), agentOnly(context.var.principal), parts))
    })
    .post('/:id/narrow', async context => {
      const wish = await readBody(context, LEASE_NARROWING)
      return context.json(show(await narrowLease(context.req.param('id'), wish, context.var.principal, parts)))
    })
    .delete('/:id', async context => {
      const end = await readBody(context, LEASE_END)
      return context.json(await endLease(context.req.param('id'), end, context.var.principal, parts))
    })
}

/** Ends one lease; with a time to hold, everything of its agent. */
export async function endLease(
  id: string,
  { reason: said, hold }: z.infer<typeof LEASE_END>,
  principal: Principal,
  parts: BrokerParts,
): Promise<object> {
  const reason = maskText(said, parts.policy().mask)
  if (hold === null) return revoke(id, reason, principal, parts)
  const { name: by } = adminOnly(principal)
  const { lease } = await findLease(id, principal, parts)
  const held = await holdByBroker({ agent: lease.agent, by, reason, forMs: hold }, parts)
  return { ...show(await findLease(id, principal, parts)), hold: held.hold, ended: held.ended }
}

/** The lease as it was signed, with what became of it. */
function show({ lease, state, taken }: KnownLease): object {
  return { ...lease, state, taken }
}

function agentOnly(principal: Principal): AgentPrincipal {
  if (principal.kind === 'agent') return principal
  throw new StatusError(403, 'leases are for agents; people approve and revoke them')
}

async function renew(id: string, agent: AgentPrincipal, parts: BrokerParts): Promise<object> {
  const { lease, state } = await findLease(id, agent, parts)
  const certificate = mustHold(lease, agent)
  const hold = await parts.holds.find(lease.agent, parts.clock())
  if (hold !== null) throw heldError(hold)
  if (state.kind === 'frozen') throw frozenError(lease, state)
  if (state.kind !== 'active') throw new StatusError(409, ended(lease, state.kind, parts.policy()))
  const now = parts.clock()
  const { token, expiresAt } = await parts.signer.issue(lease, now, certificate)
  if (expiresAt <= now) throw new StatusError(409, ended(lease, 'expired', parts.policy()))
  // With the lease's end: nobody gets another one.
  return { token, expiresAt, isLast: expiresAt >= Math.floor(lease.expiresAt / 1000) * 1000 }
}

async function revoke(id: string, reason: string, principal: Principal, parts: BrokerParts): Promise<object> {
  const { lease, taken } = await findLease(id, principal, parts)
  if (principal.kind === 'person' && !principal.roles.includes('admin')) {
    throw new StatusError(403, "only admins revoke others' leases")
  }
  const by = principal.kind === 'agent' ? principal.agent : principal.name
  const now = parts.clock()
  const event = JSON.stringify(revokedEvent(lease, { by, reason, at: now }))
  if (!(await parts.leases.revoke({ id, by, reason, now, event }))) {
    throw new StatusError(409, `lease ${id} had ended already`)
  }
  parts.log.info({ lease: id, by }, 'lease revoked')
  return show({ lease, state: { kind: 'revoked', by, reason, at: now }, taken })
}

function ended(lease: Lease, how: string, policy: Policy): string {
  const next = sameAgain(policy, lease, 'ended')
  const mend =
    next === null ? 'see what you may ask for: leasegate whoami' : `ask for a new one with: ${requestCommand(next)}`
  return `lease ${lease.id} has ended (${how}); ${mend}`
}
