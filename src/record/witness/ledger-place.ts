import { Frontier, leafHash, type Tree } from '../ledger/format/tree.ts'
import { dayFile, daysOf, parseHead } from '../ledger/ledger-files.ts'
import { linesOf } from '../ledger/ledger-lines.ts'

/** Where a ledger's tree of some size ends in its files. */
export interface LedgerPlace {
  readonly tree: Frontier
  readonly day: string
  /** Bytes of that day's entries. */
  readonly offset: number
}

/** The place of this size; null where the ledger does not go back, or on, that far. */
export async function placeOf(folder: string, size: number): Promise<LedgerPlace | null> {
  for (const day of (await daysOf(folder, 'entries')).toReversed()) {
    const lines = linesOf(dayFile(folder, day, 'entries'))
    const head = await lines.next()
    const tree = head.done === true ? null : parseHead(head.value)
    if (tree === null || head.done === true || tree.size > size) continue
    let offset = Buffer.byteLength(head.value) + 1
    while (tree.size < size) {
      const line = await lines.next()
      if (line.done === true) return null
      tree.add(line.value)
      offset += Buffer.byteLength(line.value) + 1
    }
    await lines.return({ rest: '', length: 0 })
    return { tree, day, offset }
  }
  return null
}

/** The tree from a place on up to this size, and where that ends; null where the ledger is shorter. */
export async function growFrom(
  folder: string,
  { tree: before, day: first, offset }: LedgerPlace,
  size: number,
): Promise<{ readonly grown: Tree; readonly place: LedgerPlace } | null> {
  const tree = new Frontier(before.size, before.roots)
  const leaves: Buffer[] = []
  let place: LedgerPlace = { tree, day: first, offset }
  for (const day of (await daysOf(folder, 'entries')).filter(one => one >= first)) {
    if (tree.size >= size) break
    let at = day === first ? offset : 0
    let head = day !== first
    for await (const line of linesOf(dayFile(folder, day, 'entries'), at)) {
      if (tree.size >= size) break
      if (!head) {
        const leaf = leafHash(line)
        leaves.push(leaf)
        tree.append(leaf)
      }
      head = false
      at += Buffer.byteLength(line) + 1
      place = { tree, day, offset: at }
    }
  }
  return tree.size === size ? { grown: { before, leaves }, place } : null
}
