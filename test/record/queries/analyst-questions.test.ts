import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Scope } from '../../../src/lease/lease.ts'
import { createClickHouseSink } from '../../../src/record/clickhouse-record-sink.ts'
import type { DecisionEntry } from '../../../src/record/journal/journal-entry.ts'
import { createQueryRunner } from '../../../src/record/queries/run-query.ts'
import { toOutcomeRow, toRow } from '../../../src/record/to-rows.ts'
import { countMinutes } from '../../../src/record/upkeep/count-minutes.ts'
import { type Found, openTestDatabase } from '../embedded.ts'
import { approvalEvent, asked, decision, item, leaseEvent, outcome } from '../entries.ts'

/** A Saturday, noon. */
const NOW = Date.UTC(2026, 7, 15, 12)
const MINUTE = 60_000
const DAY = 1440 * MINUTE
const at = (minutes: number): number => NOW + minutes * MINUTE
const database = await openTestDatabase()
const run = createQueryRunner(database.clickhouse.reader, () => NOW)

afterAll(() => database[Symbol.asyncDispose]())

const denied = { decision: 'deny', reason: '', approval: '' } as const
const everyName = { resourceNames: [], nonResourceURLs: [], commands: [], stdin: false, fields: [] }
const SCOPE: Scope = [
  { verbs: ['get', 'list'], apiGroups: [''], resources: ['pods', 'services'], namespaces: ['shop'], ...everyName },
  { verbs: ['*'], apiGroups: ['apps'], resources: ['deployments'], namespaces: ['shop'], ...everyName },
]

function patch(auditId: string, minutes: number, change: Partial<DecisionEntry> = {}): DecisionEntry {
  const info = asked({ verb: 'patch', resource: 'deployments', apiGroup: 'apps', name: 'web' })
  return decision({ auditId, decidedAt: at(minutes), info, rule: 'rule 2', ...change })
}

function get(auditId: string, minutes: number, change: Partial<DecisionEntry> = {}): DecisionEntry {
  return decision({ auditId, decidedAt: at(minutes), rule: 'rule 1', ...change })
}

/** Thursday and Friday as usual, Saturday with a burst. Two agents, three leases, two approvals. */
const before = get('before', -2 * 1440)
const early = patch('early', -50)
const approved = patch('approved', -40)
const late = patch('late', -30)
const dry = patch('dry', -29, { dryRun: true })
const outside = get('outside', -20, {
  info: asked({ verb: 'delete', resource: 'pods', subresource: 'eviction', namespace: 'prod' }),
  intent: 'deny',
  reason: 'out-of-scope',
})
const again = { ...outside, auditId: 'again', decidedAt: at(-19) }
const spent = get('spent', -18, { intent: 'deny', reason: 'budget-spent' })
const watch = get('watch', -10, { info: asked({ verb: 'watch', name: '' }) })
const cleaner = get('cleaner', -1440 * 1.5, { agent: 'cleaner', lease: 'lse_2', template: 'clean' })
const burst = Array.from({ length: 60 }, (_, n) => get(`burst-${n}`, -5 + n / 60, { agent: 'cleaner', lease: 'lse_3' }))
const usual = Array.from({ length: 20 }, (_, n) =>
  get(`usual-${n}`, -600 - n * 10, { agent: 'cleaner', lease: 'lse_3' }),
)

