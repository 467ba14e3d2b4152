import type { Lease, Task, Terms, Turn } from '../../lease/lease.ts'
import { newChildLeaseId, newLeaseId } from '../../lease/lease-id.ts'
import type { LeaseLimit } from '../../lease/lease-store.ts'
import { LIMITS } from '../../lease/limits.ts'
import { isNarrower } from '../../lease/scope/narrow.ts'
import { stricterTerms } from '../../lease/scope/terms.ts'
import { unmetByAsking } from '../../policy/conditions/conditions.ts'
import { closesAt } from '../../policy/conditions/hours.ts'
import type { MaskRules, Policy, TaskTemplate } from '../../policy/policy.ts'
import { issueScope } from '../../policy/template/issue-scope.ts'
import { type MayRequest, mayRequest } from '../../policy/template/may-request.ts'
import { type Parameters, parametersOf } from '../../policy/template/parameters.ts'
import { termsOf } from '../../policy/template/terms-of.ts'
import { issuedEvent } from '../../record/journal/events.ts'
import { maskText } from '../../record/mask/mask-text.ts'
import { heldError } from '../holds/hold-agent.ts'
import type { LeaseRequest } from '../http/read-body.ts'
import { StatusError } from '../http/refusal/status.ts'
import { mustKeepTime } from '../keeps-time.ts'
import type { AgentPrincipal, BrokerParts } from '../parts.ts'
import { stoppedError } from '../stops/stopped-error.ts'
import { givenByPeople } from './ask-for-lease.ts'
import { type ActsFor, actsFor } from './consent-to.ts'
import { findLease, type KnownLease } from './find-lease.ts'
import { type Handed, handedTo, unlessHeldNow } from './hand-on.ts'
import { mustHold } from './must-hold.ts'
import { mustBeOpen } from './open-ticket.ts'

/** A new lease for the agent, in the store; throws a StatusError that says why not. */
export async function issueLease(
  agent: AgentPrincipal,
  wish: LeaseRequest,
  source: string,
  parts: BrokerParts,
): Promise<KnownLease> {
  mustKeepTime(parts)
  const policy = parts.policy()
  const granted = whatIsGranted(agent, wish, policy)
  const parameters = parametersOf(granted.template, {
    given: wish.parameters,
    namespaces: granted.namespaces,
    ticket: wish.ticket,
  })
  if (typeof parameters === 'string') throw new StatusError(403, parameters)
  const secret = likeCredential(granted.template, wish, policy.mask)
  if (secret !== null) throw new StatusError(403, secret)
  const isHolder = agent.holder !== undefined
  const unmet = unmetByAsking(granted.template, { now: parts.clock(), source, ticket: wish.ticket, isHolder })
  if (unmet !== null) throw new StatusError(403, unmet)
  await mustBeOpen({ agent, wish, template: granted.template }, parts)
  const parent = wish.parent === null ? null : await liveParent(wish.parent, agent, parts)
  const handed = await handedTo({ agent, wish, template: granted.template, parent }, parts)
  const { forWhom, consent } = await actsFor({ agent, wish, template: granted.template, parent }, parts)
  const id = parent === null ? newLeaseId(agent.agent, parts.partitions) : newChildLeaseId(parent.id)
  const { template } = granted
  const most = handed?.most ?? 0
  const turn = await parts.leases.turn(id)
  const drafted = toLease({ id, agent, handed, forWhom, wish, granted, parameters, parent, now: parts.clock(), policy })
  const wait = (waiting: Lease, event: string) => put({ lease: waiting, event, template, most, turn }, parts)
  const given = await givenByPeople({ lease: drafted, ttlMs: wish.ttl, template, consent, put: wait }, parts)
  const lease = await put({ lease: given, event: JSON.stringify(issuedEvent(given)), template, most, turn }, parts)
  if (handed !== null) await unlessHeldNow(lease, parts)
  return { lease, state: { kind: 'active' }, taken: {} }
}

interface Putting {
  readonly lease: Lease
  readonly event: string
  readonly template: TaskTemplate
  /** So many may be handed on under the root. */
  readonly most: number
  /** When it was drafted: where it comes under what was ended since, it is not given. */
  readonly turn: Turn
}

/** Acts on many that come between a draft and its lease. */
const MOST_TURNS = 5

/** Into the store, with its turn: it comes after what was done meanwhile to leases that it has nothing to do with. */
async function put(
  { lease: given, event, template, most, turn }: Putting,
  parts: BrokerParts,
  left = MOST_TURNS,
): Promise<Lease> {
  const { leases, signer } = parts
  const limit = template.maxLeases
  const handed = given.delegated === undefined ? {} : { mostHanded: most }
  const lease = { ...given, turn }
  const created = await leases.create({ lease, contract: await signer.seal(lease), limit, ...handed, event })
  if (created.kind === 'moved') {
    if (left === 0) throw new StatusError(503, 'leases are being ended at the moment; ask again', 1)
    return put({ lease: given, event, template, most, turn: created.turn }, parts, left - 1)
  }
  if (created.kind === 'held') throw heldError(created.hold)
  if (created.kind === 'stopped') throw stoppedError(created.stopped)
  if (created.kind === 'too-many') throw new StatusError(409, tooMany(lease, limit, created.held))
  if (created.kind === 'limit') throw beyond(lease, created.limit, most)
  return lease
}

type Granted = Extract<MayRequest, { readonly kind: 'ok' }>

