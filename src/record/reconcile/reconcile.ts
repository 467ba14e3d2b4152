import type { AuditEvent } from './audit-event.ts'
import { compare, type Difference, type RecordedRow } from './compare.ts'
import { type WatchedUsers, type Whose, whose } from './whose.ts'

/** The record, asked for what is compared. Rejects when it does not answer. */
export interface RecordLookup {
  byAuditId(ids: readonly string[], between: Span): Promise<readonly RecordedRow[]>
  /** What was decided in this time, allowed, and reached the API server. */
  forwarded(between: Span): Promise<readonly RecordedRow[]>
}

/** Epoch milliseconds; `until` is not in it. */
export interface Span {
  readonly from: number
  readonly until: number
}

export type Mismatch =
  /** A request of a leased identity that has no row. */
  | { readonly kind: 'no-row'; readonly event: AuditEvent }
  | { readonly kind: 'different'; readonly event: AuditEvent; readonly differences: readonly Difference[] }
  /** Another request came with the audit id of this one. */
  | { readonly kind: 'repeated'; readonly event: AuditEvent }
  /** The API server did not let the boundary act as this agent. */
  | { readonly kind: 'refused'; readonly event: AuditEvent }
  | { readonly kind: 'around'; readonly event: AuditEvent; readonly whose: Exclude<Whose, 'boundary' | 'nobody'> }
  /** Forwarded by the record, and not in the audit log. */
  | { readonly kind: 'unseen'; readonly row: RecordedRow }

/** Stages at which the API server knows whom a request acts as. */
const TELLING: ReadonlySet<string> = new Set(['ResponseStarted', 'ResponseComplete', 'Panic'])
/** Envoy's request ids. Whatever else stands there is not ours, and does not go into a query. */
const AUDIT_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
/** Requests begin at the boundary, and clocks differ. */
const SLACK_MS = 10 * 60_000
const IDS_AT_ONCE = 500

/** The requests among these events that concern us, each once, as far as its last stage tells. */
export function relevant(events: readonly AuditEvent[], users: WatchedUsers): readonly AuditEvent[] {
  const requests = new Map<string, AuditEvent>()
  for (const event of events) {
    if (!TELLING.has(event.stage) || whose(event, users) === 'nobody') continue
    const id = `${event.auditId} ${event.receivedAt}`
    if (requests.get(id)?.stage !== 'ResponseComplete') requests.set(id, event)
  }
  return [...requests.values()]
}

/** Compares requests of `relevant` with their rows. `earlier`: when an audit id was received before, by id. */
export async function reconcileEvents(
  requests: readonly AuditEvent[],
  users: WatchedUsers,
  record: Pick<RecordLookup, 'byAuditId'>,
  earlier: ReadonlyMap<string, number> = new Map(),
): Promise<readonly Mismatch[]> {
  const rows = await rowsOf(requests, record)
  const seen = new Map(earlier)
  return requests.flatMap(event => {
    const before = seen.get(event.auditId)
    seen.set(event.auditId, event.receivedAt)
    const repeated = before !== undefined && before !== event.receivedAt
    return [...(repeated ? [{ kind: 'repeated', event } as const] : []), ...judged(event, users, rows)]
  })
}

/** What the record calls forwarded and nobody in `seen` is. */
export async function unseenBy(
  seen: ReadonlySet<string>,
  between: Span,
  record: Pick<RecordLookup, 'forwarded'>,
): Promise<readonly Mismatch[]> {
  const rows = await record.forwarded(between)
  return rows.filter(({ auditId }) => !seen.has(auditId)).map(row => ({ kind: 'unseen', row }))
}

function judged(event: AuditEvent, users: WatchedUsers, rows: ReadonlyMap<string, RecordedRow>): readonly Mismatch[] {
  const owner = whose(event, users)
  const row = rows.get(event.auditId)
  if (owner === 'nobody') return []
  if (owner === 'bare' && event.status === 403 && row?.decision === 'allow') return [{ kind: 'refused', event }]
  if (owner !== 'boundary') return [{ kind: 'around', event, whose: owner }]
  if (row === undefined) return [{ kind: 'no-row', event }]
  const differences = compare(row, event)
  return differences.length === 0 ? [] : [{ kind: 'different', event, differences }]
}

async function rowsOf(
  requests: readonly AuditEvent[],
  record: Pick<RecordLookup, 'byAuditId'>,
): Promise<ReadonlyMap<string, RecordedRow>> {
  const ours = requests.filter(({ auditId }) => AUDIT_ID.test(auditId)).toSorted((a, b) => a.receivedAt - b.receivedAt)
  const rows = new Map<string, RecordedRow>()
  for (let at = 0; at < ours.length; at += IDS_AT_ONCE) {
    const part = ours.slice(at, at + IDS_AT_ONCE)
    const from = (part[0]?.receivedAt ?? 0) - SLACK_MS
    const until = (part.at(-1)?.receivedAt ?? 0) + SLACK_MS
    const ids = [...new Set(part.map(({ auditId }) => auditId))]
    for (const row of await record.byAuditId(ids, { from, until })) rows.set(row.auditId, row)
  }
  return rows
}
