import { nodeHash } from '../../../src/record/ledger/format/tree.ts'

/** Whether a proof leads from the one root to the other (RFC 9162, section 2.1.4.2). */
export function isConsistent(
  old: { readonly size: number; readonly root: Buffer },
  grown: { readonly size: number; readonly root: Buffer },
  proof: readonly Buffer[],
): boolean {
  if (old.size === grown.size) return proof.length === 0 && old.root.equals(grown.root)
  if (old.size === 0) return proof.length === 0
  if (old.size > grown.size) return false
  const isPower = Number.isInteger(Math.log2(old.size))
  const [first, ...rest] = isPower ? [old.root, ...proof] : proof
  if (first === undefined) return false
  let [node, last] = [old.size - 1, grown.size - 1]
  while (node % 2 === 1) [node, last] = [Math.floor(node / 2), Math.floor(last / 2)]
  let [before, after] = [first, first]
  for (const hash of rest) {
    if (last === 0) return false
    if (node % 2 === 1 || node === last) {
      before = nodeHash(hash, before)
      after = nodeHash(hash, after)
      while (node % 2 === 0 && node !== 0) [node, last] = [Math.floor(node / 2), Math.floor(last / 2)]
    } else after = nodeHash(after, hash)
    ;[node, last] = [Math.floor(node / 2), Math.floor(last / 2)]
  }
  return last === 0 && before.equals(old.root) && after.equals(grown.root)
}
