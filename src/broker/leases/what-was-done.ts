import type { Principal } from '../../identity/caller.ts'
import { numberOf, type Row, textOf, textsOf, timeOf } from '../../record/queries/cells.ts'
import type { WHAT_WAS_DONE } from '../../record/what-was-done.ts'
import type { ConsoleQuery, ConsoleRecord } from '../console/record/record.ts'
import type { Shown } from '../http/operation.ts'
import type { BrokerParts } from '../parts.ts'
import { recordAway, recordOf } from '../requests/ask-record.ts'
import { findLease } from './find-lease.ts'

type WhatWasDone = Shown<typeof WHAT_WAS_DONE>
type Change = WhatWasDone['changes'][number]
type Refusal = WhatWasDone['denials'][number]

const MOST = '100'

export async function whatWasDone(id: string, principal: Principal, parts: BrokerParts): Promise<WhatWasDone> {
  const record = recordOf(parts)
  const { lease, state } = await findLease(id, principal, parts)
  // First of all: what is missing then may be there in the answers to the others. One after the other: all at once they would leave a single place to everybody else.
  const isWhole = state.kind === 'revoked' && (await isEndOnRecord(record, lease.id, state.at))
  const actions = await rowsOf(record, 'lease-actions', { lease: lease.id })
  const changes = await rowsOf(record, 'lease-objects', { lease: lease.id, most: MOST })
  const denials = await rowsOf(record, 'lease-denials', { lease: lease.id, most: MOST })
  const count = (decision: string) =>
    actions
      .filter(row => textOf(row, 'decision') === decision)
      .reduce((sum, row) => sum + (numberOf(row, 'requests') ?? 0), 0)
  return {
    lease: lease.id,
    isWhole,
    requests: { allowed: count('allow'), denied: count('deny'), pending: count('pending') },
    changes: changes.map(toChange),
    denials: denials.map(toRefusal),
    total: { changes: totalOf(changes), denials: totalOf(denials) },
  }
}

/** It is written into the same journal as decisions are, after them. */
async function isEndOnRecord(record: ConsoleRecord, lease: string, at: number): Promise<boolean> {
  const since = new Date(at).toISOString()
  const rows = await rowsOf(record, 'lease-timeline', { lease, since, most: MOST })
  return rows.some(row => textOf(row, 'what').startsWith('lease revoked by '))
}

async function rowsOf(record: ConsoleRecord, name: ConsoleQuery, params: Readonly<Record<string, string>>) {
  const told = await record.ask(name, params)
  if (told.kind === 'none') throw recordAway(told.why)
  return told.rows
}

function totalOf([first]: readonly Row[]): number {
  return first === undefined ? 0 : (numberOf(first, 'total') ?? 0)
}

function toChange(row: Row): Change {
  return {
    kind: textOf(row, 'kind'),
    namespace: textOf(row, 'namespace'),
    name: textOf(row, 'name'),
    verbs: textsOf(row, 'verbs'),
    done: numberOf(row, 'done') ?? 0,
    refused: numberOf(row, 'refused') ?? 0,
    lastAt: timeOf(row, 'last_at'),
  }
}

function toRefusal(row: Row): Refusal {
  const command = textOf(row, 'command')
  return {
    what: `${textOf(row, 'what')}${command === '' ? '' : `: ${command}`}`,
    reason: textOf(row, 'reason'),
    detail: textOf(row, 'detail'),
    times: numberOf(row, 'times') ?? 0,
    lastAt: timeOf(row, 'last_at'),
  }
}
