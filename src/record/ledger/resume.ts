import { splitNotes } from './checkpoint.ts'
import { dayFile, daysOf, parseHead, textOf } from './ledger-files.ts'
import { linesOf } from './ledger-lines.ts'
import { Frontier, leafHash } from './tree.ts'

export type Resumed =
  | {
      readonly kind: 'found'
      readonly tree: Frontier
      /** That it was written in last; null where nothing is there yet. */
      readonly day: string | null
      /** Bytes of that day's whole lines: what is behind them was cut by a crash, and nothing came of it. */
      readonly length: number
    }
  | { readonly kind: 'damaged'; readonly why: string }

/** Where a ledger was left. It must hold all that the last checkpoint says: going on from less would sign another history. */
export async function resume({ folder }: { readonly folder: string }): Promise<Resumed> {
  const signed = await lastSigned(folder)
  for (const day of (await daysOf(folder, 'entries')).toReversed()) {
    const lines = linesOf(dayFile(folder, day, 'entries'))
    const head = await lines.next()
    // Cut before its head was whole: the day before is where it was left.
    if (head.done === true) continue
    const tree = parseHead(head.value)
    if (tree === null) return damaged(`the entries of ${day} have no head`)
    const { as, length } = await goOver(tree, lines, signed)
    if (!as) return damaged('it is not what its last checkpoint says')
    return { kind: 'found', tree, day, length }
  }
  if (signed !== null) return damaged('it has checkpoints and no entries')
  return { kind: 'found', tree: new Frontier(), day: null, length: 0 }
}

/** Appends the lines to the tree; whether it was as signed when it had that size, and how many bytes they are with the head. */
async function goOver(tree: Frontier, lines: ReturnType<typeof linesOf>, signed: Signed | null) {
  const isSigned = (): boolean => signed !== null && tree.size === signed.size && tree.root().equals(signed.root)
  let as = signed === null || signed.size < tree.size || isSigned()
  for (;;) {
    const line = await lines.next()
    if (line.done === true) return { as, length: line.value.length }
    tree.append(leafHash(line.value))
    as ||= isSigned()
  }
}

interface Signed {
  readonly size: number
  readonly root: Buffer
}

/** Whoever checks signatures is the verifier; this is about files that a crash or a restore left behind. */
async function lastSigned(folder: string): Promise<Signed | null> {
  for (const day of (await daysOf(folder, 'checkpoints')).toReversed()) {
    const note = splitNotes(await textOf(dayFile(folder, day, 'checkpoints'))).notes.at(-1)
    const [, size = '', root = ''] = note?.split('\n') ?? []
    if (note !== undefined) return { size: Number(size), root: Buffer.from(root, 'base64') }
  }
  return null
}

function damaged(why: string): Resumed {
  return { kind: 'damaged', why }
}
