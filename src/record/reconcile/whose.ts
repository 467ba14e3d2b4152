import { AGENTS_GROUP, PLAN_USER } from '../../policy/rbac/identity.ts'
import type { AuditEvent } from './audit-event.ts'

/** Names as the API server authenticates them. */
export interface WatchedUsers {
  /** The boundary's own account; empty when nobody said which it is. */
  readonly boundary: readonly string[]
  /** The account that looks and tries for approvers; empty when nobody said which it is. */
  readonly planner: readonly string[]
  /** The agents' own identities, such as their service accounts. */
  readonly agents: readonly string[]
}

/**
 * boundary: the boundary's account acting as a leased identity, as it should. bare: as itself. stranger: as somebody else.
 * foreign: another user acting as a leased identity. direct: somebody who is one. agent: an agent as itself. nobody: not
 * our concern.
 */
export type Whose = 'boundary' | 'bare' | 'stranger' | 'foreign' | 'direct' | 'agent' | 'nobody'

export function whose(event: AuditEvent, { boundary, planner, agents }: WatchedUsers): Whose {
  const { user, groups, as } = event
  const known = boundary.length > 0
  if (isPlan(event) && (planner.includes(user) || planner.length === 0)) return 'nobody'
  if (boundary.includes(user)) {
    if (as === null) return 'bare'
    return isLeased(as) ? 'boundary' : 'stranger'
  }
  if (as !== null && isLeased(as)) return known ? 'foreign' : 'boundary'
  if (isLeased({ user, groups })) return 'direct'
  return agents.includes(user) ? 'agent' : 'nobody'
}

/** What is looked at and tried under an agent's plan name: no lease sent it, and nothing comes of it. */
function isPlan({ as, verb, dryRun }: AuditEvent): boolean {
  return as?.user.startsWith(PLAN_USER) === true && (dryRun || verb === 'get' || verb === 'list')
}

function isLeased({ user, groups }: { readonly user: string; readonly groups: readonly string[] }): boolean {
  return user.startsWith('leasegate:') || groups.includes(AGENTS_GROUP)
}
