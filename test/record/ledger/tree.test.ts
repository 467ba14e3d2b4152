import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Frontier, inclusionProof, leafHash, nodeHash, rootFromProof } from '../../../src/record/ledger/format/tree.ts'

const leavesOf = (size: number): readonly Buffer[] => Array.from({ length: size }, (_, n) => leafHash(`leaf ${n}`))

/** As RFC 6962 defines it, word by word. */
function rootOf(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 1) return leaves[0]!
  let split = 1
  while (split * 2 < leaves.length) split *= 2
  return nodeHash(rootOf(leaves.slice(0, split)), rootOf(leaves.slice(split)))
}

function frontierOf(leaves: readonly Buffer[]): Frontier {
  const tree = new Frontier()
  for (const leaf of leaves) tree.append(leaf)
  return tree
}

describe('Frontier', () => {
  // The tree that implementations of RFC 6962 are tested with (certificate-transparency, trillian).
  test.each([
    { size: 0, root: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' },
    { size: 1, root: '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d' },
    { size: 2, root: 'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125' },
    { size: 3, root: 'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77' },
    { size: 5, root: '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4' },
    { size: 8, root: '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328' },
  ])('has the root that others have, of $size leaves', ({ size, root }) => {
    const inputs = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f']
    const leaves = inputs.slice(0, size).map(hex => leafHash(Buffer.from(hex, 'hex').toString()))
    expect(frontierOf(leaves).root().toString('hex')).toBe(root)
  })

  test('comes to the root of all leaves, wherever it is gone on from', () => {
    for (let size = 1; size < 70; size++) {
      const leaves = leavesOf(size)
      const half = frontierOf(leaves.slice(0, Math.floor(size / 2)))
      const tree = new Frontier(half.size, half.roots)
      for (const leaf of leaves.slice(half.size)) tree.append(leaf)
      expect(tree.root()).toEqual(rootOf(leaves))
    }
  })
})

describe('inclusionProof', () => {
  test('leads every leaf to the root, also where the first leaves are known by their frontier alone', () => {
    for (let size = 1; size < 34; size++) {
      const leaves = leavesOf(size)
      for (const cut of [0, Math.floor(size / 3), Math.floor(size / 2)]) {
        const tree = { before: frontierOf(leaves.slice(0, cut)), leaves: leaves.slice(cut) }
        for (let index = cut; index < size; index++) {
          const proof = inclusionProof(index, size, tree)
          expect(rootFromProof(leaves[index]!, index, size, proof)).toEqual(rootOf(leaves))
        }
      }
    }
  })

  test('leads no other leaf, place or size there', () => {
    const sized = fc
      .integer({ min: 2, max: 60 })
      .chain(size => fc.tuple(fc.constant(size), fc.nat(size - 1), fc.nat(size - 1)))
    fc.assert(
      fc.property(sized, fc.nat(80), ([size, index, other], otherSize) => {
        const leaves = leavesOf(size)
        const root = rootOf(leaves)
        const proof = inclusionProof(index, size, { before: new Frontier(), leaves })
        fc.pre(other !== index)
        expect(rootFromProof(leaves[other]!, index, size, proof)).not.toEqual(root)
        expect(rootFromProof(leaves[index]!, index, size, proof.slice(1))).not.toEqual(root)
        expect(rootFromProof(leaves[index]!, index, size, [...proof, root])).not.toEqual(root)
        if (otherSize < index) expect(rootFromProof(leaves[index]!, index, otherSize, proof)).toBe(null)
      }),
    )
  })
})
