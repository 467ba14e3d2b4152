import QuickLRU from 'quick-lru'
import { cut, cutAndMask, KEPT } from './journal/cut.ts'
import type {
  ApprovalEvent,
  BrokerRefusal,
  DecisionEntry,
  HoldEvent,
  JournalItem,
  LeaseEvent,
  RefusalSummary,
  Settled,
  StopEvent,
} from './journal/journal-entry.ts'
import { maskText } from './mask/mask-text.ts'
import type { Outcome } from './outcome.ts'
import type { Row } from './record-sink.ts'
import type { RowKey } from './row-key.ts'

const { word: WORD, text: TEXT, path: PATH } = KEPT
const LATEST = Date.UTC(2200, 0)

/** The row of a journal item: the decision's half of a request, or an event. */
export function toRow({ entry, settled }: JournalItem): Row {
  switch (entry.kind) {
    case 'decision':
      return { table: 'request_halves', values: fromDecision(entry, settled) }
    case 'lease':
      return { table: 'lease_events', values: fromLeaseEvent(entry) }
    case 'approval':
      return { table: 'approval_events', values: fromApprovalEvent(entry) }
    case 'hold':
      return { table: 'hold_events', values: fromHoldEvent(entry) }
    case 'stop':
      return { table: 'stop_events', values: fromStopEvent(entry) }
    case 'broker-refusal':
      return { table: 'broker_refusals', values: fromBrokerRefusal(entry) }
    case 'refusals':
      return { table: 'refusal_summaries', values: fromRefusals(entry) }
  }
}

/** The outcome's half. `ownId` names a request that Envoy answered without a decision. */
export function toOutcomeRow(outcome: Outcome, ownId: string): Row {
  const key = toKey(outcome.key ?? { auditId: ownId, decidedAt: outcome.startedAt, agent: '', lease: '' })
  const seenAt = time(outcome.startedAt + outcome.durationMs)
  const ended = outcome.phase === 'end'
  const values = {
    decided_at: key.decided_at,
    agent: key.agent,
    lease: key.lease,
    audit_id: key.audit_id,
    started_at: time(outcome.startedAt),
    seen_at: seenAt,
    ended_at: ended ? seenAt : null,
    status: ended || outcome.status > 0 ? count(outcome.status, 65_535) : null,
    duration_ms: ended ? count(outcome.durationMs) : null,
    boundary_us: outcome.boundaryUs === null ? null : count(outcome.boundaryUs, 4_294_967_295),
    bytes_in: count(outcome.bytesIn),
    bytes_out: count(outcome.bytesOut),
    forwarded: outcome.forwarded,
    flags: ended ? text(outcome.flags.join(','), WORD) : null,
    details: ended ? text(outcome.details, WORD) : null,
    exit_code: outcome.exitCode,
  }
  const tells = outcome.key === null || outcome.key.lease === '' || neverDecided(outcome)
  return { table: 'request_halves', values: tells ? { ...values, ...seenBy(outcome) } : values }
}

/** That the Envoy which had this request open is gone. Whatever is heard of it later counts more. */
export function toGoneRow(key: RowKey, at: number): Row {
  return { table: 'request_halves', values: { ...toKey(key), gone_at: time(at) } }
}

/** The store was away: what the authorizer answered then is in no journal. */
function neverDecided({ status, forwarded }: Outcome): boolean {
  return status === 503 && !forwarded
}

/** Only where no decision may ever tell: a refusal past the cap, or an answer of Envoy's own. */
function seenBy({ method, path, source, userAgent }: Outcome): Row['values'] {
  return {
    seen_method: said(method, 32),
    seen_path: said(path.split('?', 1)[0] ?? '', PATH),
    seen_source: text(source, WORD),
    seen_user_agent: said(userAgent, WORD),
  }
}

