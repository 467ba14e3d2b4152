import type { Entry } from '../../../src/record/ledger/format/entry.ts'
import type { Ledger } from '../../../src/record/ledger/ledger.ts'
import { toLines } from '../../../src/record/ledger/lines.ts'

export const NOON = Date.UTC(2026, 10, 29, 12)

export const entry = (id: string): Entry => ({ kind: 'decision', at: NOON, id, hash: 'h'.repeat(43) })

/** As of a batch that the record has taken. */
export const enter = async (ledger: Ledger, ...ids: readonly string[]) =>
  ledger.settle(await ledger.hold(toLines(ids.map(entry))))
