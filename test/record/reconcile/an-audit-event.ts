import type { AuditEvent } from '../../../src/record/reconcile/audit-event.ts'
import type { RecordedRow } from '../../../src/record/reconcile/compare.ts'
import type { RecordLookup } from '../../../src/record/reconcile/reconcile.ts'

export const BOUNDARY = 'system:serviceaccount:leasegate:boundary'
export const PLANNER = 'system:serviceaccount:leasegate:planner'
export const USERS = { boundary: [BOUNDARY], planner: [PLANNER], agents: ['system:serviceaccount:agents:fixer'] }
export const AT = Date.UTC(2026, 8, 1, 10)

export function idOf(n: number): string {
  return `0d5e6a52-3c1b-4d2f-9d58-${String(n).padStart(12, '0')}`
}

export function anEvent(given: Partial<AuditEvent> = {}): AuditEvent {
  return {
    auditId: idOf(1),
    stage: 'ResponseComplete',
    receivedAt: AT,
    verb: 'get',
    path: '/api/v1/namespaces/shop/pods/web-1',
    dryRun: false,
    user: BOUNDARY,
    groups: ['system:serviceaccounts', 'system:authenticated'],
    as: {
      user: 'leasegate:fixer',
      groups: ['leasegate:agents', 'leasegate:task:restart-web', 'system:authenticated'],
      lease: 'lse_1',
    },
    object: { apiGroup: '', resource: 'pods', subresource: '', namespace: 'shop', name: 'web-1' },
    status: 200,
    userAgent: 'kubectl',
    source: '10.0.0.7',
    ...given,
  }
}

export function aRow(given: Partial<RecordedRow> = {}): RecordedRow {
  return {
    auditId: idOf(1),
    agent: 'fixer',
    lease: 'lse_1',
    template: 'restart-web',
    decision: 'allow',
    state: 'done',
    verb: 'get',
    apiGroup: '',
    resource: 'pods',
    subresource: '',
    namespace: 'shop',
    name: 'web-1',
    isResource: true,
    path: '/api/v1/namespaces/shop/pods/web-1',
    decidedAt: AT - 5,
    ...given,
  }
}

export function recordOf(rows: readonly RecordedRow[]): RecordLookup & { readonly asked: string[] } {
  const asked: string[] = []
  return {
    asked,
    byAuditId: async ids => {
      asked.push(...ids)
      return rows.filter(({ auditId }) => ids.includes(auditId))
    },
    forwarded: async ({ from, until }) => rows.filter(({ decidedAt }) => decidedAt >= from && decidedAt < until),
  }
}