/** One literal: an object that others are spread into grows three columns at a time, and is made anew each time. */
function fromDecision(entry: DecisionEntry, settled: Settled | null): Row['values'] {
  const [key, read] = [toKey(entry), asRead(entry)]
  const { task, task_reason, ticket } = toTask(entry.task)
  const { decision, reason } = decided(entry, settled)
  return {
    decided_at: key.decided_at,
    agent: key.agent,
    lease: key.lease,
    audit_id: key.audit_id,
    sponsor: text(entry.sponsor, WORD),
    task,
    task_reason,
    ticket,
    template: text(entry.template, WORD),
    policy_revision: text(entry.policyRevision, WORD),
    method: text(entry.method, 32),
    path: text(entry.path, PATH),
    readable: read.readable,
    is_resource: read.is_resource,
    verb: read.verb,
    api_group: read.api_group,
    api_version: read.api_version,
    resource: read.resource,
    subresource: read.subresource,
    namespace: read.namespace,
    name: read.name,
    field_selector: read.field_selector,
    label_selector: read.label_selector,
    command: JSON.stringify(entry.command.map(argument => text(argument, TEXT))),
    runs: JSON.stringify(entry.runs.map(each => text(each, TEXT))),
    container: text(entry.container, WORD),
    ports: text(entry.ports, WORD),
    stdin: entry.stdin,
    tty: entry.tty,
    dry_run: entry.dryRun,
    propagation_policy: text(entry.propagationPolicy, WORD),
    force: entry.force,
    grace_period_seconds: entry.gracePeriodSeconds,
    field_manager: text(entry.fieldManager, WORD),
    masked: count(entry.masked, 4_294_967_295),
    decision,
    reason,
    detail: text(entry.detail, TEXT),
    rule: text(entry.rule, WORD),
    risk: text(entry.risk, WORD),
    risks: entry.risks === undefined ? null : text(entry.risks.join(' '), TEXT),
    approval: text(settled?.approval ?? '', WORD),
    source: text(entry.source, WORD),
    user_agent: said(entry.userAgent, WORD),
    kubectl_command: said(entry.kubectlCommand, WORD),
    kubectl_session: text(entry.kubectlSession, WORD),
  }
}

function asRead({ info }: DecisionEntry) {
  return {
    readable: info !== null,
    is_resource: info?.isResourceRequest ?? false,
    verb: text(info?.verb ?? '', WORD),
    api_group: text(info?.apiGroup ?? '', WORD),
    api_version: text(info?.apiVersion ?? '', WORD),
    resource: text(info?.resource ?? '', WORD),
    subresource: text(info?.subresource ?? '', WORD),
    namespace: text(info?.namespace ?? '', WORD),
    name: text(info?.name ?? '', WORD),
    field_selector: text(info?.fieldSelector ?? '', TEXT),
    label_selector: text(info?.labelSelector ?? '', TEXT),
  }
}

/** The store has the last word. What it did not settle was never allowed, whatever was meant. */
function decided(entry: DecisionEntry, settled: Settled | null) {
  const decision = settled?.decision ?? 'deny'
  const why = settled?.reason || entry.reason
  if (why !== '' || decision === 'allow') return { decision, reason: decision === 'allow' ? '' : text(why, WORD) }
  return { decision, reason: decision === 'pending' ? 'approval-pending' : 'unavailable' }
}

function fromLeaseEvent(event: LeaseEvent): Row['values'] {
  return {
    lease: text(event.lease, WORD),
    event: event.event,
    narrowing: event.times === undefined ? '' : String(event.times),
    at: time(event.at),
    agent: text(event.agent, WORD),
    sponsor: text(event.sponsor, WORD),
    ...toTask(event.task),
    template: text(event.template, WORD),
    namespaces: event.namespaces.map(name => text(name, WORD)),
    scope: JSON.stringify(event.scope ?? []).toWellFormed(),
    parameters: event.parameters === undefined ? '' : JSON.stringify(event.parameters).toWellFormed(),
    ancestors: (event.ancestors ?? []).map(id => text(id, WORD)),
    delegated_by: text(event.delegatedBy ?? '', WORD),
    expires_at: time(event.expiresAt),
    by: text(event.by, WORD),
    reason: text(event.reason, TEXT),
  }
}

