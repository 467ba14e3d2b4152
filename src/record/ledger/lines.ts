import { setImmediate as others } from 'node:timers/promises'
import { type Entry, perhaps, toLine } from './format/entry.ts'
import type { Frontier } from './format/tree.ts'

/** Entries as a file has them: a line each, with its line break. Of bytes, since what waits for an insert is copied by the garbage collector otherwise. */
export type Lines = Buffer

/** Some 700 lines, a millisecond. */
const SLICE = 1 << 16

export function toLines(entries: readonly Entry[]): Lines {
  return together(entries.map(toLine))
}

/** The same of rows that the record may have or not. */
export function toPerhaps(lines: readonly string[]): Lines {
  return together(lines.map(perhaps))
}

export function textsOf(lines: Lines): readonly string[] {
  return lines.toString().split('\n').slice(0, -1)
}

/** Appends them to the tree, and lets others have their turn meanwhile. */
export async function addLines(tree: Frontier, lines: Lines): Promise<void> {
  for (let at = 0; at < lines.length; ) {
    const end = lines.indexOf('\n', Math.min(at + SLICE, lines.length - 1))
    for (const line of lines.toString('utf8', at, end).split('\n')) tree.add(line)
    at = end + 1
    await others()
  }
}

function together(lines: readonly string[]): Lines {
  return Buffer.from(lines.map(line => `${line}\n`).join(''))
}
