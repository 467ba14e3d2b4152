import { hash as digest } from 'node:crypto'

/** A Merkle tree as RFC 6962 has it (section 2.1), over SHA-256: what a leaf and a node of it come to. */
export function leafHash(data: string): Buffer {
  return fromBytes(leaf(data))
}

export function nodeHash(left: Buffer, right: Buffer): Buffer {
  return fromBytes(node(toBytes(left), toBytes(right)))
}

/** A hash, a character for each byte of it: where there are thousands of them, a third of what they cost as buffers. */
type Bytes = string

function leaf(data: string): Bytes {
  return digest('sha256', `\0${data}`, 'binary')
}

function node(left: Bytes, right: Bytes): Bytes {
  NODE.write(left, 1, 'latin1')
  NODE.write(right, 33, 'latin1')
  return digest('sha256', NODE, 'binary')
}

function toBytes(hash: Buffer): Bytes {
  return hash.toString('latin1')
}

function fromBytes(bytes: Bytes): Buffer {
  return Buffer.from(bytes, 'latin1')
}

/** Used again and again: there is a node for every leaf. */
const NODE = Buffer.alloc(65, 1)
const EMPTY = digest('sha256', '', 'binary')

/**
 * All that is needed of a tree to go on with it: the roots of the perfect trees that it is made of, the largest first. There is one for
 * each bit that is set in its size.
 */
export class Frontier {
  #size: number
  readonly #roots: Bytes[]

  constructor(size = 0, roots: readonly Buffer[] = []) {
    this.#size = size
    this.#roots = roots.map(toBytes)
  }

  get size(): number {
    return this.#size
  }

  get roots(): readonly Buffer[] {
    return this.#roots.map(fromBytes)
  }

  /** Goes on by itself. */
  copy(): Frontier {
    return new Frontier(this.#size, this.roots)
  }

  append(hash: Buffer): void {
    this.#push(toBytes(hash))
  }

  /** Appends the leaf that this is. */
  add(data: string): void {
    this.#push(leaf(data))
  }

  root(): Buffer {
    return fromBytes(this.#size === 0 ? EMPTY : this.#roots.reduceRight((right, left) => node(left, right)))
  }

  #push(hash: Bytes): void {
    let root = hash
    for (let size = this.#size; size % 2 === 1; size = Math.floor(size / 2)) {
      const left = this.#roots.pop()
      if (left !== undefined) root = node(left, root)
    }
    this.#roots.push(root)
    this.#size += 1
  }
}

/** Whether so many roots make a tree of this size. */
export function fits(size: number, roots: readonly Buffer[]): boolean {
  const wanted = [...size.toString(2)].filter(bit => bit === '1').length
  return roots.length === wanted && roots.every(root => root.length === 32)
}

/** A tree whose first leaves are known by their frontier alone. */
export interface Tree {
  readonly before: Frontier
  readonly leaves: readonly Buffer[]
}

/** From the leaf's sibling up to the child of the root, in the tree of the first `size` leaves (RFC 6962, section 2.1.1). */
export function inclusionProof(index: number, size: number, tree: Tree): readonly Buffer[] {
  const known = knownOf(tree.before)
  const proof: Buffer[] = []
  let [from, to] = [0, size]
  while (to - from > 1) {
    const split = from + splitOf(to - from)
    const left = index < split
    proof.unshift(left ? rangeRoot(tree, known, split, to) : rangeRoot(tree, known, from, split))
    ;[from, to] = left ? [from, split] : [split, to]
  }
  return proof
}

/** Roots of a frontier, by where they begin and how many leaves are below. */
export function knownOf({ size, roots }: Frontier): ReadonlyMap<string, Buffer> {
  const known = new Map<string, Buffer>()
  let from = 0
  for (const root of roots) {
    const width = 2 ** Math.floor(Math.log2(size - from))
    known.set(`${from} ${width}`, root)
    from += width
  }
  return known
}

export function rangeRoot(tree: Tree, known: ReadonlyMap<string, Buffer>, from: number, to: number): Buffer {
  const found = known.get(`${from} ${to - from}`)
  if (found !== undefined) return found
  const leaf = tree.leaves[from - tree.before.size]
  if (to - from === 1) {
    if (leaf === undefined) throw new RangeError(`leaf ${from} is not known`)
    return leaf
  }
  const split = from + splitOf(to - from)
  return nodeHash(rangeRoot(tree, known, from, split), rangeRoot(tree, known, split, to))
}

/** The root that a proof leads to; null where it cannot be one for this place. */
export function rootFromProof(leaf: Buffer, index: number, size: number, proof: readonly Buffer[]): Buffer | null {
  if (index >= size) return null
  if (size === 1) return proof.length === 0 ? leaf : null
  const last = proof.at(-1)
  if (last === undefined) return null
  const split = splitOf(size)
  const rest = proof.slice(0, -1)
  if (index < split) {
    const left = rootFromProof(leaf, index, split, rest)
    return left === null ? null : nodeHash(left, last)
  }
  const right = rootFromProof(leaf, index - split, size - split, rest)
  return right === null ? null : nodeHash(last, right)
}

/** The largest power of two that is smaller. */
export function splitOf(size: number): number {
  return 2 ** Math.floor(Math.log2(size - 1))
}