function fromApprovalEvent(event: ApprovalEvent): Row['values'] {
  return {
    approval: text(event.approval, WORD),
    event: event.event,
    at: time(event.at),
    lease: text(event.lease, WORD),
    agent: text(event.agent, WORD),
    by: text(event.by, WORD),
    // Somebody may say it again, of what has changed since.
    voice: event.event === 'yes' ? text(`${event.at} ${event.by}`, WORD) : '',
    summary: text(event.summary, TEXT),
    reason: text(event.reason, TEXT),
    changes: event.changes ? JSON.stringify(event.changes).toWellFormed() : '',
  }
}

function fromHoldEvent(event: HoldEvent): Row['values'] {
  return {
    agent: text(event.agent, WORD),
    at: time(event.at),
    event: event.event,
    by: text(event.by, WORD),
    reason: text(event.reason, TEXT),
    until: event.until === null ? null : time(event.until),
  }
}

function fromStopEvent({ subject, at, event, by, reason }: StopEvent): Row['values'] {
  return {
    subject: subject.kind,
    name: text(subject.name, WORD),
    at: time(at),
    event,
    by: text(by, WORD),
    reason: text(reason, TEXT),
  }
}

function fromBrokerRefusal(refusal: BrokerRefusal): Row['values'] {
  return {
    id: text(refusal.id, WORD),
    at: time(refusal.at),
    agent: text(refusal.agent, WORD),
    person: text(refusal.person, WORD),
    what: text(refusal.what, WORD),
    status: count(refusal.status, 65_535),
    reason: text(refusal.reason, TEXT),
    source: text(refusal.source, WORD),
  }
}

function fromRefusals({ minute, source, count: refusals }: RefusalSummary): Row['values'] {
  return { minute: time(minute).slice(0, 19), source: text(source, WORD), count: count(refusals) }
}

function toTask({ name, reason, ticket }: DecisionEntry['task']) {
  return { task: text(name, WORD), task_reason: text(reason, TEXT), ticket: text(ticket, WORD) }
}

/** Both halves must come out the same, or one request becomes two rows. */
function toKey(key: NonNullable<Outcome['key']>) {
  return {
    decided_at: time(key.decidedAt),
    agent: text(key.agent, WORD),
    lease: text(key.lease, WORD),
    audit_id: text(key.auditId, WORD),
  }
}

/** For what a client may say freely: one may send its token in the wrong header. */
function said(value: string, limit: number): string {
  if (value === '' || (value.length <= limit && HARMLESS.has(value))) return value
  const masked = text(cutAndMask(value, limit, maskText), limit)
  if (masked === value && value.length <= WORD) HARMLESS.set(value, true)
  return masked
}

/** Clients say the same of themselves with each request, and to look it through is half of what makes a row. None in which something was hidden is kept. */
const HARMLESS = new QuickLRU<string, true>({ maxSize: 1000 })

/** What is cut says so. Half a surrogate pair is no text, and would have its row refused. */
function text(value: string, limit: number): string {
  return cut(value, limit).toWellFormed()
}

function time(ms: number): string {
  const inRange = Number.isFinite(ms) ? Math.min(Math.max(Math.trunc(ms), 0), LATEST) : 0
  const second = Math.floor(inRange / 1000)
  if (second !== lastSecond.number) {
    lastSecond = { number: second, text: new Date(second * 1000).toISOString().slice(0, 19).replace('T', ' ') }
  }
  return `${lastSecond.text}.${String(inRange % 1000).padStart(3, '0')}`
}

/** A request has six times, most of them of the second before: to print one anew is the slowest of what makes a row. */
let lastSecond = { number: Number.NaN, text: '' }

function count(value: number, limit = Number.MAX_SAFE_INTEGER): number {
  return Number.isFinite(value) ? Math.min(Math.max(Math.trunc(value), 0), limit) : 0
}
