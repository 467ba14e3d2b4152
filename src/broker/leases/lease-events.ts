import type { Lease } from '../../lease/lease.ts'
import type { LeaseEvent } from '../../record/journal/journal-entry.ts'

export function issuedEvent(lease: Lease): LeaseEvent {
  const { agent, sponsor, task, scope, issuedAt } = lease
  const by = sponsor === '' ? agent : `${agent} for ${sponsor}`
  return { kind: 'lease', event: 'issued', at: issuedAt, ...factsOf(lease), scope, by, reason: task.reason }
}

export function revokedEvent(lease: Lease, end: Pick<LeaseEvent, 'by' | 'reason' | 'at'>): LeaseEvent {
  return { kind: 'lease', event: 'revoked', ...end, ...factsOf(lease) }
}

function factsOf({ id, agent, sponsor, task, template, namespaces, expiresAt }: Lease) {
  return { lease: id, agent, sponsor, task, template, namespaces, expiresAt }
}
