import { Prepared } from '../insert/prepared.ts'
import { RecordError, type RecordSink, type Row } from '../record-sink.ts'
import type { Entry } from './format/entry.ts'
import { halvesOf, hasHalves } from './format/row-halves.ts'
import type { Held, Ledger } from './ledger.ts'
import { type Lines, toLines } from './lines.ts'

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
  const prepared = new Prepared<readonly Row[], Lines>()
  const entering = <T>(act: () => Promise<T>): Promise<T> =>
    inTurn(act).catch(error => {
      throw new RecordError('unavailable', `the ledger cannot be written: ${(error as Error).message}`, error)
    })
  let last: { readonly name: string; readonly held: Held } | null = null

  async function write(rows: readonly Row[], name: string | undefined): Promise<void> {
    const again = last !== null && last.name === name ? last.held : null
    const held = again ?? (await entering(() => ledger.hold(prepared.of(rows) ?? linesOf(rows))))
    last = name === undefined ? null : { name, held }
    const [inserted] = await Promise.allSettled([inner.write(rows, name), ledger.foresee(held)])
    if (inserted.status === 'rejected') {
      const error: unknown = inserted.reason
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
    prepare: rows => {
      inner.prepare?.(rows)
      if (rows.some(hasHalves)) prepared.prepare(rows, () => linesOf(rows))
    },
    checkpoint: () => inTurn(() => ledger.checkpoint()),
    close: () => inTurn(() => ledger.close()),
  }
}

function linesOf(rows: readonly Row[]): Lines {
  const entries: Entry[] = []
  for (const row of rows) entries.push(...halvesOf(row))
  return toLines(entries)
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
