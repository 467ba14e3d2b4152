import type { Lease } from '../../lease/lease.ts'
import { isOne, type Quorum } from '../../lease/questions/quorum.ts'
import { describeRule } from '../../lease/scope/describe-rule.ts'
import { formatDuration } from '../../policy/file/values/duration.ts'
import { shown, shownArgument } from '../../support/text/shown-text.ts'
import { sha256Of } from '../digest.ts'
import type { Question } from '../question/question.ts'

/** A lease that somebody has to say yes to before there is one. */
export interface WantedLease {
  /** As it would be given now. Its id and its times are another with each try. */
  readonly lease: Lease
  readonly ttlMs: number
  readonly quorum: Quorum
  /** Of what the policy says to it. */
  readonly policyRevision: string
}

/** As a risk that is asked about; of no request. */
export const LEASE_RISK = 'lease'

/** SHA-256, hex, of all that such a lease would be: a yes is to this and nothing else. */
export function leaseDigest({ lease, ttlMs, quorum, policyRevision }: WantedLease): string {
  const { id: _, issuedAt: __, expiresAt: ___, policyRevision: ____, holder, ...is } = lease
  const parts = ['leasegate-lease-1', JSON.stringify({ ...is, ...boundBy(holder) }), String(ttlMs)]
  return sha256Of([...parts, JSON.stringify(quorum), policyRevision].map(text => Buffer.from(text, 'utf8')))
}

/** Certificates of one name come and go. */
function boundBy(holder: Lease['holder']): object {
  if (holder === undefined) return {}
  const { authority, name, boundTo, thumbprint } = holder
  return { holder: boundTo === 'name' ? { authority, name } : { authority, name, thumbprint } }
}

/** What approvers are shown of it, made by us. `waiting`: the lease that stands for it meanwhile. */
export function leaseQuestion({ lease, ttlMs, quorum }: WantedLease, waiting: string): Question {
  const { agent, sponsor, task, template, namespaces } = lease
  const where = namespaces.length === 0 ? 'the cluster-scoped rules alone' : namespaces.join(', ')
  return {
    summary: `a lease of template ${shownArgument(template)} in ${where} for ${formatDuration(ttlMs)}`,
    facts: factsOf(lease),
    method: 'POST',
    target: '/v1/leases',
    contentType: '',
    bodySha256: '',
    bodyBytes: 0,
    bodyPreview: '',
    bodyCut: '',
    risk: LEASE_RISK,
    tier: 'medium',
    why: 'gives out a lease of which the task template wants a yes to each',
    ...(isOne(quorum) ? {} : { quorum }),
    agent,
    sponsor,
    task: task.reason,
    lease: waiting,
  }
}

function factsOf(lease: Lease): readonly string[] {
  const { task, parameters = {}, scope, terms, onBehalfOf, actors = [], holder, budgets } = lease
  return [
    ...terms.dangerous.map(risk => `! dangerous: ${risk}`),
    ...(task.ticket === '' ? [] : [`ticket = ${shownArgument(task.ticket)}`]),
    ...Object.entries(parameters).map(([name, value]) => `parameter ${name} = ${shownArgument(value)}`),
    ...(onBehalfOf === undefined ? [] : [`the sponsor said so, by a token of ${shown(onBehalfOf.issuer)}`]),
    ...actors.map(({ subject }) => `its token went through ${shown(subject)}`),
    ...(holder === undefined ? [] : [`bound to ${shown(holder.name)} of ${shown(holder.authority)}`]),
    ...scope.map(describeRule),
    ...Object.entries(budgets).map(([budget, most]) => `${budget} at most ${most}`),
  ]
}
