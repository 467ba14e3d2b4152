import { createPublicKey, type KeyObject } from 'node:crypto'
import { join } from 'node:path'
import { type Checkpoint, openCheckpoint, splitNotes } from './format/checkpoint.ts'
import { Frontier } from './format/tree.ts'
import { dayFile, daysOf, parseHead, TIPS, textOf } from './ledger-files.ts'
import { linesOf } from './ledger-lines.ts'

export type Resumed =
  | {
      readonly kind: 'found'
      readonly tree: Frontier
      /** That it was written in last; null where nothing is there yet. */
      readonly day: string | null
      /** Bytes of that day's lines that were signed: what is behind them was cut by a crash, or is not ours. */
      readonly length: number
    }
  | { readonly kind: 'damaged'; readonly why: string }

export interface Left {
  readonly folder: string
  readonly name: string
  readonly key: KeyObject
}

/**
 * Where a ledger was left. It must hold all that was signed: going on from less would sign another history. And from nothing that was not:
 * whoever wrote to the folder meanwhile would have that signed. A batch that a crash left there unsigned is said to be on its way as well.
 */
export async function resume(left: Left): Promise<Resumed> {
  const signed = await lastSigned(left)
  if (typeof signed === 'string') return damaged(signed)
  for (const day of (await daysOf(left.folder, 'entries')).toReversed()) {
    const lines = linesOf(dayFile(left.folder, day, 'entries'))
    const head = await lines.next()
    // Cut before its head was whole: the day before is where it was left.
    if (head.done === true) continue
    const tree = parseHead(head.value)
    if (tree === null) return damaged(`the entries of ${day} have no head`)
    const length = Buffer.byteLength(head.value) + 1 + (await goOver(tree, lines, signed.size))
    if (tree.size !== signed.size || !tree.root().equals(signed.root)) return damaged('it is not what was signed last')
    return { kind: 'found', tree, day, length }
  }
  if (signed.size > 0) return damaged('it has checkpoints and no entries')
  return { kind: 'found', tree: new Frontier(), day: null, length: 0 }
}

/** Appends lines to the tree until it has this size; how many bytes they are. */
async function goOver(tree: Frontier, lines: AsyncIterable<string>, size: number): Promise<number> {
  let length = 0
  if (tree.size >= size) return length
  for await (const line of lines) {
    tree.add(line)
    length += Buffer.byteLength(line) + 1
    if (tree.size >= size) break
  }
  return length
}

const NOTHING: Checkpoint = { size: 0, root: new Frontier().root() }

/** The largest of the last checkpoint and the tips behind it; why not, where this key has not signed them. */
async function lastSigned({ folder, name, key }: Left): Promise<Checkpoint | string> {
  const days = await daysOf(folder, 'checkpoints')
  const files = [...days.map(day => dayFile(folder, day, 'checkpoints')), join(folder, TIPS)]
  let last = NOTHING
  for (const file of files.slice(-3)) {
    const note = splitNotes(await textOf(file)).notes.at(-1)
    if (note === undefined) continue
    const opened = openCheckpoint(note, name, createPublicKey(key))
    if (opened.kind === 'problem') return `what was signed last: ${opened.message}`
    if (opened.value.size > last.size) last = opened.value
  }
  return last
}

function damaged(why: string): Resumed {
  return { kind: 'damaged', why }
}
