import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { createClickHouseSink } from '../../../src/record/clickhouse-record-sink.ts'
import { createQueryRunner } from '../../../src/record/queries/run-query.ts'
import { toOutcomeRow, toRow } from '../../../src/record/to-rows.ts'
import { openTestDatabase } from '../embedded.ts'
import { approvalEvent, asked, decision, item, leaseEvent, outcome } from '../entries.ts'
import { expand, type View } from './expand.ts'

const FOLDER = new URL('../../../src/record/dashboards/', import.meta.url)
const NOW = Date.now()
const MINUTE = 60_000

const source = z.object({ type: z.literal('grafana-clickhouse-datasource'), uid: z.literal(`\${datasource}`) })
const panelSchema = z.object({
  id: z.number(),
  type: z.enum(['stat', 'timeseries', 'table']),
  title: z.string().min(1),
  gridPos: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
  datasource: source,
  targets: z
    .array(z.object({ datasource: source, editorType: z.literal('sql'), format: z.number(), rawSql: z.string() }))
    .min(1),
})
const dashboardSchema = z.object({
  uid: z.string(),
  title: z.string(),
  panels: z.array(panelSchema).min(8),
  templating: z.object({
    list: z.array(z.object({ name: z.string(), type: z.string(), query: z.string(), includeAll: z.boolean() })),
  }),
})

const DASHBOARDS = readdirSync(FOLDER).map(file => ({
  file,
  dashboard: dashboardSchema.parse(JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8'))),
}))

const database = await openTestDatabase()
const run = createQueryRunner(database.clickhouse.reader)
afterAll(() => database[Symbol.asyncDispose]())

const around = { from: NOW - 60 * MINUTE, to: NOW, intervalSeconds: 60 }
const ALL: View = { ...around, variables: { agent: null, lease: null } }
const ONE: View = { ...around, variables: { agent: ['fixer'], lease: ['lse_1', "it's"] } }

/** Something for each panel to show. */
beforeAll(async () => {
  const at = (minutes: number): number => NOW - minutes * MINUTE
  const [refused, pending] = [
    { decision: 'deny', reason: '', approval: '' },
    { decision: 'pending', reason: '', approval: 'apr_1' },
  ] as const
  const write = decision({ auditId: 'write', decidedAt: at(10), info: asked({ verb: 'patch' }) })
  const shell = decision({
    auditId: 'shell',
    decidedAt: at(9),
    info: asked({ verb: 'create', subresource: 'exec' }),
    command: ['ls'],
  })
  const late = decision({ auditId: 'late', decidedAt: at(8) })
  const denied = decision({ auditId: 'denied', decidedAt: at(7), intent: 'deny', reason: 'out-of-scope' })
  await createClickHouseSink(database.clickhouse.writer).write([
    toRow(item(leaseEvent({ at: at(20), expiresAt: NOW + MINUTE }))),
    toRow(item(approvalEvent({ at: at(5) }))),
    toRow(item({ kind: 'refusals', source: '10.0.0.9', minute: at(15), count: 70 })),
    ...[write, shell, late].map(entry => toRow(item(entry))),
    toRow(item(denied, refused)),
    toRow(item(decision({ auditId: 'ask', decidedAt: at(6) }), pending)),
    toOutcomeRow(outcome(write), ''),
    toOutcomeRow(outcome(shell, { durationMs: 3000, details: 'lease_revoked' }), ''),
    toOutcomeRow(outcome(denied, { status: 403, forwarded: false, details: 'ext_authz_denied' }), ''),
  ])
})

describe.each(DASHBOARDS)('$file', ({ file, dashboard }) => {
  test('has a name of its own in Grafana, and panels that do not cover each other', () => {
    expect(file).toBe(`${dashboard.uid.replace('leasegate-', '')}.json`)
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, n) => `${x + (n % w)} ${y + Math.floor(n / w)}`),
    )
    expect(new Set(cells).size).toBe(cells.length)
    expect(dashboard.panels.every(({ gridPos: { x, w } }) => x + w <= 24)).toBe(true)
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length)
  })

  const queries = [
    ...dashboard.templating.list
      .filter(({ type }) => type === 'query')
      .map(({ name, query }) => ({ title: `variable ${name}`, type: 'table', sql: query })),
    ...dashboard.panels.flatMap(({ title, type, targets }) =>
      targets.map(({ rawSql }) => ({ title, type, sql: rawSql })),
    ),
  ]
  // One agent is chosen on the agent's dashboard; elsewhere it may be all of them.
  const views =
    dashboard.uid === 'leasegate-agent' ? [{ ...ONE, variables: { ...ONE.variables, lease: null } }, ONE] : [ALL, ONE]

  test.each(queries)('$title: its query runs and finds what there is', async ({ sql, type }) => {
    for (const view of views) {
      const expanded = expand(sql, view)
      expect(expanded).not.toContain('$')
      const { rows, columns } = await run({ kind: 'sql', sql: expanded })
      expect(rows.length).toBeGreaterThan(0)
      if (type === 'timeseries')
        expect(columns[0]).toMatchObject({ name: 'time', type: expect.stringMatching(/^DateTime/) })
      if (type === 'stat') expect(columns).toHaveLength(1)
    }
  })
})

describe('expand', () => {
  test('writes what the data source would send', () => {
    const sql = `SELECT $__timeInterval(minute) WHERE $__timeFilter(f(a, b)) AND $__conditionalAll(agent IN (\${agent:singlequote}), $agent)`
    expect(expand(sql, { from: 60_000, to: 120_500, intervalSeconds: 5, variables: { agent: ["o'x", 'y'] } })).toBe(
      "SELECT toStartOfInterval(toDateTime(minute), INTERVAL 5 second) WHERE f(a, b) >= toDateTime(60) AND f(a, b) <= toDateTime(120) AND agent IN ('o\\'x','y')",
    )
    expect(expand(`$__conditionalAll(a IN (\${agent:singlequote}), $agent)`, ALL)).toBe('1=1')
  })
})
