import type { RecordedRow } from '../../../record/reconcile/compare.ts'
import type { RecordLookup, Span } from '../../../record/reconcile/reconcile.ts'
import type { Terminal } from '../../command/terminal.ts'
import { askRecord } from '../query/query-runner.ts'

const COLUMNS = `audit_id, agent, lease, template, decision, state, verb, api_group, resource, subresource, namespace,
  name, is_resource, path, toUnixTimestamp64Milli(decided_at) AS decided_ms`

type Row = readonly [
  auditId: string,
  agent: string,
  lease: string,
  template: string,
  decision: string,
  state: string,
  verb: string,
  apiGroup: string,
  resource: string,
  subresource: string,
  namespace: string,
  name: string,
  isResource: boolean,
  path: string,
  decidedMs: string | number,
]

/** The record as analysts read it. */
export function recordLookup(terminal: Terminal): RecordLookup {
  const ask = async (where: string): Promise<readonly RecordedRow[]> => {
    const { rows } = await askRecord(terminal, { kind: 'sql', sql: `SELECT ${COLUMNS} FROM requests WHERE ${where}` })
    return rows.map(row => toRow(row as unknown as Row))
  }
  return {
    // Only ids of one form get here, and times are numbers: nothing in it can be SQL.
    byAuditId: (ids, span) =>
      ids.length === 0 ? Promise.resolve([]) : ask(`audit_id IN ('${ids.join("','")}') AND ${within(span)}`),
    forwarded: span => ask(`decision = 'allow' AND forwarded AND ${within(span)}`),
  }
}

function within({ from, until }: Span): string {
  const time = (ms: number): string => `fromUnixTimestamp64Milli(${Math.trunc(ms)})`
  return `decided_at >= ${time(from)} AND decided_at < ${time(until)}`
}

function toRow(row: Row): RecordedRow {
  const [auditId, agent, lease, template, decision, state, verb, ...rest] = row
  const [apiGroup, resource, subresource, namespace, name, isResource, path, decidedMs] = rest
  const named = { apiGroup, resource, subresource, namespace, name, isResource, path }
  return { auditId, agent, lease, template, decision, state, verb, ...named, decidedAt: Number(decidedMs) }
}
