import { sha256 } from '../../approval/verify-answer.ts'
import type { Consent, Lease } from '../../lease/lease.ts'
import { LIMITS } from '../../lease/limits.ts'
import type { TaskTemplate } from '../../policy/policy.ts'
import { foldName } from '../../support/text/fold-name.ts'
import type { LeaseRequest } from '../http/read-body.ts'
import { StatusError } from '../http/refusal/status.ts'
import type { AgentPrincipal, BrokerParts } from '../parts.ts'
import { knownLeases } from './find-lease.ts'

/** Whom the lease is for. */
export interface ActsFor {
  readonly forWhom: Pick<Lease, 'sponsor' | 'onBehalfOf' | 'agentSponsor'>
  /** The consent that was brought; null where none was, or that of a lease above counts. */
  readonly consent: BroughtConsent | null
}

export interface BroughtConsent extends Consent {
  /** Its time is over: it counts for the lease that it was verified for, which waits for a person. */
  readonly isOver: boolean
}

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
  parts: BrokerParts,
): Promise<ActsFor> {
  const { identifier, clock } = parts
  const withoutConsent = (forWhom: ActsFor['forWhom']): ActsFor => ({ forWhom, consent: null })
  const above = parent?.onBehalfOf === undefined ? null : { sponsor: parent.sponsor, onBehalfOf: parent.onBehalfOf }
  if (wish.onBehalfOf === null) {
    if (above === null && onBehalfOf === 'required')
      throw new StatusError(403, `template "${name}" is for a person who said so: --on-behalf-of`)
    if (above !== null && onBehalfOf === undefined) throw notFor(name)
    if (above !== null || parent === null) return withoutConsent(above ?? { sponsor: agent.sponsor })
    return withoutConsent({ sponsor: parent.sponsor })
  }
  if (onBehalfOf === undefined) throw notFor(name)
  const found = await identifier.consent(wish.onBehalfOf)
  const own = parent === null ? agent.sponsor : parent.sponsor
  const mustBeOwn = (person: string) => {
    if (own !== '' && foldName(own) !== foldName(person))
      throw new StatusError(403, `agent "${agent.agent}" acts for ${own} already, and for nobody else`)
  }
  if (found.kind === 'refused') {
    const before = found.reason === 'token-expired' ? await verifiedBefore(wish.onBehalfOf, agent, name, parts) : null
    if (before !== null) {
      mustBeOwn(before.forWhom.sponsor)
      return before
    }
    const code = found.reason === 'unavailable' ? 503 : 403
    throw new StatusError(
      code,
      `the consent is not one that is believed${found.detail === '' ? '' : `: ${found.detail}`}`,
    )
  }
  const { principal } = found
  if (principal.kind !== 'person') throw new StatusError(403, 'the consent is that of an agent; people give them')
  mustBeOwn(principal.name)
  const { issuer, subject, consent, expiresAt: until } = principal.identity
  return {
    forWhom: {
      sponsor: principal.name,
      onBehalfOf: { issuer, subject, ...(consent === undefined ? {} : { consent }) },
    },
    consent: { sha256: sha256(wish.onBehalfOf), at: clock(), until, isOver: false },
  }
}

/**
 * A token that was verified when a lease was asked for that still waits for a person, as its signed contract has it. Whose consents are believed no
 * more, by today's policy, has given none.
 */
async function verifiedBefore(
  token: string,
  { agent }: AgentPrincipal,
  template: string,
  parts: BrokerParts,
): Promise<ActsFor | null> {
  const hash = sha256(token)
  const { people, issuers } = parts.policy()
  const { items } = await knownLeases({ agent, after: '', limit: LIMITS.leases }, parts)
  for (const { lease, state } of items) {
    const { sponsor, onBehalfOf, waits } = lease
    if (state.kind !== 'active' || lease.template !== template || onBehalfOf === undefined) continue
    if (waits?.consent?.sha256 !== hash) continue
    const { issuer, consent = issuer } = onBehalfOf
    const by = issuers.find(({ name }) => name === consent)
    const isBelieved =
      people.some(({ name }) => name === sponsor) &&
      issuers.some(({ name }) => name === issuer) &&
      by !== undefined &&
      (consent === issuer || by.consentFor === issuer)
    if (isBelieved) return { forWhom: { sponsor, onBehalfOf }, consent: { ...waits.consent, isOver: true } }
  }
  return null
}

/** What is said where it counts for nothing. */
export function consentIsOver(): StatusError {
  return new StatusError(403, 'the consent is not one that is believed: get a fresh identity token')
}

function notFor(name: string): StatusError {
  return new StatusError(403, `template "${name}" is not for acting on behalf of a person (onBehalfOf)`)
}
