import type { Lease } from '../../../lease/lease.ts'
import { numberOf, type Row, textOf, timeOf } from '../../../record/queries/cells.ts'
import { type Listed, lookAtPage } from './look.ts'
import type { ConsoleRecord } from './record.ts'

/** A request with what came of it, or something that happened to a lease, a question or an agent. */
export interface TimelineEvent {
  readonly at: number
  readonly what: string
  readonly command: string
  /** `allow`, `deny`, `pending`, `none` where Envoy answered by itself; '' for what is no request. */
  readonly decision: string
  readonly reason: string
  readonly approval: string
  readonly lease: string
  /** Null where none is known. */
  readonly status: number | null
  readonly durationMs: number | null
  readonly state: string
  readonly endReason: string
}

/** Before its first event by any clock. */
const EARLY_MS = 3_600_000

export function leaseTimeline(
  record: ConsoleRecord | null,
  { id, issuedAt }: Pick<Lease, 'id' | 'issuedAt'>,
  skip: number,
): Promise<Listed<TimelineEvent>> {
  const since = new Date(issuedAt - EARLY_MS).toISOString()
  return lookAtPage(record, 'lease-timeline', { lease: id, since }, { skip, toItem: toEvent })
}

export interface Span {
  /** Epoch milliseconds. */
  readonly since: number
  readonly until: number
}

export function agentTimeline(
  record: ConsoleRecord | null,
  agent: string,
  { since, until }: Span,
  skip: number,
): Promise<Listed<TimelineEvent>> {
  const params = { agent, since: new Date(since).toISOString(), until: new Date(until).toISOString() }
  return lookAtPage(record, 'agent-day', params, { skip, toItem: toEvent })
}

function toEvent(row: Row): TimelineEvent {
  return {
    at: timeOf(row, 'time') ?? 0,
    what: textOf(row, 'what'),
    command: textOf(row, 'command'),
    decision: textOf(row, 'decision'),
    reason: textOf(row, 'reason'),
    approval: textOf(row, 'approval'),
    lease: textOf(row, 'lease'),
    status: numberOf(row, 'status'),
    durationMs: numberOf(row, 'duration_ms'),
    state: textOf(row, 'state'),
    endReason: textOf(row, 'end_reason'),
  }
}
