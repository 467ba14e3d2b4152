import type { Hold } from '../../lease/hold/hold.ts'
import type { Actor, Lease, Narrowed } from '../../lease/lease.ts'
import type { Stopping } from '../../lease/stop/stop.ts'
import type { Subject } from '../../lease/stop/subject.ts'
import type { HoldEvent, LeaseEvent, StopEvent, WatchAct } from './journal-entry.ts'

export function issuedEvent(lease: Lease): LeaseEvent {
  const { actors = [], holder, onBehalfOf, delegated, task, scope, parameters = {}, ancestors, issuedAt } = lease
  const { waits, given } = lease
  const yes = given === undefined ? '' : `, by the yes of ${given.by.join(' and ')} (${given.approval})`
  const waiting = waits === undefined ? '' : `, waits for ${waits.approval}`
  const through = actors.length === 0 ? '' : `, through ${actors.map(describeActor).join(', ')}`
  const bound = holder === undefined ? '' : `, bound to ${holder.name} of ${holder.authority}`
  const said = onBehalfOf === undefined ? '' : `, who said so (${onBehalfOf.issuer})`
  const { agent, sponsor, agentSponsor = sponsor } = lease
  const asker = delegated === undefined ? named(agent, sponsor) : named(delegated.by, sponsor)
  const to = delegated === undefined ? '' : `, to ${named(agent, agentSponsor)}`
  const by = `${asker}${said}${through}${bound}${to}${yes}${waiting}`
  const asked = { scope, parameters, ancestors, ...(delegated === undefined ? {} : { delegatedBy: delegated.by }) }
  return { kind: 'lease', event: 'issued', at: issuedAt, ...factsOf(lease), ...asked, by, reason: task.reason }
}

function named(agent: string, sponsor: string): string {
  return `${agent}${sponsor === '' ? '' : ` for ${sponsor}`}`
}

function describeActor({ subject, issuer }: Actor): string {
  return issuer === undefined ? subject : `${subject} of ${issuer}`
}

/** Of a lease as it is now. */
export function narrowedEvent(lease: Lease, { times, ...said }: Narrowed): LeaseEvent {
  const { scope } = lease
  return { kind: 'lease', event: 'narrowed', ...said, ...factsOf(lease), times, scope }
}

export function revokedEvent(lease: Lease, end: Pick<LeaseEvent, 'by' | 'reason' | 'at'>): LeaseEvent {
  return { kind: 'lease', event: 'revoked', ...end, ...factsOf(lease) }
}

export function heldEvent(hold: Hold): HoldEvent {
  return { kind: 'hold', event: 'held', ...hold }
}

/** The act on a subject, and on the same by other names: each is on record by itself. */
export function toStopping(asked: Asked, others: readonly Subject[], at: number): Stopping {
  const named = (subject: Subject) => ({ subject, event: JSON.stringify(stopEvent({ ...asked, subject }, at)) })
  return { ...asked, ...named(asked.subject), others: others.map(named) }
}

type Asked = Omit<Stopping, 'event' | 'others'>

function stopEvent({ subject, act, by, reason }: Asked, at: number): StopEvent {
  return { kind: 'stop', event: act, at, subject, by, reason }
}

/** A person ended one stream. */
export function sessionEnded(asked: { auditId: string; by: string; reason: string }, at: number): StopEvent {
  const { auditId, by, reason } = asked
  return { kind: 'stop', event: 'end', at, subject: { kind: 'session', name: auditId }, by, reason }
}

/** Somebody begins or ceases to watch the sessions of a lease. */
export function watchEvent(
  asked: { lease: string; by: string; event: WatchAct; reason: string },
  at: number,
): StopEvent {
  const { lease, by, event, reason } = asked
  return { kind: 'stop', event, at, subject: { kind: 'lease', name: lease }, by, reason }
}

function factsOf({ id, agent, sponsor, task, template, namespaces, expiresAt }: Lease) {
  return { lease: id, agent, sponsor, task, template, namespaces, expiresAt }
}