function whatIsGranted({ agent }: AgentPrincipal, wish: LeaseRequest, policy: Policy): Granted {
  const answer = mayRequest(policy, agent, { template: wish.template, namespaces: wish.namespaces, ttlMs: wish.ttl })
  if (answer.kind === 'ok') return answer
  throw new StatusError(answer.reason === 'ttl' ? 400 : 403, answer.message)
}

async function liveParent(id: string, agent: AgentPrincipal, parts: BrokerParts): Promise<Lease> {
  const { lease, state } = await findLease(id, agent, parts)
  mustHold(lease, agent)
  if (state.kind !== 'active') throw new StatusError(409, `the parent lease has ended: ${state.kind}`)
  return lease
}

interface Drafting {
  readonly id: string
  readonly agent: AgentPrincipal
  /** Null where whoever asks gets it. */
  readonly handed: Handed | null
  readonly forWhom: ActsFor['forWhom']
  readonly wish: LeaseRequest
  readonly granted: Granted
  readonly parameters: Parameters
  readonly parent: Lease | null
  readonly now: number
  readonly policy: Policy
}

function toLease({ id, agent, handed, forWhom, wish, granted, parameters, parent, now, policy }: Drafting): Lease {
  const { template, namespaces } = granted
  const scope = issueScope(template, namespaces, parameters)
  if (parent !== null && !isNarrower(scope, parent.scope)) {
    throw new StatusError(
      403,
      `a child lease must lie within its parent, and ${parent.id} does not cover all of this one`,
    )
  }
  return {
    id,
    ...forWhom,
    ...(handed === null ? ofItself(agent, parent) : handed.lease),
    ...(agent.actors === undefined ? {} : { actors: agent.actors }),
    task: toTask(wish, template.name, policy.mask),
    template: template.name,
    scope,
    ...(template.parameters === undefined ? {} : { parameters }),
    namespaces,
    budgets: template.budgets,
    terms: issueTerms(template, parent),
    issuedAt: now,
    expiresAt: endOf(template, now, Math.min(now + wish.ttl, parent?.expiresAt ?? Number.POSITIVE_INFINITY)),
    policyRevision: policy.revision,
    ancestors: parent === null ? [] : [...parent.ancestors, parent.id],
  }
}

/** Whoever asks has it; what was handed to it stays for whom it was, whatever is narrowed from it. */
function ofItself({ agent, sponsor, identity, holder }: AgentPrincipal, parent: Lease | null) {
  return {
    agent,
    ...(parent?.agentSponsor === undefined ? {} : { agentSponsor: sponsor }),
    issuer: identity.issuer,
    ...(holder === undefined ? {} : { holder }),
  }
}

/** No lease outlasts the hours that it was given in. */
function endOf({ hours }: TaskTemplate, now: number, end: number): number {
  return hours === undefined ? end : closesAt(hours, now, end)
}

/** A child opens nothing that its parent does not, whichever template it is made from. */
function issueTerms(template: TaskTemplate, parent: Lease | null): Terms {
  const terms = termsOf(template)
  return parent === null ? terms : stricterTerms(terms, parent.terms)
}

/**
 * What is compared with requests and tickets stands in the lease and in the record as it is: masked it would be another value, and the lease for
 * nothing. So what would be masked is no value at all. Says which, and nothing of it.
 */
function likeCredential(template: TaskTemplate, { parameters, ticket }: LeaseRequest, rules: MaskRules): string | null {
  const wantsTicket = template.ticket !== undefined || Object.hasOwn(template.parameters ?? {}, 'ticket')
  const compared = { ...parameters, ...(wantsTicket ? { ticket } : {}) }
  const found = Object.entries(compared).find(([, value]) => maskText(value, rules) !== value)
  if (found === undefined) return null
  const what = wantsTicket && found[0] === 'ticket' ? 'the ticket' : `parameter "${found[0]}"`
  return `${what} looks like a credential, and would stand in the lease and the record as it is: ask with what names the thing instead`
}

/** Free text of the agent, which goes into the record and before people's eyes: somebody will put a token there. */
function toTask({ task, reason, ticket }: LeaseRequest, template: string, rules: MaskRules): Task {
  const mask = (text: string): string => maskText(text, rules)
  return { name: task === '' ? template : mask(task), reason: mask(reason), ticket: mask(ticket) }
}

function tooMany({ agent, template }: Lease, limit: number, held: readonly string[]): string {
  return (
    `agent "${agent}" may hold ${limit} of template "${template}" at once and holds ${held.join(', ')}; ` +
    `use that, or end it with: leasegate lease revoke ${held[0] ?? 'ID'}`
  )
}

/** What no policy lifts: the store is everybody's. */
function beyond({ agent: of, delegated, ancestors }: Lease, limit: LeaseLimit, mostHanded: number): StatusError {
  const agent = delegated?.by ?? of
  switch (limit) {
    case 'minute':
      return new StatusError(429, `agent "${agent}" made ${LIMITS.leasesPerMinute} leases within a minute; wait`, 60)
    case 'leases':
      return new StatusError(
        429,
        `agent "${agent}" has ${LIMITS.leases} leases; wait until some of them have ended`,
        60,
      )
    case 'children':
      return new StatusError(
        429,
        `${LIMITS.children} leases are narrowed from ${ancestors[0]} already; end one of them`,
      )
    case 'handed':
      return new StatusError(
        409,
        `${mostHanded} of the leases under ${ancestors[0]} are handed to other agents already, which is all that there may be; end one of them`,
      )
    case 'levels':
      return new StatusError(403, `a lease is narrowed at most ${LIMITS.levels} times`)
    case 'bytes':
      return new StatusError(413, 'the scope of this lease is too long to be signed; ask for fewer namespaces')
  }
}
