import { createClickHouseSink } from '../../../src/record/clickhouse-record-sink.ts'
import type { DecisionEntry } from '../../../src/record/journal/journal-entry.ts'
import type { Outcome } from '../../../src/record/outcome.ts'
import { createQueryRunner } from '../../../src/record/queries/run-query.ts'
import { toLeaseDocument } from '../../../src/record/report/lease/lease-document.ts'
import { askLeaseReport } from '../../../src/record/report/lease/lease-report.ts'
import { toOutcomeRow, toRow } from '../../../src/record/to-rows.ts'
import type { TestDatabase } from '../embedded.ts'
import { approvalEvent, asked, decision, item, leaseEvent, outcome } from '../entries.ts'

const BEGUN = Date.UTC(2026, 10, 29, 9, 40)
export const NOW = Date.UTC(2026, 10, 29, 12)
const at = (minutes: number): number => BEGUN + minutes * 60_000

const denied = { decision: 'deny', reason: '', approval: '' } as const
const pending = { decision: 'pending', reason: '', approval: 'apr_1' } as const
const deployment = asked({ verb: 'patch', resource: 'deployments', apiGroup: 'apps', name: 'web' })

type Did = readonly [
  entry: DecisionEntry,
  settled: typeof denied | typeof pending | object | null,
  ended: Partial<Outcome>,
]

const TASK = { name: 'restart web', reason: 'checkout answers 500 since the last release', ticket: 'INC-4711' }

/** A working day of one lease: looks, is refused, asks, changes an image with a yes, looks into a pod. */
const DONE: readonly Did[] = [
  ...Array.from(
    { length: 40 },
    (_, n): Did => [step(`r${n}`, 1 + n / 20, { info: asked({ verb: 'list', name: '' }) }), null, {}],
  ),
  [
    step('d1', 4, {
      info: asked({ verb: 'delete', resource: 'pods', name: 'web-1', namespace: 'prod' }),
      intent: 'deny',
      reason: 'out-of-scope',
      detail: 'delete on pods in prod',
    }),
    denied,
    { status: 403, forwarded: false, details: 'ext_authz_denied' },
  ],
  [
    step('a1', 6, { info: deployment, intent: 'approval', risk: 'workload-code' }),
    pending,
    { status: 429, forwarded: false, details: 'ext_authz_denied' },
  ],
  [
    step('a2', 9, {
      info: deployment,
      intent: 'approval',
      risk: 'workload-code',
      runs: ['web: registry.example/web:1.7.2'],
    }),
    { ...pending, decision: 'allow' },
    {},
  ],
  [step('c1', 10, { info: asked({ verb: 'patch', resource: 'configmaps', name: 'web' }) }), null, { status: 409 }],
  [
    step('s1', 12, {
      info: asked({ verb: 'create', subresource: 'exec', name: 'web-6d4b75cb6d-hx2lp' }),
      command: ['sh', '-c', 'tail -n 50 /var/log/web.log\ngrep 500 /var/log/web.log | wc -l'],
      container: 'web',
      tty: false,
    }),
    null,
    { status: 101, durationMs: 4200, exitCode: 0 },
  ],
]

function step(auditId: string, minutes: number, change: Partial<DecisionEntry>): DecisionEntry {
  return decision({ auditId, decidedAt: at(minutes), task: TASK, ...change })
}

const CHANGES = {
  fields: [
    {
      path: 'spec.template.spec.containers[web].image',
      kind: 'changed',
      before: 'registry.example/web:1.7.1',
      after: 'registry.example/web:1.7.2',
    },
    { path: 'spec.template.spec.containers[web].env[API_TOKEN].value', kind: 'changed', hidden: true },
  ],
  more: 3,
} as const

export async function writeLease(database: TestDatabase, more: readonly Did[] = []): Promise<void> {
  const task = { task: TASK, at: at(0), expiresAt: at(60) }
  const ended = { ...task, at: at(20), event: 'revoked', by: 'fixer for ada@example.com', reason: 'done' } as const
  const rows = [...DONE, ...more].flatMap(([entry, settled, change]) => [
    toRow(item(entry, (settled ?? { decision: 'allow', reason: '', approval: '' }) as never)),
    toOutcomeRow(outcome(entry, change), ''),
  ])
  await createClickHouseSink(database.clickhouse.writer).write([
    toRow(item(leaseEvent({ ...task, scope: SCOPE, delegatedBy: 'planner' }))),
    toRow(item(leaseEvent(ended))),
    toRow(
      item(
        approvalEvent({
          at: at(8),
          summary: 'patch deployments.apps "web" in shop',
          reason: 'the release notes of 1.7.2 name this fault',
          changes: CHANGES,
        }),
      ),
    ),
    ...rows,
  ])
}

const plain = { resourceNames: [], nonResourceURLs: [], commands: [], stdin: false, fields: [] }
const SCOPE = [
  { ...plain, verbs: ['get', 'list', 'watch'], apiGroups: [''], resources: ['pods', 'pods/log'], namespaces: ['shop'] },
  {
    ...plain,
    verbs: ['patch'],
    apiGroups: ['apps'],
    resources: ['deployments'],
    namespaces: ['shop'],
    resourceNames: ['web'],
  },
]

export async function documentOf(database: TestDatabase, lease = 'lse_1') {
  const run = createQueryRunner(database.clickhouse.reader, () => NOW)
  const report = await askLeaseReport(run, lease)
  return report && toLeaseDocument(report, NOW)
}

export { asked, denied, step }
