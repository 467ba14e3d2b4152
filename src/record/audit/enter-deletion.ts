import type { ClickHouseClient } from '@clickhouse/client'
import { uuidv7 } from 'uuidv7'
import type { Entry } from '../ledger/format/entry.ts'
import { type Half, halvesOf } from '../ledger/format/row-halves.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Table } from '../record-sink.ts'
import { type AroundChange, type Change, DELETED } from '../upkeep/delete-rows.ts'
import { type Deletion, toDeletionLine } from './checks/check-deletions.ts'
import { type RowValues, TABLES, withNumbers } from './rows.ts'

export interface EnteredDeletion {
  readonly around: AroundChange
  /** Signs what was entered. */
  close(): Promise<void>
}

/** Hashes of one line. */
const CHUNK = 1000

/**
 * Enters, before rows go, which ones, who took them and why: what is missing and not entered was taken by somebody else. A row that loses
 * a name is a new row, entered as such.
 */
export function enterDeletion(
  ledger: Ledger,
  writer: ClickHouseClient,
  said: Pick<Deletion, 'by' | 'why' | 'of'>,
): EnteredDeletion {
  return {
    around: async (change, act) => {
      const rows = await rowsOf(writer, change)
      const hashes = [...new Set(rows.flatMap(row => halvesOf(row).map(({ hash }) => hash)))]
      for (let from = 0; from < hashes.length; from += CHUNK) {
        const deletion = { ...said, id: uuidv7(), at: Date.now(), rows: hashes.slice(from, from + CHUNK) }
        await ledger.deletion(deletion.id, toDeletionLine(deletion))
      }
      if (change.what === 'delete') return act()
      const unnamed = rows.flatMap(({ table, values }) => halvesOf({ table, values: { ...values, by: DELETED } }))
      // Broken off in the middle it may be there or not.
      if (unnamed.length > 0) await ledger.add(unnamed.map(toUnsure))
      await act()
      if (unnamed.length > 0) await ledger.add(unnamed)
    },
    close: async () => {
      await ledger.checkpoint()
      await ledger.close()
    },
  }
}

function toUnsure(half: Half): Entry {
  return { ...half, kind: `${half.kind}?` }
}

/** None of a table that no ledger is about. */
async function rowsOf(
  writer: ClickHouseClient,
  { table, where }: Change,
): Promise<readonly { readonly table: Table; readonly values: RowValues }[]> {
  const entered = TABLES.get(table as Table)
  if (entered === undefined) return []
  const query = `SELECT ${entered.columns.join(', ')} FROM ${table} WHERE ${where}`
  const rows = await (await writer.query({ query, format: 'JSONEachRow' })).json<RowValues>()
  return rows.map(values => ({ table: table as Table, values: withNumbers(values) }))
}
