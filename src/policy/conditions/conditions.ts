import type { Lease } from '../../lease/lease.ts'
import type { Verdict } from '../judge/verdict.ts'
import { whichAbove } from '../judge/which-above.ts'
import type { Policy, TaskTemplate } from '../policy.ts'
import { templateOf } from '../template/template-of.ts'
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
  /** Whether it showed a client certificate that is believed. */
  readonly isHolder?: boolean
}

/** What keeps a lease of the template from being given to whoever asks so, for them to read; null where nothing does. */
export function unmetByAsking(template: TaskTemplate, { now, source, ticket, isHolder = false }: Asker): string | null {
  const { name, hours, networks = [] } = template
  if (hours !== undefined && !isOpen(hours, now)) {
    return `template "${name}" is for these hours: ${describeHours(hours)}`
  }
  const outside = outsideOf(networks, source)
  if (outside !== null) return `template "${name}" is for other networks: ${outside}`
  return (isHolder ? null : unboundUnder(template)) ?? unlikeTicket(template, ticket)
}

interface Used {
  readonly lease: Lease
  /** Those that it was narrowed from; what cannot be read is judged as that. */
  readonly above: readonly (Lease | null)[]
}

/**
 * What keeps a request under the lease from being judged at all: where it comes from, by the lease and by today's template, and a ticket that today's
 * template wants. `source` is null where nobody knows it: then networks are not asked for. It is kept by those that the lease was narrowed from as by itself. Hours end a lease (`limitsOf`), and so need no look here.
 */
export function unmetByRequest(
  { lease, above }: Used,
  source: string | null,
  policy: Pick<Policy, 'templates'>,
): Verdict | null {
  for (const one of [lease, ...above]) {
    const unmet = one === null ? null : unmetBy(one, source, policy)
    if (unmet !== null) return denied(unmet.reason, `${whichAbove(one ?? lease, lease)}${unmet.detail}`)
  }
  return null
}

interface Unmet {
  readonly reason: 'outside-networks' | 'not-in-policy'
  readonly detail: string
}

function unmetBy(lease: Lease, source: string | null, policy: Pick<Policy, 'templates'>): Unmet | null {
  const template = templateOf(policy, lease.template)
  const networks = [...(lease.terms.networks ?? []), ...(template?.networks ?? [])]
  const outside = source === null ? null : outsideOf(networks, source)
  if (outside !== null) return { reason: 'outside-networks', detail: outside }
  const unlike = template === undefined ? null : unlikeToday(template, lease)
  return unlike === null ? null : { reason: 'not-in-policy', detail: unlike }
}

function unlikeToday(template: TaskTemplate, { holder, onBehalfOf, task }: Lease): string | null {
  const { name } = template
  if (onBehalfOf === undefined && template.onBehalfOf === 'required')
    return `template "${name}" is for a person who said so (--on-behalf-of)`
  if (onBehalfOf !== undefined && template.onBehalfOf === undefined)
    return `template "${name}" is not for acting on behalf of a person any more`
  return (holder === undefined ? unboundUnder(template) : null) ?? unlikeTicket(template, task.ticket)
}

function unboundUnder({ name, certificate }: TaskTemplate): string | null {
  if (certificate !== 'required') return null
  return `template "${name}" is for who shows a client certificate (LEASEGATE_CLIENT_CERT_FILE), to which its leases are bound`
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

function denied(reason: Unmet['reason'], detail: string): Verdict {
  return { kind: 'deny', reason, detail, risk: null }
}
