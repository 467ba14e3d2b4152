import { RecordError, type RecordSink, type Row } from '../record-sink.ts'
import type { Entry } from './format/entry.ts'
import { halvesOf, hasHalves } from './format/row-halves.ts'
import type { Held, Ledger } from './ledger.ts'

export interface LedgerSink extends RecordSink {
  /** Signs what is written by now. Rejects when it cannot. */
  checkpoint(): Promise<void>
  close(): Promise<void>
}

/**
 * A record whose rows are entered in a ledger: said before the insert, entered after it. What cannot be entered does not count as
 * written, so that it comes again, under the same name. Writes of several callers go one after the other: the ledger knows of one
 * insert at a time.
 */
export function createLedgerSink(inner: RecordSink, ledger: Ledger): LedgerSink {
  const inTurn = turns()
  const entering = <T>(act: () => Promise<T>): Promise<T> =>
    inTurn(act).catch(error => {
      throw new RecordError('unavailable', `the ledger cannot be written: ${(error as Error).message}`, error)
    })
  let last: { readonly name: string; readonly held: Held } | null = null

  async function write(rows: readonly Row[], name: string | undefined): Promise<void> {
    const entries = rows.flatMap<Entry>(halvesOf)
    const again = last !== null && last.name === name ? last.held : null
    const held = again ?? (await entering(() => ledger.hold(entries)))
    last = name === undefined ? null : { name, held }
    try {
      await inner.write(rows, name)
    } catch (error) {
      if (error instanceof RecordError && error.code === 'refused') {
        last = null
        // Of several tables those before the refused one are kept; what is not dropped may be in the record or not.
        if (new Set(rows.map(({ table }) => table)).size === 1) await entering(() => ledger.drop(held))
      }
      throw error
    }
    await entering(() => ledger.settle(held))
    if (last?.held === held) last = null
  }

  const writing = turns()
  return {
    // What no ledger is about need not wait: what runs yet, for one.
    write: (rows, name) => (rows.some(hasHalves) ? writing(() => write(rows, name)) : inner.write(rows, name)),
    checkpoint: () => inTurn(() => ledger.checkpoint()),
    close: () => inTurn(() => ledger.close()),
  }
}

/** One at a time, in the order they came. */
function turns(): <T>(act: () => Promise<T>) => Promise<T> {
  let turn: Promise<unknown> = Promise.resolve()
  return act => {
    const done = turn.then(act)
    turn = done.catch(() => {})
    return done
  }
}
