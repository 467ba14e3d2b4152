import { digestOf } from '../approval/digest.ts'
import { toQuestion } from '../approval/question.ts'
import type { Lease } from '../lease/lease.ts'
import { newApprovalId } from '../lease/lease-id.ts'
import type { Commit, Refused } from '../lease/lease-store.ts'
import { budgetsOf, mutates } from '../policy/budgets.ts'
import type { Policy } from '../policy/policy.ts'
import type { DenyReason, Verdict } from '../policy/verdict.ts'
import type { DecisionEntry } from '../record/journal/journal-entry.ts'
import { maskCommand } from '../record/mask/mask.ts'
import { maskText } from '../record/mask/mask-text.ts'
import { clientClaims } from '../request/headers.ts'
import type { HttpRequest } from '../request/http-request.ts'
import type { Known } from './settle.ts'

const PATH_LIMIT = 2048

/** How long a question waits for an approver, and how long a yes waits for the request to come again, milliseconds. */
export interface ApprovalTimes {
  readonly askMs: number
  readonly useMs: number
}

interface Judged {
  readonly times: ApprovalTimes
  readonly http: HttpRequest
  readonly known: Known
  readonly lease: Lease
  readonly verdict: Verdict
  readonly policy: Policy
}

/** What the store is asked to check, take and journal for a judged request. */
export function toCommit(judged: Judged): Commit {
  const { known, lease } = judged
  return {
    id: known.auditId,
    lease,
    now: known.decidedAt,
    intent: toIntent(judged),
    risky: known.request === null || mutates(known.request),
    entry: JSON.stringify(toEntry(judged)),
  }
}

/** A refusal without a lease, for the refusals stream. */
export function toRefused(
  http: HttpRequest,
  known: Known,
  why: { readonly reason: DenyReason; readonly detail: string },
  policyRevision: string,
): Refused {
  const entry: DecisionEntry = {
    ...asked(http, known),
    ...NOBODY,
    policyRevision,
    intent: 'deny',
    reason: why.reason,
    detail: why.detail,
    rule: '',
    risk: '',
  }
  return { id: known.auditId, source: http.source, now: known.decidedAt, entry: JSON.stringify(entry) }
}

const NOBODY = { agent: '', sponsor: '', task: { name: '', reason: '', ticket: '' }, lease: '', template: '' }

function toIntent({ http, known, lease, verdict, policy, times }: Judged): Commit['intent'] {
  const { request } = known
  if (verdict.kind === 'deny' || request === null) return { kind: 'deny' }
  const take = budgetsOf(request)
  if (verdict.kind === 'allow') return { kind: 'allow', take }
  return {
    kind: 'approval',
    take,
    digest: digestOf({ request, body: http.body, lease: lease.id, policyRevision: policy.revision }),
    proposedId: newApprovalId(lease.id),
    question: JSON.stringify(toQuestion(request, http.body, lease, verdict.risk)),
    ...times,
  }
}

function toEntry({ http, known, lease, verdict, policy }: Judged): DecisionEntry {
  return {
    ...asked(http, known),
    agent: lease.agent,
    sponsor: lease.sponsor,
    task: lease.task,
    lease: lease.id,
    template: lease.template,
    policyRevision: policy.revision,
    intent: verdict.kind,
    reason: verdict.kind === 'deny' ? verdict.reason : '',
    detail: verdict.kind === 'deny' ? verdict.detail : '',
    rule: verdict.kind === 'deny' ? '' : verdict.rule,
    risk: verdict.risk?.id ?? '',
  }
}

function asked(http: HttpRequest, { auditId, decidedAt, request }: Known) {
  const path = http.target.split('?', 1)[0] ?? ''
  return {
    kind: 'decision',
    auditId,
    decidedAt,
    method: http.method.slice(0, 32),
    path: path.slice(0, PATH_LIMIT),
    info: request?.info ?? null,
    command: maskCommand(request?.stream?.command ?? []),
    container: request?.stream?.container ?? '',
    dryRun: request?.query.split('&').includes('dryRun=All') ?? false,
    source: http.source,
    ...claims(http),
  } as const
}

/** Free text of the client: somebody will put a token there. */
function claims({ headers }: HttpRequest) {
  const { userAgent, kubectlCommand, kubectlSession } = clientClaims(headers)
  return {
    userAgent: maskText(userAgent),
    kubectlCommand: maskText(kubectlCommand),
    kubectlSession: maskText(kubectlSession),
  }
}
