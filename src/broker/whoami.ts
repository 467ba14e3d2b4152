import { describeQuorum } from '../approval/people/groups.ts'
import type { Principal } from '../identity/caller.ts'
import { describeHours } from '../policy/conditions/hours.ts'
import type { TaskTemplate } from '../policy/policy.ts'
import { namespacesOf } from '../policy/template/may-request.ts'
import type { Shown } from './http/operation.ts'
import type { BrokerParts } from './parts.ts'
import type { WHOAMI } from './whoami-operation.ts'

/** Who the policy takes the caller for, what that one may ask for, and whether it is held. */
export async function whoami(
  principal: Principal,
  { policy, holds, clock }: BrokerParts,
): Promise<Shown<typeof WHOAMI.answer>> {
  const { issuer, subject, expiresAt } = principal.identity
  const identity = { issuer, subject, expiresAt }
  if (principal.kind === 'person') return { kind: 'person', name: principal.name, roles: principal.roles, identity }
  const { agent, sponsor } = principal
  const templates = policy().templates.flatMap(template => {
    const { name, description, grants, maxTtlMs, maxLeases } = template
    const grant = grants.find(one => one.agent === agent)
    if (grant === undefined) return []
    const { namespaces, delegation } = grant
    const ask = namespacesOf(template, grant)
    const conditions = conditionsOf(template)
    const handed = delegation === undefined ? {} : { delegation: { ...delegation, to: [...delegation.to] } }
    const allows = allowedBy(template)
    return [{ name, description, namespaces, ask, allows, maxTtlMs, maxLeases, ...conditions, ...handed }]
  })
  return { kind: 'agent', name: agent, sponsor, hold: await holds.find(agent, clock()), templates, identity }
}

/** What else has to be so for a lease, as people write it; nothing where nothing has to. */
function conditionsOf(template: TaskTemplate) {
  const { hours, networks, images, ticket, certificate, onBehalfOf, parameters, watched, issue, ticketOpen } = template
  return {
    ...(hours === undefined ? {} : { hours: describeHours(hours) }),
    ...(networks === undefined ? {} : { networks: networks.flat() }),
    ...(images === undefined ? {} : { images: images.flat() }),
    ...(ticket === undefined ? {} : { ticket }),
    ...(certificate === undefined ? {} : { certificate }),
    ...(onBehalfOf === undefined ? {} : { onBehalfOf }),
    ...(parameters === undefined ? {} : { parameters }),
    ...(watched === undefined ? {} : { watched }),
    ...(ticketOpen === undefined ? {} : { ticketOpen }),
    ...(issue === undefined ? {} : { issue: describeQuorum(issue) }),
  }
}

/** Verbs and what they are for, rule by rule; names, commands and fields are left to the lease. */
function allowedBy({ rules }: TaskTemplate): readonly string[] {
  const texts = rules.map(({ verbs, resources, nonResourceURLs }) => {
    const what = resources.length === 0 ? nonResourceURLs : resources
    return `${verbs.join(',')} ${what.join(',')}`
  })
  return [...new Set(texts)]
}
