import { BY_PAGES, boundedRecord, type ConsoleRecord } from '../../../src/broker/console/record/record.ts'
import type { Lease } from '../../../src/lease/lease.ts'
import { createClickHouseSink } from '../../../src/record/clickhouse-record-sink.ts'
import type { DecisionEntry, Settled } from '../../../src/record/journal/journal-entry.ts'
import { createQueryRunner, type QueryRunner } from '../../../src/record/queries/run-query.ts'
import { toOutcomeRow, toRow } from '../../../src/record/to-rows.ts'
import { openTestDatabase, type TestDatabase } from '../../record/embedded.ts'
import { approvalEvent, asked, decision, holdEvent, item, leaseEvent, outcome } from '../../record/entries.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const DENIED: Settled = { decision: 'deny', reason: '', approval: '' }
export const APPROVAL = 'apr_01m8jz7jv7e5kayx7k3akcem5a03'
/** Turns what follows it around, where nothing is done about it. */
export const TURNED = 'sh -c \u202eharmless'

/** What the console reads, on the real engine. */
export async function aRecord(): Promise<{ readonly database: TestDatabase; readonly record: ConsoleRecord }> {
  const database = await openTestDatabase()
  return { database, record: recordOf(createQueryRunner(database.clickhouse.reader)) }
}

export function recordOf(run: QueryRunner, clock: () => number = Date.now, manner = BY_PAGES): ConsoleRecord {
  return boundedRecord({ run, through: 'tap', clock, log: { warn: () => {} }, close: async () => {} }, manner)
}

/** What an agent did under its lease in the last minutes: reads, a refusal, a question with its yes, sessions of all kinds; and a day of another. */
export async function writeStory({ clickhouse }: TestDatabase, lease: Lease): Promise<void> {
  const now = Date.now()
  const of = (auditId: string, secondsAgo: number, change: Partial<DecisionEntry> = {}) =>
    decision({ ...owner(lease), auditId, decidedAt: now - secondsAgo * SECOND, ...change })
  const secret = asked({ resource: 'secrets', name: 'db' })
  const exec = asked({ verb: 'create', subresource: 'exec' })
  const list = of('list', 200, { info: asked({ verb: 'list', name: '' }) })
  const out = of('out', 180, {
    info: asked({ verb: 'delete', resource: 'deployments', apiGroup: 'apps', name: '<b>web</b>', namespace: 'prod' }),
    intent: 'deny',
    reason: 'out-of-scope',
    detail: 'delete on deployments.apps in prod',
  })
  const ask = of('ask', 170, { info: secret, intent: 'approval', risk: 'secrets-get' })
  const used = of('used', 100, { info: secret, intent: 'approval', risk: 'secrets-get' })
  const failed = of('failed', 90, { info: exec, command: ['cat', '/proc/1/status'], container: 'web' })
  const shell = of('shell', 60, { info: exec, command: TURNED.split(' '), container: 'web', stdin: true, tty: true })
  const forward = of('forward', 30, { info: asked({ verb: 'create', subresource: 'portforward' }), ports: '8080' })
  const question: Settled = { decision: 'pending', reason: '', approval: APPROVAL }
  await createClickHouseSink(clickhouse.writer).write([
    toRow(item(leaseEvent({ ...owner(lease), at: now - 210 * SECOND, expiresAt: lease.expiresAt, by: lease.agent }))),
    toRow(
      item(
        approvalEvent({
          ...owner(lease),
          at: now - 120 * SECOND,
          approval: APPROVAL,
          by: 'hana',
          summary: 'get secrets/db in shop',
        }),
      ),
    ),
    toRow(item(holdEvent({ agent: lease.agent, at: now - 20 * SECOND, until: now }))),
    toRow(item(list)),
    toRow(item(out, DENIED)),
    toRow(item(ask, question)),
    toRow(item(used, { ...question, decision: 'allow' })),
    ...[failed, shell, forward].map(entry => toRow(item(entry))),
    toOutcomeRow(outcome(list), ''),
    toOutcomeRow(outcome(out, { status: 403, forwarded: false, details: 'ext_authz_denied' }), ''),
    toOutcomeRow(outcome(ask, { status: 429, forwarded: false, details: 'ext_authz_denied' }), ''),
    toOutcomeRow(outcome(used), ''),
    toOutcomeRow(outcome(failed, { status: 101, durationMs: 1200, exitCode: 3 }), ''),
    toOutcomeRow(outcome(shell, { status: 101, durationMs: 20_000, details: 'lease_revoked' }), ''),
    toOutcomeRow(outcome(forward, { phase: 'open', durationMs: 29_000 }), ''),
    ...dayOfAnother(now),
  ])
}

/** One more read under the lease. */
export async function writeRequest(
  { clickhouse }: TestDatabase,
  lease: Lease,
  { name, ...given }: { readonly auditId: string; readonly decidedAt: number; readonly name: string },
): Promise<void> {
  const entry = decision({ ...owner(lease), ...given, info: asked({ name }) })
  await createClickHouseSink(clickhouse.writer).write([toRow(item(entry)), toOutcomeRow(outcome(entry), '')])
}

function owner({ id, agent, sponsor, task, template }: Lease) {
  return { lease: id, agent, sponsor, task, template }
}

/** More than a page of it. */
function dayOfAnother(now: number) {
  return Array.from({ length: 120 }, (_, index) => {
    const entry = decision({
      auditId: `day-${index}`,
      lease: '',
      agent: 'triage',
      decidedAt: now - (10 + index * 11) * MINUTE,
      info: asked({ name: `web-${index}` }),
      ...(index % 7 === 3 ? { intent: 'deny' as const, reason: 'out-of-scope' } : {}),
    })
    return [toRow(item(entry, index % 7 === 3 ? DENIED : undefined)), toOutcomeRow(outcome(entry), '')]
  }).flat()
}
