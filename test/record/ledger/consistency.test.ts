import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { consistencyProof } from '../../../src/record/ledger/format/consistency.ts'
import { Frontier, leafHash } from '../../../src/record/ledger/format/tree.ts'
import { isConsistent } from './is-consistent.ts'

const leavesOf = (size: number): readonly Buffer[] => Array.from({ length: size }, (_, n) => leafHash(`leaf ${n}`))

function frontierOf(leaves: readonly Buffer[]): Frontier {
  const tree = new Frontier()
  for (const leaf of leaves) tree.append(leaf)
  return tree
}

const stateOf = (leaves: readonly Buffer[]) => ({ size: leaves.length, root: frontierOf(leaves).root() })

/** As RFC 6962 defines it, word by word. */
function subproof(m: number, leaves: readonly Buffer[], whole: boolean): readonly Buffer[] {
  const n = leaves.length
  if (m === n) return whole ? [] : [frontierOf(leaves).root()]
  let k = 1
  while (k * 2 < n) k *= 2
  if (m <= k) return [...subproof(m, leaves.slice(0, k), whole), frontierOf(leaves.slice(k)).root()]
  return [...subproof(m - k, leaves.slice(k), false), frontierOf(leaves.slice(0, k)).root()]
}

const sizes = fc
  .integer({ min: 1, max: 70 })
  .chain(size => fc.tuple(fc.constant(size), fc.integer({ min: 1, max: size })))

describe('consistencyProof', () => {
  test('is the one that RFC 6962 defines, also where what came before is known by its frontier alone', () => {
    fc.assert(
      fc.property(sizes, fc.nat(70), ([size, old], cut) => {
        const leaves = leavesOf(size)
        const first = Math.min(cut, old)
        const tree = { before: frontierOf(leaves.slice(0, first)), leaves: leaves.slice(first) }
        const proof = consistencyProof(old, size, tree)
        expect(proof).toEqual(subproof(old, leaves, true))
        expect(isConsistent(stateOf(leaves.slice(0, old)), stateOf(leaves), proof)).toBe(true)
      }),
    )
  })

  test('from nothing there is none to give', () => {
    expect(consistencyProof(0, 9, { before: new Frontier(), leaves: leavesOf(9) })).toEqual([])
  })
})

describe('isConsistent', () => {
  test('no proof leads from a tree that was another one, and none that was changed leads anywhere', () => {
    fc.assert(
      fc.property(sizes, fc.nat(69), fc.nat(9), ([size, old], at, which) => {
        const leaves = leavesOf(size)
        const proof = consistencyProof(old, size, { before: new Frontier(), leaves })
        const [before, after] = [stateOf(leaves.slice(0, old)), stateOf(leaves)]
        const other = leaves.slice(0, old).with(at % old, leafHash('another'))
        expect(isConsistent(stateOf(other), after, proof)).toBe(false)
        expect(isConsistent(before, after, [...proof, leafHash('more')])).toBe(false)
        if (proof.length === 0) return
        const changed = proof.with(which % proof.length, leafHash('another'))
        expect(isConsistent(before, after, changed)).toBe(false)
        expect(isConsistent(before, after, proof.slice(1))).toBe(false)
      }),
    )
  })
})
