import { hash, type KeyObject } from 'node:crypto'
import { originOf } from './format/checkpoint.ts'
import { parseLine } from './format/entry.ts'
import { openNote, signNote } from './format/signed-note.ts'
import type { Lines } from './lines.ts'

/**
 * What an insert will bring: a signed note that has the hash of the lines behind it. It is signed, since whatever stands there may be in
 * the record though nobody entered it; and not as a whole, since Ed25519 goes over what it signs twice.
 */
export function signPending(ledger: string, lines: Lines, key: KeyObject): Buffer {
  const note = signNote(`${headOf(ledger)}\n${digestOf(lines)}\n`, originOf(ledger), key)
  return Buffer.concat([Buffer.from(`${note}\n`), lines])
}

/** The lines of the insert that was running; none where it did not come to the insert, or this key has not signed them. */
export function openPending(text: string, ledger: string, key: KeyObject): readonly string[] {
  const [noted = '', signatures = '', ...rest] = text.split('\n\n')
  if (rest.length === 0) return openWhole(text, ledger, key)
  const opened = openNote(`${noted}\n\n${signatures}\n`, originOf(ledger), key)
  if (opened.kind === 'problem') return []
  const [head, digest] = opened.value.split('\n')
  const lines = rest.join('\n\n')
  return head === headOf(ledger) && digest === digestOf(lines) ? lines.split('\n').slice(0, -1) : []
}

/** As a version before left it, once: a note of the lines themselves. What has the hash alone, and lost its lines, is none. */
function openWhole(text: string, ledger: string, key: KeyObject): readonly string[] {
  const opened = openNote(text, originOf(ledger), key)
  if (opened.kind === 'problem') return []
  const [head, ...lines] = opened.value.split('\n').slice(0, -1)
  return head === headOf(ledger) && lines.every(line => parseLine(line) !== null) ? lines : []
}

function digestOf(lines: string | Lines): string {
  return hash('sha256', lines, 'base64url')
}

/** No checkpoint begins like this. */
function headOf(ledger: string): string {
  return `leasegate/pending/${ledger}`
}
