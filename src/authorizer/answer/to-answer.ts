import { causesOf } from '../../denial/causes.ts'
import { denialMessage } from '../../denial/denial-message.ts'
import { DENIALS } from '../../denial/denials.ts'
import type { Denied } from '../../denial/denied.ts'
import type { Answer, Denial, Identity } from '../../envoy/answer.ts'
import { encodeExtraValue } from '../../kubernetes/extra-value.ts'
import type { Nearly } from '../../lease/committed.ts'
import type { Lease } from '../../lease/lease.ts'
import { EXTRA_KEYS, groupsOf, userOf } from '../../policy/rbac/identity.ts'
import { firstValue, parseQuery } from '../../request/query.ts'
import type { Decision } from '../decision.ts'
import { patienceMs } from './patience.ts'

const WARN_BELOW_MS = 60_000
const WARN_BELOW_SHARE = 0.2

const CREATED = 201

const FORBIDDEN = { status: 403, statusReason: 'Forbidden', retryAfter: null }

/** The headers that Kubernetes reads. To act as another is well understood there, and forbidden to whoever has no right to it. */
const IMPERSONATION = /^impersonate-(user|group|uid|extra-.*)$/

/** How often client-go sends again what was told to wait (rest/request.go, maxRetries). */
const TRIES = 10

/** What Envoy is told. The identity is the lease's, the stream ends with the lease at the latest; `consoleUrl` is where approvers sign in. */
export function toAnswer(decision: Decision, consoleUrl: string | null = null): Answer {
  if (decision.kind === 'deny') return toDenial(decision, consoleUrl)
  if (decision.kind === 'answer') return { kind: 'answer', key: decision.key, status: CREATED, ...decision.review }
  const { key, lease, request, nearly } = decision
  const leftMs = Math.max(1, lease.expiresAt - key.decidedAt)
  return {
    kind: 'allow',
    key,
    identity: withSaid(identityOf(lease), decision),
    streamMs: leftMs,
    timeoutSeconds: request.info.verb === 'watch' ? watchSeconds(request.query, leftMs) : null,
    warning: endsSoon(lease, leftMs) ?? (nearly === undefined ? null : nearlySpent(lease, nearly)),
    ...(decision.approval === undefined ? {} : { approval: decision.approval }),
    ...(decision.watched === undefined ? {} : { watched: decision.watched }),
    ...(decision.narrowed === undefined ? {} : { narrowed: decision.narrowed }),
    ...(decision.seconds === undefined ? {} : { seconds: decision.seconds }),
  }
}

type Allowed = Extract<Decision, { readonly kind: 'allow' }>

/** The same for each request under a lease: made once, so that it is written to the wire once as well. */
const identities = new WeakMap<Lease, Identity>()

/** Kubernetes' RBAC sees this user and these groups; the extras are for its audit log. */
function identityOf(lease: Lease): Identity {
  const before = identities.get(lease)
  if (before !== undefined) return before
  const identity = {
    user: userOf(lease.agent),
    groups: groupsOf(lease.template),
    extras: {
      [EXTRA_KEYS.lease]: lease.id,
      [EXTRA_KEYS.task]: lease.template,
      // Kubernetes refuses an extra without a value.
      ...(lease.sponsor === '' ? {} : { [EXTRA_KEYS.sponsor]: encodeExtraValue(lease.sponsor) }),
    },
  }
  identities.set(lease, identity)
  return identity
}

/** What admission policies go by is another with each request. */
function withSaid(identity: Identity, { bound, granted }: Pick<Allowed, 'bound' | 'granted'>): Identity {
  if (bound === undefined && granted === undefined) return identity
  const extras = {
    ...identity.extras,
    ...(bound === undefined ? {} : { [EXTRA_KEYS.bound]: bound }),
    ...(granted === undefined ? {} : { [EXTRA_KEYS.terms]: granted }),
  }
  return { ...identity, extras }
}

/** The API server then ends the watch in good order before Envoy cuts it; null where the client asks for less already. */
function watchSeconds(query: string, leftMs: number): number | null {
  const left = Math.max(1, Math.floor(leftMs / 1000))
  const parsed = parseQuery(query)
  const asked = parsed.kind === 'query' ? (firstValue(parsed.query, 'timeoutSeconds') ?? '') : ''
  const seconds = /^[+-]?\d{1,15}$/.test(asked) ? Number(asked) : 0
  return seconds > 0 && seconds <= left ? null : left
}

function endsSoon(lease: Lease, leftMs: number): string | null {
  const ttlMs = lease.expiresAt - lease.issuedAt
  if (leftMs >= Math.min(WARN_BELOW_MS, ttlMs * WARN_BELOW_SHARE)) return null
  return `leasegate: lease ${lease.id} ends in ${Math.ceil(leftMs / 1000)} s`
}

/** In the words of the policy file, as a denial names the budget once it is spent. */
function nearlySpent({ id }: Lease, { budget, count }: Nearly): string {
  return `leasegate: lease ${id} has ${count} left of its budget of ${budget}`
}

export function toDenial(decision: Denied, consoleUrl: string | null = null): Denial {
  const { approval } = decision
  const approvalUrl = approval === null || consoleUrl === null ? null : `${consoleUrl}/console/approvals/${approval}`
  const { status, retryAfter, statusReason } = denialOf(decision)
  const body = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: denialMessage(decision, approvalUrl),
    reason: statusReason,
    details: {
      ...subjectOf(decision),
      causes: causesOf(decision, approvalUrl),
      ...(retryAfter === null ? {} : { retryAfterSeconds: retryAfter }),
    },
    code: status,
  }
  return { kind: 'deny', key: decision.key, status, retryAfter, body: JSON.stringify(body) }
}

/** What was asked for, as StatusDetails has it: `kind` is the resource. */
function subjectOf({ request }: Denied): object {
  if (request === null || !request.info.isResourceRequest) return {}
  const { name, apiGroup, resource } = request.info
  return { ...(name === '' ? {} : { name }), ...(apiGroup === '' ? {} : { group: apiGroup }), kind: resource }
}

/**
 * An upgrade that is told to wait would be tried again in another protocol at once: client-go waits only for plain requests. Who has no
 * time to wait is told at once as well: its deadline would come first, and it would never see what it waits for.
 */
function denialOf({ reason, detail, request }: Denied) {
  const denial: { status: number; statusReason: string; retryAfter?: number } = DENIALS[reason]
  if (reason === 'forbidden-header' && IMPERSONATION.test(detail)) return FORBIDDEN
  if (reason === 'approval-pending' && request?.upgrade != null) {
    return FORBIDDEN
  }
  const { retryAfter = null } = denial
  const tooLong = retryAfter !== null && patienceMs(request) <= retryAfter * 1000 * TRIES
  return { ...denial, retryAfter: tooLong ? null : retryAfter }
}
