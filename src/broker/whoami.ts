import type { Principal } from '../identity/caller.ts'
import type { BrokerParts } from './parts.ts'

/** Who the policy takes the caller for, what that one may ask for, and whether it is held. */
export async function whoami(principal: Principal, { policy, holds, clock }: BrokerParts): Promise<object> {
  const { issuer, subject, expiresAt } = principal.identity
  const identity = { issuer, subject, expiresAt }
  if (principal.kind === 'person') return { kind: 'person', name: principal.name, roles: principal.roles, identity }
  const { agent, sponsor } = principal
  const templates = policy().templates.flatMap(({ name, description, grants, maxTtlMs, maxLeases }) => {
    const grant = grants.find(one => one.agent === agent)
    return grant === undefined ? [] : [{ name, description, namespaces: grant.namespaces, maxTtlMs, maxLeases }]
  })
  return { kind: 'agent', name: agent, sponsor, hold: await holds.find(agent, clock()), templates, identity }
}
