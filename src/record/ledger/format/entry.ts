import type { Half, HalfKind } from './row-halves.ts'
import { SHAPES } from './row-halves.ts'

/**
 * A line of a ledger, which is a leaf of its tree: `kind time id hash`. It says that there is such a row, and nothing of what is in it.
 *
 * - a kind of half: the record has it. With a `?` behind it the tap went away in the middle of the insert, and the record may have it.
 * - `began`: the ledger begins; whatever was written before is in none.
 * - `checkpoint`: the hash is that of a checkpoint that was signed, the id its size.
 * - `deletion`: the hash is that of a line in the file of deletions.
 */
export interface Entry {
  readonly kind: HalfKind | `${HalfKind}?` | 'began' | 'checkpoint' | 'deletion'
  readonly at: number
  readonly id: string
  readonly hash: string
}

const OTHERS: readonly string[] = ['began', 'checkpoint', 'deletion']
const LINE = /^(?<kind>[a-z]+\??) (?<at>\d{1,15}) (?<id>[^\s]+) (?<hash>[\w-]{43})$/

export function toLine({ kind, at, id, hash }: Entry): string {
  return `${kind} ${at} ${id} ${hash}`
}

/** Null for what is no line of ours. */
export function parseLine(line: string): Entry | null {
  const { kind = '', at = '', id = '', hash = '' } = LINE.exec(line)?.groups ?? {}
  const known = OTHERS.includes(kind) || Object.hasOwn(SHAPES, kind.replace('?', ''))
  return known ? { kind: kind as Entry['kind'], at: Number(at), id, hash } : null
}

/** Of a row that the record may have or not. */
export function perhaps(line: string): string {
  return /^[a-z]+ /.test(line) ? line.replace(' ', '? ') : line
}

/** The half that a line stands for; null for the other kinds. */
export function halfOf({ kind, at, id, hash }: Entry): (Half & { readonly sure: boolean }) | null {
  if (OTHERS.includes(kind)) return null
  return { kind: kind.replace('?', '') as HalfKind, at, id, hash, sure: !kind.endsWith('?') }
}
