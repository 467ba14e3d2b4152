import { digestOf } from '../approval/digest.ts'
import { toQuestion } from '../approval/question.ts'
import type { Lease } from '../lease/lease.ts'
import { newApprovalId } from '../lease/lease-id.ts'
import type { Commit, Refused } from '../lease/lease-store.ts'
import { budgetsOf, mutates } from '../policy/budgets.ts'
import type { MaskRules, Policy } from '../policy/policy.ts'
import type { DenyReason, Verdict } from '../policy/verdict.ts'
import type { DecisionEntry } from '../record/journal/journal-entry.ts'
import { maskCommand } from '../record/mask/mask.ts'
import { maskText } from '../record/mask/mask-text.ts'
import type { RequestInfo } from '../request/api-request.ts'
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
  { revision, mask }: Pick<Policy, 'revision' | 'mask'>,
): Refused {
  const entry: DecisionEntry = {
    ...asked(http, known, mask),
    ...NOBODY,
    policyRevision: revision,
    intent: 'deny',
    reason: why.reason,
    detail: toDetail(why.detail, http, mask),
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
    ...asked(http, known, policy.mask),
    agent: lease.agent,
    sponsor: lease.sponsor,
    task: lease.task,
    lease: lease.id,
    template: lease.template,
    policyRevision: policy.revision,
    intent: verdict.kind,
    reason: verdict.kind === 'deny' ? verdict.reason : '',
    detail: verdict.kind === 'deny' ? toDetail(verdict.detail, http, policy.mask) : '',
    rule: verdict.kind === 'deny' ? '' : verdict.rule,
    risk: verdict.risk?.id ?? '',
  }
}

function asked(http: HttpRequest, { auditId, decidedAt, request }: Known, rules: MaskRules) {
  const path = pathOf(http)
  const mask = (text: string): string => maskText(text, rules)
  return {
    kind: 'decision',
    auditId,
    decidedAt,
    method: request === null ? mask(http.method.slice(0, 32)) : http.method,
    path: PLAIN_PATH.test(path) ? path : mask(path),
    info: request === null ? null : toInfo(request.info, mask),
    command: maskCommand(request?.stream?.command ?? [], rules),
    container: mask(request?.stream?.container ?? ''),
    dryRun: request?.query.split('&').includes('dryRun=All') ?? false,
    source: http.source,
    ...claims(http, mask),
  } as const
}

/** What names of Kubernetes look like. Whatever else stands in a path or a name may be anything, also a token. */
const PLAIN_PATH = /^[a-z0-9./:-]*$/

function pathOf({ target }: HttpRequest): string {
  return (target.split('?', 1)[0] ?? '').slice(0, PATH_LIMIT)
}

/** May quote the path, and is our own words otherwise. */
function toDetail(detail: string, http: HttpRequest, rules: MaskRules): string {
  return PLAIN_PATH.test(pathOf(http)) ? detail : maskText(detail, rules)
}

/** Selectors are the client's words as well. */
function toInfo(info: RequestInfo, mask: (text: string) => string): RequestInfo {
  const { name, fieldSelector, labelSelector } = info
  return {
    ...info,
    name: PLAIN_PATH.test(name) ? name : mask(name),
    fieldSelector: mask(fieldSelector),
    labelSelector: mask(labelSelector),
  }
}

/** Free text of the client: somebody will put a token there. */
function claims({ headers }: HttpRequest, mask: (text: string) => string) {
  const { userAgent, kubectlCommand, kubectlSession } = clientClaims(headers)
  return {
    userAgent: mask(userAgent),
    kubectlCommand: mask(kubectlCommand),
    kubectlSession: mask(kubectlSession),
  }
}
