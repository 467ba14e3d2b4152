import { toCommit } from '../../../src/authorizer/journal/journal.ts'
import { prepare } from '../../../src/authorizer/prepare.ts'
import type { Known } from '../../../src/authorizer/settle.ts'
import { underWatch } from '../../../src/authorizer/watch/watch-of.ts'
import type { Holder, Lease } from '../../../src/lease/lease.ts'
import { unmetByRequest } from '../../../src/policy/conditions/conditions.ts'
import { judge } from '../../../src/policy/judge/judge.ts'
import type { Verdict } from '../../../src/policy/judge/verdict.ts'
import type { Policy } from '../../../src/policy/policy.ts'
import type { Recorded } from '../../../src/policy/replay/recorded.ts'
import { issueScope } from '../../../src/policy/template/issue-scope.ts'
import { parametersOf } from '../../../src/policy/template/parameters.ts'
import { termsOf } from '../../../src/policy/template/terms-of.ts'
import { issuedEvent } from '../../../src/record/journal/events.ts'
import type { DecisionEntry, JournalItem, Settled } from '../../../src/record/journal/journal-entry.ts'
import { toRow } from '../../../src/record/to-rows.ts'
import type { HttpRequest } from '../../../src/request/http-request.ts'
import { readAnywhere } from '../../../src/request/read-request.ts'

/** Who asks for what kind of lease. */
export interface Asking {
  readonly agent: string
  readonly template: string
  readonly namespaces: readonly string[]
  readonly ticket?: string
  readonly parameters?: Readonly<Record<string, string>>
  /** With a client certificate. */
  readonly holder?: Holder
  /** For a person who consents. */
  readonly onBehalfOf?: Lease['onBehalfOf'] & object
}

export const HOLDER: Holder = { authority: 'mesh', name: 'spiffe://x/bot', thumbprint: 't', boundTo: 'name' }
export const PERSON = { issuer: 'i', subject: 'ada' }

/** A lease of this policy, as the broker would give it. */
export function aLeaseOf(policy: Policy, asking: Asking, id = 'lse_1', given: Partial<Lease> = {}): Lease {
  const { agent, namespaces, ticket = '', parameters: wish = {}, holder, onBehalfOf } = asking
  const template = policy.templates.find(({ name }) => name === asking.template)
  if (template === undefined) throw new Error(`there is no template ${asking.template}`)
  const parameters = parametersOf(template, { given: wish, namespaces, ticket })
  if (typeof parameters === 'string') throw new Error(parameters)
  return {
    id,
    agent,
    sponsor: onBehalfOf === undefined ? '' : onBehalfOf.subject,
    ...(onBehalfOf === undefined ? {} : { onBehalfOf }),
    ...(holder === undefined ? {} : { holder }),
    task: { name: template.name, reason: '', ticket },
    template: template.name,
    scope: issueScope(template, namespaces, parameters),
    ...(template.parameters === undefined ? {} : { parameters }),
    namespaces,
    budgets: template.budgets,
    terms: termsOf(template),
    issuedAt: NOW,
    expiresAt: NOW + 600_000,
    policyRevision: policy.revision,
    ancestors: [],
    ...given,
  }
}

/** Lately: questions to the record look back from the real clock, 90 days at most. */
export const NOW = Date.now() - 60_000

/** What the policy says to the request as it was sent. */
export function verdictOn(policy: Policy, lease: Lease, http: HttpRequest): Verdict {
  const read = readAnywhere(http)
  if (read.kind === 'refused') return { kind: 'deny', reason: read.reason, detail: read.detail, risk: null }
  return unmetByRequest({ lease, above: [] }, http.source, policy) ?? judge({ request: read.request, lease, policy })
}

/** The journal's items of a lease and of a request under it, written by what writes them in the authorizer. */
export function journaled(
  policy: Policy,
  lease: Lease,
  http: HttpRequest,
  settled?: Settled,
  watchers: readonly string[] = [],
): JournalItem {
  const known: Known = {
    auditId: http.id,
    decidedAt: NOW + 1000,
    begunAt: 0,
    isCommitting: false,
    request: null,
    refusedAs: null,
    said: null,
    lease,
    narrowed: 0,
    ways: [],
    review: null,
  }
  const read = readAnywhere(http)
  if (read.kind === 'read') known.request = read.request
  else known.refusedAs = read.info ?? null
  const above: readonly Lease[] = []
  const judged = underWatch(verdictOn(policy, lease, http), watchers)
  const onFailure = () => undefined
  const { verdict, ask } = prepare({ http, known, lease, above, verdict: judged, policy, standing: null, onFailure })
  const times = { askMs: 60_000, useMs: 60_000 }
  const commit = toCommit({ http, known, lease, above, verdict, ask, watchers, policy, times })
  const entry = JSON.parse(commit.entry) as DecisionEntry
  return { stream: 'journal-00', id: `${http.id}-0`, entry, settled: settled ?? SETTLED[commit.intent.kind] }
}

const SETTLED = {
  allow: { decision: 'allow', reason: '', approval: '' },
  deny: { decision: 'deny', reason: '', approval: '' },
  approval: { decision: 'pending', reason: '', approval: 'apr_1' },
} as const satisfies Record<string, Settled>

export function issued(lease: Lease): JournalItem {
  return { stream: 'journal-00', id: '1-0', entry: issuedEvent(lease), settled: null }
}

/** The row of one request, as the saved query finds it. */
export function recorded(
  policy: Policy,
  lease: Lease,
  http: HttpRequest,
  settled?: Settled,
  watchers: readonly string[] = [],
): Recorded {
  const { values } = toRow(journaled(policy, lease, http, settled, watchers))
  const text = (name: string) => String(values[name] ?? '')
  return {
    agent: lease.agent,
    template: lease.template,
    ticket: lease.task.ticket,
    namespaces: lease.namespaces,
    parameters: lease.parameters ?? {},
    delegatedBy: lease.delegated?.by ?? '',
    narrowed: lease.ancestors.length > 0,
    bound: lease.holder === undefined ? 'no' : 'yes',
    consented: lease.onBehalfOf === undefined ? 'no' : 'yes',
    method: text('method'),
    path: text('path'),
    isResource: values['is_resource'] === true,
    verb: text('verb'),
    apiGroup: text('api_group'),
    resource: text('resource'),
    subresource: text('subresource'),
    namespace: text('namespace'),
    name: text('name'),
    fieldSelector: text('field_selector'),
    labelSelector: text('label_selector'),
    command: JSON.parse(text('command')),
    stdin: values['stdin'] === true,
    ports: text('ports'),
    force: values['force'] === true,
    source: text('source'),
    decision: text('decision') as Recorded['decision'],
    reason: text('reason'),
    rule: text('rule'),
    risk: text('risk'),
    asked: text('approval') !== '',
    watched: text('decision') !== 'deny' && text('detail').startsWith('watched by '),
    requests: 1,
    examples: [http.id],
  }
}
