import type { DecisionEntry, LeaseEvent } from '../../src/record/journal/journal-entry.ts'

const TASK = { name: 'restart', reason: 'it hangs', ticket: 'OPS-7' }

export function aDecision(given: Partial<DecisionEntry> = {}): DecisionEntry {
  return {
    kind: 'decision',
    auditId: 'a4b0',
    decidedAt: 1_790_000_000_000,
    agent: 'deployer',
    sponsor: 'ada@example.org',
    task: TASK,
    lease: '',
    template: 'restart-web',
    policyRevision: 'r1',
    method: 'GET',
    path: '/api/v1/namespaces/shop/pods',
    info: {
      isResourceRequest: true,
      verb: 'list',
      apiPrefix: 'api',
      apiGroup: '',
      apiVersion: 'v1',
      namespace: 'shop',
      resource: 'pods',
      subresource: '',
      name: '',
      fieldSelector: '',
      labelSelector: 'app=web',
    },
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
    source: '10.0.0.9',
    userAgent: 'kubectl/v1.36',
    kubectlCommand: 'kubectl get',
    kubectlSession: '',
    masked: 0,
    ...given,
  }
}

export function aLeaseEvent(given: Partial<LeaseEvent> = {}): LeaseEvent {
  return {
    kind: 'lease',
    event: 'issued',
    at: 1_790_000_000_000,
    lease: '',
    agent: 'deployer',
    sponsor: 'ada@example.org',
    task: TASK,
    template: 'restart-web',
    namespaces: ['shop'],
    expiresAt: 1_790_000_060_000,
    by: 'deployer',
    reason: '',
    ...given,
  }
}
