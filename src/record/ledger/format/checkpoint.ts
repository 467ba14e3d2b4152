import type { KeyObject } from 'node:crypto'
import { ok, type Parsed, problem } from '../../../support/text/parsed.ts'
import { openNote, signNote } from './signed-note.ts'
import type { Frontier } from './tree.ts'

/** What a ledger held at one time (c2sp.org/tlog-checkpoint). */
export interface Checkpoint {
  readonly size: number
  readonly root: Buffer
}

/** The name of a ledger in its checkpoints. */
export function originOf(ledger: string): string {
  return `leasegate/ledger/${ledger}`
}

export function signCheckpoint(ledger: string, tree: Frontier, key: KeyObject): string {
  const origin = originOf(ledger)
  return signNote(`${origin}\n${tree.size}\n${tree.root().toString('base64')}\n`, origin, key)
}

export function openCheckpoint(note: string, ledger: string, key: KeyObject): Parsed<Checkpoint> {
  const opened = openNote(note, originOf(ledger), key)
  if (opened.kind === 'problem') return opened
  const [origin, size = '', root = ''] = opened.value.split('\n')
  if (origin !== originOf(ledger)) return problem('it is of another ledger')
  if (!/^(0|[1-9]\d{0,15})$/.test(size) || !/^[A-Za-z0-9+/]{43}=$/.test(root)) return problem('it is no checkpoint')
  return ok({ size: Number(size), root: Buffer.from(root, 'base64') })
}

/** The notes of a file, in which each ends with an empty line, and what is left behind the last one. */
export function splitNotes(text: string): { readonly notes: readonly string[]; readonly rest: string } {
  // A note has one empty line inside, between its text and its signatures.
  const parts = text.split('\n\n')
  const whole = Math.floor((parts.length - 1) / 2)
  const notes = Array.from({ length: whole }, (_, n) => `${parts[2 * n]}\n\n${parts[2 * n + 1]}\n`)
  return { notes, rest: parts.slice(2 * whole).join('\n\n') }
}
