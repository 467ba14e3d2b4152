import type { Lease } from '../../lease/lease.ts'
import type { TaskTemplate } from '../../policy/policy.ts'
import { foldName } from '../../support/text/fold-name.ts'
import type { LeaseRequest } from '../http/read-body.ts'
import { StatusError } from '../http/refusal/status.ts'
import type { AgentPrincipal, BrokerParts } from '../parts.ts'

/** Whom the lease is for. */
export type ActsFor = Pick<Lease, 'sponsor' | 'onBehalfOf' | 'agentSponsor'>

interface Asked {
  readonly agent: AgentPrincipal
  readonly wish: Pick<LeaseRequest, 'onBehalfOf'>
  readonly template: TaskTemplate
  readonly parent: Lease | null
}

/**
 * The sponsor of a lease: by the person's own consent, by that of the lease above, or as the agent's identity has it. Who consented is the
 * sponsor in all that follows, and so answers no question of it. An agent that has a sponsor of its own acts for nobody else: that one would come
 * to answer for it. Throws where the template wants it otherwise.
 */
export async function actsFor(
  { agent, wish, template: { name, onBehalfOf }, parent }: Asked,
  { identifier }: Pick<BrokerParts, 'identifier'>,
): Promise<ActsFor> {
  const above = parent?.onBehalfOf === undefined ? null : { sponsor: parent.sponsor, onBehalfOf: parent.onBehalfOf }
  if (wish.onBehalfOf === null) {
    if (above === null && onBehalfOf === 'required')
      throw new StatusError(403, `template "${name}" is for a person who said so: --on-behalf-of`)
    if (above !== null && onBehalfOf === undefined) throw notFor(name)
    if (above !== null || parent === null) return above ?? { sponsor: agent.sponsor }
    return { sponsor: parent.sponsor }
  }
  if (onBehalfOf === undefined) throw notFor(name)
  const found = await identifier.consent(wish.onBehalfOf)
  if (found.kind === 'refused') {
    const code = found.reason === 'unavailable' ? 503 : 403
    throw new StatusError(
      code,
      `the consent is not one that is believed${found.detail === '' ? '' : `: ${found.detail}`}`,
    )
  }
  const { principal } = found
  if (principal.kind !== 'person') throw new StatusError(403, 'the consent is that of an agent; people give them')
  const own = parent === null ? agent.sponsor : parent.sponsor
  if (own !== '' && foldName(own) !== foldName(principal.name))
    throw new StatusError(403, `agent "${agent.agent}" acts for ${own} already, and for nobody else`)
  const { issuer, subject, consent } = principal.identity
  return { sponsor: principal.name, onBehalfOf: { issuer, subject, ...(consent === undefined ? {} : { consent }) } }
}

function notFor(name: string): StatusError {
  return new StatusError(403, `template "${name}" is not for acting on behalf of a person (onBehalfOf)`)
}
