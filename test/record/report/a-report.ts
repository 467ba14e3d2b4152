import type { Row } from '../../../src/record/queries/cells.ts'
import type { LeaseReport, Part } from '../../../src/record/report/lease/lease-report.ts'

const TIME = '2026-11-29 10:00:00.000'

/** A report of which every text that can be somebody else's is this one. */
export function reportOf(text: string): LeaseReport {
  const times = {
    first_at: TIME,
    last_at: TIME,
    time: TIME,
    at: TIME,
    asked_at: TIME,
    answered_at: TIME,
    used_at: TIME,
  }
  const said = (...columns: readonly string[]): Row => Object.fromEntries(columns.map(column => [column, text]))
  const part = (...rows: readonly Row[]): Part => ({ rows: rows.map(row => ({ ...times, ...row })), total: 999 })
  const rule = { verbs: [text], apiGroups: [text], resources: [text], resourceNames: [text], namespaces: [text] }
  return {
    lease: {
      ...said('lease', 'agent', 'sponsor', 'template', 'task', 'task_reason', 'ticket', 'revoked_by', 'reason'),
      ...{ issued_at: TIME, expires_at: TIME, revoked_at: TIME, namespaces: [text] },
      scope: JSON.stringify([{ ...rule, nonResourceURLs: [text], commands: [[text]], fields: [text] }]),
    },
    actions: [
      { decision: 'allow', is_resource: true, verb: 'get', requests: 3, ...said('resource', 'namespace', 'api_group') },
    ],
    objects: part({
      ...said('kind', 'name', 'namespace'),
      ...{ verbs: [text], ran: [text], approvals: ['apr_1'], writes: 2, done: 1, refused: 1, changed: 1 },
    }),
    sessions: [
      {
        ...{ ...times, decision: 'allow', duration_ms: 12, exit_code: 1 },
        ...said('kind', 'pod', 'namespace', 'container', 'ports', 'command', 'audit_id', 'end_reason'),
      },
    ],
    commands: part({ command: text, audit_id: text }),
    denials: part({ ...said('what', 'command', 'reason', 'detail'), times: 2 }),
    questions: [{ ...times, ...said('question'), approval: 'apr_1', answer: 'approved', total: 999 }],
    answers: part({
      ...said('by', 'reason', 'summary'),
      ...{ approval: 'apr_1', event: 'approved' },
      changes: JSON.stringify({ fields: [{ path: text, kind: 'changed', before: text, after: text }], more: 2 }),
    }),
    story: part(
      { ...said('what', 'command', 'end_reason'), decision: 'allow', status: 200, exit_code: 0 },
      { ...said('what', 'command', 'reason'), decision: 'deny' },
      { ...said('what', 'reason'), decision: '' },
    ),
  }
}
