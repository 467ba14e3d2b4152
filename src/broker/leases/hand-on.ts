import { describeHold } from '../../lease/hold/hold.ts'
import type { Lease } from '../../lease/lease.ts'
import type { TaskTemplate } from '../../policy/policy.ts'
import { handedTooFar, mostHanded } from '../../policy/template/delegation.ts'
import { findGrant } from '../../policy/template/may-request.ts'
import { revokedEvent } from '../../record/journal/events.ts'
import { heldError } from '../holds/hold-agent.ts'
import type { LeaseRequest } from '../http/read-body.ts'
import { StatusError } from '../http/refusal/status.ts'
import type { AgentPrincipal, BrokerParts } from '../parts.ts'
import { leasesAbove } from './find-lease.ts'

/** Another agent that gets the lease. */
export interface Handed {
  readonly lease: Pick<Lease, 'agent' | 'issuer' | 'delegated' | 'agentSponsor'>
  /** So many may be handed on under the root. */
  readonly most: number
}

interface Asked {
  readonly agent: AgentPrincipal
  readonly wish: Pick<LeaseRequest, 'forAgent' | 'onBehalfOf'>
  readonly template: TaskTemplate
  readonly parent: Lease | null
}

/**
 * The agent that a lease is handed to by whoever asks for it; null where that one keeps it. Throws where the policy does not let this agent hand this
 * template to that one, or the lease above is nothing to be handed on.
 */
export async function handedTo(asked: Asked, parts: BrokerParts): Promise<Handed | null> {
  const { agent, wish, template, parent } = asked
  const { forAgent: to } = wish
  if (to === null) return null
  if (parent === null)
    throw new StatusError(
      400,
      'what is handed to another agent lies within a lease of your own: name that one (--parent)',
    )
  if (wish.onBehalfOf !== null)
    throw new StatusError(
      400,
      'a consent is to whoever brings it: one that is handed on stays for whom the lease above it is',
    )
  if (to === agent.agent) throw new StatusError(400, `agent "${to}" is whoever asks: leave it out (--for-agent)`)
  const policy = parts.policy()
  const delegation = findGrant(policy, agent.agent, template.name)?.grant.delegation
  const receiver = policy.agents.find(({ name }) => name === to)
  if (delegation === undefined || receiver === undefined || !delegation.to.includes(to))
    throw new StatusError(403, mayNot(agent.agent, template.name, to, delegation?.to ?? []))

  const line = await lineDownTo(parent, parts)
  unbound(line, template)
  if (line.some(one => one.agent === to))
    throw new StatusError(
      403,
      `agent "${to}" is one of those that ${parent.id} was handed on by: it has more than that already`,
    )
  const delegated = { by: agent.agent, issuer: agent.identity.issuer }
  const lease = { agent: to, issuer: receiver.match.issuer, delegated }
  const whole = [...line, { ...parent, ...lease, template: template.name }]
  const far = handedTooFar(policy, whole)
  if (far !== null)
    throw new StatusError(
      403,
      `agent "${far.delegated?.by}", which handed ${far.id} on, does not let it be handed on further`,
    )
  for (const one of [agent.agent, to]) await unlessHeld(one, parts)
  const { sponsor } = receiver
  // Also the same person in another spelling: its agent comes with the one that the policy has.
  const other = sponsor.kind === 'fixed' && sponsor.name !== parent.sponsor
  return { lease: other ? { ...lease, agentSponsor: sponsor.name } : lease, most: mostHanded(policy, whole) }
}

/** A hold may have come between the look and the lease, in another part of the store: whoever places one ends what is there afterwards. */
export async function unlessHeldNow(lease: Lease, parts: BrokerParts): Promise<void> {
  const now = parts.clock()
  const hold = await parts.holds.find(lease.agent, now)
  if (hold === null) return
  const end = { by: hold.by, reason: describeHold(hold) }
  await parts.leases.revoke({
    id: lease.id,
    ...end,
    now,
    event: JSON.stringify(revokedEvent(lease, { ...end, at: now })),
  })
  throw heldError(hold)
}

async function unlessHeld(agent: string, { holds, clock }: BrokerParts): Promise<void> {
  const hold = await holds.find(agent, clock())
  if (hold !== null) throw heldError(hold)
}

/** Root first. */
async function lineDownTo(parent: Lease, parts: BrokerParts): Promise<readonly Lease[]> {
  const above = await leasesAbove(parent, parts)
  if (above.includes(null))
    throw new StatusError(409, `a lease that ${parent.id} was narrowed from is not there any more`)
  return [...above.filter(one => one !== null), parent]
}

/** Nobody shows another one's certificate, and which one the other agent has is not known here. */
function unbound(line: readonly Lease[], template: TaskTemplate): void {
  const bound = line.find(({ holder }) => holder !== undefined)
  if (bound !== undefined)
    throw new StatusError(
      403,
      `lease ${bound.id} is bound to a client certificate, so nothing of it is handed to others`,
    )
  if (template.certificate === 'required')
    throw new StatusError(
      403,
      `template "${template.name}" is for who shows a client certificate, and nothing to be handed on`,
    )
}

/** The same of an agent that nobody registered. */
function mayNot(agent: string, template: string, to: string, may: readonly string[]): string {
  const others = may.length === 0 ? 'nobody' : may.join(', ')
  return `agent "${agent}" may not hand leases of template "${template}" to "${to}"; it may to: ${others}`
}
