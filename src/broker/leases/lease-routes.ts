import { Hono } from 'hono'
import type { z } from 'zod'
import type { Principal } from '../../identity/caller.ts'
import type { Lease } from '../../lease/lease.ts'
import type { Policy } from '../../policy/policy.ts'
import { requestCommand } from '../../policy/template/commands/request-command.ts'
import { sameAgain } from '../../policy/template/ways-in.ts'
import { revokedEvent } from '../../record/journal/events.ts'
import { maskText } from '../../record/mask/mask-text.ts'
import { heldError, holdByBroker } from '../holds/hold-agent.ts'
import { adminOnly } from '../holds/hold-routes.ts'
import { type Shown, serveOperation } from '../http/operation.ts'
import type { LEASE_END } from '../http/read-body.ts'
import { StatusError } from '../http/refusal/status.ts'
import { mustKeepTime } from '../keeps-time.ts'
import type { AgentPrincipal, BrokerEnv, BrokerParts } from '../parts.ts'
import type { OneByOne } from '../requests/ask-record.ts'
import { frozenError } from '../stops/stopped-error.ts'
import { endUnheard } from './end-unheard.ts'
import { findLease, type KnownLease, listLeases } from './find-lease.ts'
import { issueLease } from './issue-lease.ts'
import {
  END_LEASE,
  GET_LEASE,
  ISSUE_LEASE,
  ISSUE_TOKEN,
  LIST_LEASES,
  NARROW_LEASE,
  WHAT_HAPPENED_UNDER_LEASE,
  WHAT_LEASE_DID,
} from './lease-operations.ts'
import { mustHold } from './must-hold.ts'
import { mustNarrow, narrowLease } from './narrow-lease.ts'
import { whatHappened } from './what-happened.ts'
import { whatWasDone } from './what-was-done.ts'

type ShownLease = Shown<typeof GET_LEASE.answer>

export function leaseRoutes(parts: BrokerParts, oneByOne: OneByOne): Hono<BrokerEnv> {
  const routes = new Hono<BrokerEnv>()
  serveOperation(routes, ISSUE_LEASE, async ({ principal, source, body, gone }) => {
    const agent = agentOnly(principal)
    const asking = gone()
    const known = await issueLease(agent, await body(), source, parts)
    endUnheard(known, asking, parts)
    return show(known, agent)
  })
  serveOperation(routes, LIST_LEASES, async ({ principal, page }) => {
    const { items, ...rest } = await listLeases(principal, page(), parts)
    return { leases: items.map(one => show(one, principal)), ...rest }
  })
  serveOperation(routes, GET_LEASE, async ({ principal, path }) =>
    show(await findLease(path.lease, principal, parts), principal),
  )
  serveOperation(routes, WHAT_LEASE_DID, ({ principal, path }) =>
    oneByOne(principal, () => whatWasDone(path.lease, principal, parts)),
  )
  serveOperation(routes, WHAT_HAPPENED_UNDER_LEASE, ({ principal, path }) =>
    oneByOne(principal, () => whatHappened(path.lease, principal, parts)),
  )
  serveOperation(routes, ISSUE_TOKEN, async ({ principal, path, body }) => {
    await body()
    return renew(path.lease, agentOnly(principal), parts)
  })
  serveOperation(routes, NARROW_LEASE, async ({ principal, path, body }) => {
    mustNarrow(principal)
    return show(await narrowLease(path.lease, await body(), principal, parts), principal)
  })
  serveOperation(routes, END_LEASE, async ({ principal, path, body }) =>
    endLease(path.lease, await body(), principal, parts),
  )
  return routes
}

/** Ends one lease; with a time to hold, everything of its agent. */
export async function endLease(
  id: string,
  { reason: said, hold }: z.infer<typeof LEASE_END>,
  principal: Principal,
  parts: BrokerParts,
): Promise<Shown<typeof END_LEASE.answer>> {
  const reason = maskText(said, parts.policy().mask)
  if (hold === null) return revoke(id, reason, principal, parts)
  const { name: by } = adminOnly(principal)
  const { lease } = await findLease(id, principal, parts)
  const held = await holdByBroker({ agent: lease.agent, by, reason, forMs: hold }, parts)
  return { ...show(await findLease(id, principal, parts), principal), hold: held.hold, ended: held.ended }
}

/** The lease as it was signed, with what became of it. */
function show({ lease: { turn: _, ...lease }, state, taken }: KnownLease, principal: Principal): ShownLease {
  const isOthers = principal.kind === 'agent' && principal.agent !== lease.agent
  return { ...lease, ...(isOthers ? { handedOn: true } : {}), state, taken }
}

function agentOnly(principal: Principal): AgentPrincipal {
  if (principal.kind === 'agent') return principal
  throw new StatusError(403, 'leases are for agents; people approve and revoke them')
}

async function renew(id: string, agent: AgentPrincipal, parts: BrokerParts): Promise<Shown<typeof ISSUE_TOKEN.answer>> {
  mustKeepTime(parts)
  const { lease, state } = await findLease(id, agent, parts)
  const certificate = mustHold(lease, agent)
  const hold = await parts.holds.find(lease.agent, parts.clock())
  if (hold !== null) throw heldError(hold)
  if (state.kind === 'frozen') throw frozenError(lease, state)
  if (state.kind !== 'active') throw new StatusError(409, ended(lease, state.kind, parts.policy()))
  if (lease.waits !== undefined)
    throw new StatusError(
      409,
      `lease ${id} opens nothing: it stands for one that waits for approval (${lease.waits.approval}); once that is given, ask for the same lease again`,
      null,
      lease.waits.approval,
    )
  const now = parts.clock()
  const { token, expiresAt } = await parts.signer.issue(lease, now, certificate)
  if (expiresAt <= now) throw new StatusError(409, ended(lease, 'expired', parts.policy()))
  // With the lease's end: nobody gets another one.
  return { token, expiresAt, isLast: expiresAt >= Math.floor(lease.expiresAt / 1000) * 1000 }
}

async function revoke(id: string, reason: string, principal: Principal, parts: BrokerParts): Promise<ShownLease> {
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
  return show({ lease, state: { kind: 'revoked', by, reason, at: now }, taken }, principal)
}

function ended(lease: Lease, how: string, policy: Policy): string {
  const next = sameAgain(policy, lease, 'ended')
  const mend =
    next === null ? 'see what you may ask for: leasegate whoami' : `ask for a new one with: ${requestCommand(next)}`
  return `lease ${lease.id} has ended (${how}); ${mend}`
}