beforeAll(async () => {
  const passed = [before, early, late, dry, cleaner, ...burst, ...usual]
  await createClickHouseSink(database.clickhouse.writer).write([
    toRow(item(leaseEvent({ at: at(-60), expiresAt: at(60), scope: SCOPE }))),
    toRow(
      item(
        leaseEvent({ at: at(-1440 * 1.6), expiresAt: at(-1440), lease: 'lse_2', agent: 'cleaner', template: 'clean' }),
      ),
    ),
    toRow(item(approvalEvent({ at: at(-41), approval: 'apr_1' }))),
    toRow(item(approvalEvent({ at: at(-17), approval: 'apr_2', event: 'rejected', by: 'eve@example.com' }))),
    toRow(item(patch('ask', -43, { risk: 'x' }), { decision: 'pending', reason: '', approval: 'apr_1' })),
    toRow(item(patch('ask-2', -27, { risk: 'x' }), { decision: 'pending', reason: '', approval: 'apr_2' })),
    toRow(item(patch('ask-3', -3, { risk: 'x' }), { decision: 'pending', reason: '', approval: 'apr_3' })),
    toRow(item(approved, { decision: 'allow', reason: '', approval: 'apr_1' })),
    ...passed.map(entry => toRow(item(entry))),
    ...passed.map(entry => toOutcomeRow(outcome(entry, { boundaryUs: 3000 }), '')),
    ...[outside, again, spent].map(entry => toRow(item(entry, denied))),
    toOutcomeRow(
      outcome(outside, { status: 403, forwarded: false, details: 'ext_authz_denied', boundaryUs: 1500 }),
      '',
    ),
    toRow(item(watch)),
    toOutcomeRow(
      outcome(watch, { durationMs: 6 * MINUTE, bytesOut: 4000, boundaryUs: 5000, details: 'lease_revoked' }),
      '',
    ),
  ])
})

async function rows(name: string, params: Record<string, string> = {}): Promise<Found[]> {
  const result = await run({ kind: 'saved', name, params })
  return result.rows.map(row => Object.fromEntries(result.columns.map(({ name: column }, i) => [column, row[i]])))
}

const QUESTIONS = [
  {
    name: 'denials-by-reason',
    params: {},
    want: [
      { reason: 'out-of-scope', denied: 2, agents: 1, who: 'fixer', asked_most: 'delete pods/eviction' },
      { reason: 'budget-spent', denied: 1, first_at: '2026-08-15 11:42:00' },
    ],
  },
  {
    name: 'denied-verbs',
    params: { template: 'restart-web' },
    want: [
      {
        agent: 'fixer',
        verb: 'delete',
        denied: 2,
        rule: 'verbs: [delete], apiGroups: [""], resources: [pods/eviction], namespaces: [prod]',
      },
    ],
  },
  { name: 'denied-verbs', params: { template: 'clean' }, want: [] },
  {
    name: 'agent-hours',
    params: { agent: 'fixer' },
    want: [{ hour: '2026-08-15 11:00:00', agent: 'fixer', requests: 11, allowed: 5, denied: 3, pending: 3 }],
  },
  {
    name: 'writes-around-approvals',
    params: {},
    want: [
      { lease: 'lse_1', writes: 3, approved: 1, before_a_yes: 1, after_a_yes: 1, first_yes: '2026-08-15 11:19:00.000' },
    ],
  },
  {
    name: 'approval-latency',
    params: {},
    want: [
      { approver: '(nobody)', questions: 1, approved: 0, rejected: 0 },
      { approver: 'bob@example.com', questions: 1, approved: 1, used: 1, median_s: 120, longest_s: 120, a_day: 1 },
      { approver: 'eve@example.com', questions: 1, rejected: 1, used: 0, p95_s: 600 },
    ],
  },
  {
    name: 'unused-scope',
    params: {},
    want: [
      {
        template: 'restart-web',
        verbs: '*',
        resources: 'deployments',
        leases: 1,
        used_by: 1,
        requests: 4,
        unused_verbs: '',
        unused_resources: '',
      },
      { verbs: 'get list', resources: 'pods services', used_by: 1, unused_verbs: 'list', unused_resources: 'services' },
    ],
  },
  {
    name: 'used-scope',
    params: { template: 'restart-web' },
    want: [
      { verb: 'get', resource: 'pods', name: 'web-1', namespace: 'shop', requests: 1, leases: 1 },
      { verb: 'watch', resource: 'pods', name: '', requests: 1 },
      { verb: 'patch', api_group: 'apps', name: 'web', requests: 4, rules: [expect.stringContaining('"deployments"')] },
    ],
  },
  {
    name: 'replay',
    params: { template: 'clean' },
    want: [
      {
        agent: 'cleaner',
        namespaces: ['shop'],
        parameters: '',
        verb: 'get',
        resource: 'pods',
        name: 'web-1',
        decision: 'allow',
        requests: 1,
        examples: ['cleaner'],
      },
    ],
  },
  {
    name: 'first-seen',
    params: { agent: 'fixer' },
    want: [
      { verb: 'watch', resource: 'pods', requests: 1, allowed: 1 },
      { verb: 'delete', subresource: 'eviction', requests: 2, allowed: 0, namespaces: 'prod' },
      { verb: 'patch', resource: 'deployments', first_at: '2026-08-15 11:10:00', requests: 7 },
    ],
  },
  { name: 'first-seen', params: { history: '24h', agent: 'cleaner' }, want: [{ agent: 'cleaner', verb: 'get' }] },
  { name: 'bursts', params: {}, want: [{ agent: 'cleaner', time: '2026-08-15 11:55:00', requests: 60, denied: 0 }] },
  { name: 'bursts', params: { least: '61' }, want: [] },
  {
    name: 'out-of-hours',
    params: { since: '55m' },
    want: [
      { day: '2026-08-15', lease: 'lse_3', requests: 60, writes: 0 },
      { day: '2026-08-15', lease: 'lse_1', writes: 4, denied: 3, first_at: '2026-08-15 11:10:00.000' },
    ],
  },
  {
    name: 'out-of-hours',
    params: { since: '2026-08-13T00:00:00Z', end: '12' },
    want: [{}, {}, {}, {}, { lease: 'lse_1', day: '2026-08-13' }],
  },
  {
    name: 'out-of-hours',
    params: { since: '2026-08-13', zone: 'Asia/Tokyo', begin: '21', end: '22' },
    want: [{}, {}, { lease: 'lse_2' }],
  },
  {
    name: 'decision-latency',
    params: { agent: 'fixer' },
    want: [
      { decision: 'allow', kind: 'stream', requests: 1, median_ms: 5, longest_ms: 5 },
      { decision: 'allow', kind: 'write', requests: 3, p99_ms: 3 },
      { decision: 'deny', kind: 'write', requests: 1, median_ms: 1.5 },
    ],
  },
  {
    name: 'watch-volume',
    params: {},
    want: [
      { agent: 'fixer', resource: 'pods', watches: 1, open_now: 0, hours: 0.1, bytes_out: 4000, leases: 1, cut: 1 },
    ],
  },
  {
    name: 'object-history',
    params: { resource: 'deployments', name: 'web', since: '30m' },
    want: [
      { audit_id: 'ask-3', decision: 'pending' },
      { audit_id: 'ask-2' },
      { audit_id: 'dry', dry_run: true },
      { audit_id: 'late', verb: 'patch', agent: 'fixer', sponsor: 'ada@example.com', ticket: 'INC-42' },
    ],
  },
  { name: 'object-history', params: { resource: 'deployments', name: 'web', namespace: 'prod' }, want: [] },
  {
    name: 'lease',
    params: { lease: 'lse_1' },
    want: [{ lease: 'lse_1', agent: 'fixer', state: 'expired', scope: JSON.stringify(SCOPE) }],
  },
] as const

