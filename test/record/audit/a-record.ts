import type { Trouble } from '../../../src/record/audit/checks/trouble.ts'
import { queryRows } from '../../../src/record/audit/query-rows.ts'
import { type Verified, verifyRecord } from '../../../src/record/audit/verify-record.ts'
import type { ClickHouse } from '../../../src/record/clickhouse.ts'
import { createClickHouseSink } from '../../../src/record/clickhouse-record-sink.ts'
import type { CopyReader } from '../../../src/record/copies/copy.ts'
import { createLedgerSink, type LedgerSink } from '../../../src/record/ledger/ledger-sink.ts'
import { openOwnLedger } from '../../../src/record/ledger/own-ledger.ts'
import { createQueryRunner } from '../../../src/record/queries/run-query.ts'
import type { RecordSink, Row } from '../../../src/record/record-sink.ts'
import { toGoneRow, toOutcomeRow, toRow } from '../../../src/record/to-rows.ts'
import type { WitnessPolicy } from '../../../src/record/witness/witness-policy.ts'
import { approvalEvent, brokerRefusal, decision, holdEvent, item, leaseEvent, outcome, stopEvent } from '../entries.ts'
import type { LedgerFolder } from '../ledger/a-ledger.ts'

const DAY_MS = 86_400_000

/** The sink of a tap of this name. */
export async function openSink(
  folder: Pick<LedgerFolder, 'directory' | 'keyFile'>,
  clickhouse: ClickHouse,
  owner = 'tap-a',
  inner: RecordSink = createClickHouseSink(clickhouse.writer),
): Promise<LedgerSink> {
  const { directory, keyFile } = folder
  const { ledger } = await openOwnLedger({ directory, keyFile, owner })
  return createLedgerSink(inner, ledger)
}

interface Given {
  readonly now?: number
  readonly requestDays?: number
  readonly eventDays?: number
  readonly atOnce?: number
  readonly copies?: CopyReader
  readonly witnesses?: WitnessPolicy
}

export function verify(
  { directory, publicKey }: LedgerFolder,
  { reader }: ClickHouse,
  given: Given = {},
): Promise<Verified> {
  const { now = Date.now(), requestDays = 90, eventDays = 400, atOnce, copies, witnesses } = given
  return verifyRecord({
    directory,
    keys: [publicKey],
    source: queryRows(createQueryRunner(reader), atOnce),
    keep: { requests: requestDays * DAY_MS, events: eventDays * DAY_MS },
    now,
    ...(copies && { copies }),
    ...(witnesses && { witnesses }),
  })
}

/** Some of everything that the record has, decided from now on; `from` tells one set from another. */
export function someRows(from: number, count: number, now = Date.now()): readonly Row[] {
  const requests = Array.from({ length: count }, (_, index) => {
    const n = from + index
    const entry = decision({
      auditId: `a-${n}`,
      decidedAt: now + n,
      lease: `lse_${n % 5}`,
      agent: `agent-${n % 3}`,
      ...risky(n),
    })
    const rows = [toRow(item(entry))]
    if (n % 7 === 0) rows.push(toOutcomeRow(outcome(entry, { phase: 'open', status: 101, flags: [], details: '' }), ''))
    if (n % 11 === 0) rows.push(toGoneRow({ ...entry }, entry.decidedAt + 50))
    else rows.push(toOutcomeRow(outcome(entry, { status: 200 + (n % 5), exitCode: n % 13 === 0 ? 1 : null }), ''))
    return rows
  }).flat()
  const at = now + from
  return [
    ...requests,
    toRow(item(leaseEvent({ lease: `lse_x${from}`, at }))),
    toRow(item(approvalEvent({ approval: `apr_${from}`, at }))),
    toRow(item(approvalEvent({ approval: `apr_${from}`, at, event: 'yes', by: 'eve@example.com' }))),
    toRow(item(holdEvent({ agent: `agent-${from}`, at }))),
    toRow(item(stopEvent({ at }))),
    toRow(item(brokerRefusal({ id: `r-${from}`, at }))),
    toRow(
      item({
        kind: 'refusals',
        source: '10.0.0.9',
        minute: Math.floor(at / 60_000) * 60_000 + 60_000 * from,
        count: 7,
      }),
    ),
  ]
}

/** No risk, one, or several. */
function risky(n: number): { readonly risk?: string; readonly risks?: readonly string[] } {
  if (n % 4 < 2) return {}
  return n % 4 === 2 ? { risk: 'pods-exec' } : { risk: 'pods-exec', risks: ['exec-opaque', 'pods-exec'] }
}

export function describeTrouble(trouble: Trouble): string {
  switch (trouble.kind) {
    case 'edited':
    case 'deleted':
      return `${trouble.kind} ${trouble.entry.kind} ${trouble.entry.id}`
    case 'inserted':
      return `inserted ${trouble.half.kind} ${trouble.half.id}`
    case 'unread':
    case 'unsigned':
    case 'rewritten':
    case 'uncopied':
    case 'split':
    case 'unwitnessed':
    case 'ledger':
    case 'checkpoint':
    case 'deletion':
      return `${trouble.kind}: ${trouble.what}`
  }
}
