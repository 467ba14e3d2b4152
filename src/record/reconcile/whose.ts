import { AGENTS_GROUP } from '../../policy/rbac/identity.ts'
import type { AuditEvent } from './audit-event.ts'

/** Names as the API server authenticates them. */
export interface WatchedUsers {
  /** The boundary's own account; empty when nobody said which it is. */
  readonly boundary: readonly string[]
  /** The agents' own identities, such as their service accounts. */
  readonly agents: readonly string[]
}

/**
 * boundary: the boundary's account acting as a leased identity, as it should. bare: as itself. stranger: as somebody else.
 * foreign: another user acting as a leased identity. direct: somebody who is one. agent: an agent as itself. nobody: not
 * our concern.
 */
export type Whose = 'boundary' | 'bare' | 'stranger' | 'foreign' | 'direct' | 'agent' | 'nobody'

export function whose({ user, groups, as }: AuditEvent, { boundary, agents }: WatchedUsers): Whose {
  const known = boundary.length > 0
  if (boundary.includes(user)) {
    if (as === null) return 'bare'
    return isLeased(as) ? 'boundary' : 'stranger'
  }
  if (as !== null && isLeased(as)) return known ? 'foreign' : 'boundary'
  if (isLeased({ user, groups })) return 'direct'
  return agents.includes(user) ? 'agent' : 'nobody'
}

function isLeased({ user, groups }: { readonly user: string; readonly groups: readonly string[] }): boolean {
  return user.startsWith('leasegate:') || groups.includes(AGENTS_GROUP)
}
