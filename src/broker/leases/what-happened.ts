import type { Principal } from '../../identity/caller.ts'
import { numberOf, type Row, textOf, timeOf } from '../../record/queries/cells.ts'
import type { WHAT_HAPPENED } from '../../record/what-happened.ts'
import type { Shown } from '../http/operation.ts'
import type { BrokerParts } from '../parts.ts'
import { recordAway, recordOf } from '../requests/ask-record.ts'
import { findLease } from './find-lease.ts'

type WhatHappened = Shown<typeof WHAT_HAPPENED>

/** Events in one answer. */
const MOST = 500
/** Before its first event by any clock. */
const EARLY_MS = 3_600_000

export async function whatHappened(id: string, principal: Principal, parts: BrokerParts): Promise<WhatHappened> {
  const record = recordOf(parts)
  const { lease } = await findLease(id, principal, parts)
  const since = new Date(lease.issuedAt - EARLY_MS).toISOString()
  const told = await record.ask('lease-timeline', { lease: lease.id, since, most: String(MOST + 1) })
  if (told.kind === 'none') throw recordAway(told.why)
  const rows = told.rows.slice(0, MOST).filter(row => isFor(principal, row))
  return { lease: lease.id, events: rows.map(toEvent), more: told.rows.length > MOST }
}

/** When somebody looks on, and when nobody does, is not for who is looked at. */
function isFor({ kind }: Principal, row: Row): boolean {
  return kind === 'person' || !textOf(row, 'what').startsWith('sessions watched ')
}

function toEvent(row: Row): WhatHappened['events'][number] {
  return {
    at: timeOf(row, 'time'),
    what: textOf(row, 'what'),
    command: textOf(row, 'command'),
    decision: textOf(row, 'decision'),
    reason: textOf(row, 'reason'),
    approval: textOf(row, 'approval'),
    status: numberOf(row, 'status'),
    durationMs: numberOf(row, 'duration_ms'),
    state: textOf(row, 'state'),
    endReason: textOf(row, 'end_reason'),
    auditId: textOf(row, 'audit_id'),
  }
}
