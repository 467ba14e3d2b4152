import { knownOf, rangeRoot, splitOf, type Tree } from './tree.ts'

/**
 * That the tree of the first `size` leaves goes on from the one of the first `old` (RFC 6962, section 2.1.2). What is known by its frontier
 * alone must not be more than `old`.
 */
export function consistencyProof(old: number, size: number, tree: Tree): readonly Buffer[] {
  const known = knownOf(tree.before)
  const root = (from: number, to: number) => rangeRoot(tree, known, from, to)
  const proof: Buffer[] = []
  if (old === 0 || old === size) return proof
  let [from, to, whole] = [0, size, true]
  // As far down as both trees have the same part.
  while (old < to) {
    const split = from + splitOf(to - from)
    if (old <= split) {
      proof.unshift(root(split, to))
      to = split
    } else {
      proof.unshift(root(from, split))
      from = split
      whole = false
    }
  }
  return whole ? proof : [root(from, to), ...proof]
}
