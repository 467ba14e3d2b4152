import type { Lease } from '../../lease/lease.ts'
import type { Policy, TaskTemplate } from '../policy.ts'
import type { Verdict } from '../verdict.ts'
import { describeHours, isOpen } from './hours.ts'
import { isInside } from './networks.ts'
import { matchesAll, parsePattern } from './pattern.ts'

/** What is known of whoever asks for a lease. */
export interface Asker {
  /** Epoch milliseconds. */
  readonly now: number
  /** Address that the request came from, '' where it is not known. */
  readonly source: string
  readonly ticket: string
}

/** What keeps a lease of the template from being given to whoever asks so, for them to read; null where nothing does. */
export function unmetByAsking(template: TaskTemplate, { now, source, ticket }: Asker): string | null {
  const { name, hours, networks = [] } = template
  if (hours !== undefined && !isOpen(hours, now)) {
    return `template "${name}" is for these hours: ${describeHours(hours)}`
  }
  const outside = outsideOf(networks, source)
  if (outside !== null) return `template "${name}" is for other networks: ${outside}`
  return unlikeTicket(template, ticket)
}

/**
 * What keeps a request under the lease from being judged at all: where it comes from, by the lease and by today's template, and a ticket that today's
 * template wants. Hours end a lease (`limitsOf`), and so need no look here.
 */
export function unmetByRequest(lease: Lease, source: string, { templates }: Pick<Policy, 'templates'>): Verdict | null {
  const template = templates.find(({ name }) => name === lease.template)
  const outside = outsideOf([...(lease.terms.networks ?? []), ...(template?.networks ?? [])], source)
  if (outside !== null) return denied('outside-networks', outside)
  const unlike = template === undefined ? null : unlikeTicket(template, lease.task.ticket)
  return unlike === null ? null : denied('not-in-policy', unlike)
}

function outsideOf(networks: readonly (readonly string[])[], source: string): string | null {
  const missed = networks.find(list => !isInside(source, list))
  if (missed === undefined) return null
  return `it came from ${source === '' ? 'an unknown address' : source}, which is not in ${missed.join(', ')}`
}

/** A pattern that cannot be read, which the policy file's schema keeps out, is for no ticket. */
function unlikeTicket({ name, ticket: wanted }: TaskTemplate, ticket: string): string | null {
  if (wanted === undefined) return null
  const pattern = parsePattern(wanted)
  if (typeof pattern !== 'string' && matchesAll(ticket, pattern)) return null
  return `template "${name}" wants a ticket like ${wanted} (--ticket)`
}

function denied(reason: 'outside-networks' | 'not-in-policy', detail: string): Verdict {
  return { kind: 'deny', reason, detail, risk: null }
}