describe.each(['as they are', 'counted'])('saved queries over minutes %s', state => {
  beforeAll(async () => {
    if (state === 'counted')
      expect(await countMinutes(database.clickhouse.writer, { now: Date.now() + DAY })).toBeGreaterThan(10)
  })

  test.each(QUESTIONS)('$name $params', async ({ name, params, want }) => {
    expect(await rows(name, params)).toMatchObject(want)
  })

  test('incident-export gives every fact of a ticket', async () => {
    const found = await rows('incident-export', { ticket: 'INC-42', lease: '' })
    expect(Map.groupBy(found, ({ kind }) => kind).get('lease')).toHaveLength(2)
    const of = (kind: string, what: RegExp): Found[] =>
      found.filter(row => row['kind'] === kind && what.test(String(row['what'])))
    expect(JSON.parse(String(of('approval', /eve/)[0]?.['facts']))).toMatchObject({
      approval: 'apr_2',
      event: 'rejected',
    })
    expect(JSON.parse(String(of('request', /^watch/)[0]?.['facts']))).toMatchObject({
      audit_id: 'watch',
      ticket: 'INC-42',
      command: [],
      bytes_out: 4000,
      end_reason: 'lease cut',
      risk: '',
    })
    expect(await rows('incident-export')).toEqual([])
  })
})
