import type { KeyObject } from 'node:crypto'
import { originOf } from './checkpoint.ts'
import { openNote, signNote } from './signed-note.ts'

/** What an insert will bring. It is signed, since whatever stands there may be in the record though nobody entered it. */
export function signPending(ledger: string, lines: readonly string[], key: KeyObject): string {
  return signNote(`${headOf(ledger)}\n${lines.join('\n')}\n`, originOf(ledger), key)
}

/** The lines of the insert that was running; none where it did not come to the insert, or this key has not signed them. */
export function openPending(text: string, ledger: string, key: KeyObject): readonly string[] {
  const opened = openNote(text, originOf(ledger), key)
  if (opened.kind === 'problem') return []
  const [head, ...lines] = opened.value.split('\n').slice(0, -1)
  return head === headOf(ledger) ? lines : []
}

/** No checkpoint begins like this. */
function headOf(ledger: string): string {
  return `leasegate/pending/${ledger}`
}
