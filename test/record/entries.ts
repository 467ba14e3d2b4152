import type {
  ApprovalEvent,
  BrokerRefusal,
  DecisionEntry,
  HoldEvent,
  JournalItem,
  LeaseEvent,
  Settled,
  StopEvent,
} from '../../src/record/journal/journal-entry.ts'
import type { Outcome } from '../../src/record/outcome.ts'

const ALLOWED: Settled = { decision: 'allow', reason: '', approval: '' }

const INFO = {
  isResourceRequest: true,
  verb: 'get',
  apiPrefix: 'api',
  apiGroup: '',
  apiVersion: 'v1',
  namespace: 'shop',
  resource: 'pods',
  subresource: '',
  name: 'web-1',
  fieldSelector: '',
  labelSelector: '',
} as const

export function decision(change: Partial<DecisionEntry> = {}): DecisionEntry {
  return {
    kind: 'decision',
    auditId: 'a-1',
    decidedAt: Date.UTC(2026, 8, 1, 10),
    agent: 'fixer',
    sponsor: 'ada@example.com',
    task: { name: 'restart web', reason: 'it leaks', ticket: 'INC-42' },
    lease: 'lse_1',
    template: 'restart-web',
    policyRevision: 'rev-1',
    method: 'GET',
    path: '/api/v1/namespaces/shop/pods/web-1',
    info: INFO,
    command: [],
    runs: [],
    container: '',
    ports: '',
    stdin: false,
    tty: false,
    dryRun: false,
    propagationPolicy: '',
    force: false,
    gracePeriodSeconds: null,
    fieldManager: '',
    intent: 'allow',
    reason: '',
    detail: '',
    rule: '0',
    risk: '',
    source: '10.0.0.7',
    userAgent: 'kubectl/v1.36.0',
    kubectlCommand: 'kubectl get',
    kubectlSession: '0a1b',
    masked: 0,
    ...change,
  }
}

export function asked(info: Partial<DecisionEntry['info']>): DecisionEntry['info'] {
  return { ...INFO, ...info }
}

let sequence = 0

export function item(entry: JournalItem['entry'], settled: Settled | null = ALLOWED): JournalItem {
  sequence += 1
  return { stream: 'journal-0', id: `${sequence}-0`, entry, settled: entry.kind === 'decision' ? settled : null }
}

/** The end of the request that `entry` decided. */
export function outcome(entry: DecisionEntry, change: Partial<Outcome> = {}): Outcome {
  const { auditId, decidedAt, agent, lease } = entry
  return {
    key: { auditId, decidedAt, agent, lease },
    requestId: '',
    phase: 'end',
    startedAt: decidedAt - 1,
    method: entry.method,
    path: entry.path,
    source: entry.source,
    userAgent: entry.userAgent,
    status: 200,
    durationMs: 12,
    boundaryUs: 2500,
    bytesIn: 10,
    bytesOut: 2000,
    flags: [],
    details: 'via_upstream',
    exitCode: null,
    forwarded: true,
    ...change,
  }
}

export function leaseEvent(change: Partial<LeaseEvent> = {}): LeaseEvent {
  const { agent, sponsor, task, lease, template } = decision()
  return {
    kind: 'lease',
    event: 'issued',
    at: Date.UTC(2026, 8, 1, 9, 59),
    lease,
    agent,
    sponsor,
    task,
    template,
    namespaces: ['shop'],
    expiresAt: Date.UTC(2026, 8, 1, 10, 30),
    by: agent,
    reason: '',
    ...change,
  }
}

export function holdEvent(change: Partial<HoldEvent> = {}): HoldEvent {
  const { agent } = decision()
  return {
    kind: 'hold',
    event: 'held',
    at: Date.UTC(2026, 8, 1, 10, 1),
    agent,
    by: 'root@example.com',
    reason: 'wrong cluster',
    until: null,
    ...change,
  }
}

export function stopEvent(change: Partial<StopEvent> = {}): StopEvent {
  return {
    kind: 'stop',
    event: 'stop',
    at: Date.UTC(2026, 8, 1, 10, 1),
    subject: { kind: 'template', name: 'restart-web' },
    by: 'root@example.com',
    reason: 'wrong cluster',
    ...change,
  }
}

export function brokerRefusal(change: Partial<BrokerRefusal> = {}): BrokerRefusal {
  const { agent, source } = decision()
  const at = Date.UTC(2026, 8, 1, 10, 1)
  const said = { what: 'POST /v1/leases', status: 403, reason: 'agent "fixer" is held', source }
  return { kind: 'broker-refusal', id: 'r1', at, agent, person: '', ...said, ...change }
}

export function approvalEvent(change: Partial<ApprovalEvent> = {}): ApprovalEvent {
  const { agent, lease } = decision()
  return {
    kind: 'approval',
    event: 'approved',
    at: Date.UTC(2026, 8, 1, 10, 0, 30),
    approval: 'apr_1',
    lease,
    agent,
    by: 'bob@example.com',
    summary: 'get secrets/db in shop',
    reason: 'ticket says so',
    ...change,
  }
}
