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
export function leaseQuestion(
  { lease, ttlMs, quorum }: Omit<WantedLease, 'policyRevision'>,
  waiting: string,
): Question {
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
    ...openedBy(terms),
    ...(task.ticket === '' ? [] : [`ticket = ${shownArgument(task.ticket)}`]),
    ...Object.entries(parameters).map(([name, value]) => `parameter ${name} = ${shownArgument(value)}`),
    ...(onBehalfOf === undefined ? [] : [`the sponsor said so, by a token of ${shown(onBehalfOf.issuer)}`]),
    ...actors.map(({ subject }) => `its token went through ${shown(subject)}`),
    ...(holder === undefined ? [] : [`bound to ${shown(holder.name)} of ${shown(holder.authority)}`]),
    ...scope.map(describeRule),
    ...Object.entries(budgets).map(([budget, most]) => `${budget} at most ${most}`),
  ]
}

/** What the lease's terms open beside its rules, and what they bind: a yes to it is a yes to all of them. */
function openedBy({
  approval,
  serviceAccounts,
  podSecrets = [],
  images = [],
  networks = [],
  askBeyond = [],
}: Lease['terms']) {
  const tiers = Object.entries(approval.tiers ?? {}).flatMap(([tier, stance]) => (stance === 'pass' ? [tier] : []))
  const lists: readonly (readonly [string, readonly string[]])[] = [
    ['! asks nobody about', approval.skip],
    ['! asks nobody about what is', tiers],
    ['pods may run as', serviceAccounts],
    ['other code may run in pods with the Secrets', podSecrets],
    ...images.map(list => ['images are of', list] as const),
    ...networks.map(list => ['used only from', list] as const),
    ['asks beyond', askBeyond],
  ]
  const said = lists.flatMap(([what, words]) =>
    words.length === 0 ? [] : [`${what} ${words.map(shownArgument).join(' ')}`],
  )
  return approval.untilLeaseEnds === true ? [...said, 'a yes under it may last until it ends'] : said
}
